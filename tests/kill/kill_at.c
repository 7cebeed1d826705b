/* Preloaded into a program under test: kills it with SIGKILL at the N-th operation that changes a watched file, so that a
 * proof can visit every such instant in turn.
 *
 *   KILL_MATCH   a path must contain this to be watched ("|" separates alternatives)
 *   KILL_AT      the operation, from 1; 0 or absent: never, only count
 *   KILL_TORN    1: the operation that kills does half of its bytes first
 *   KILL_COUNT   file that gets the number of operations at the program's end */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long operations;

static int path_is_watched(const char* path) {
  const char* match = getenv("KILL_MATCH");
  if (match == NULL || path == NULL) return 0;
  char copy[1024];
  snprintf(copy, sizeof copy, "%s", match);
  char* rest = NULL;
  for (char* part = strtok_r(copy, "|", &rest); part != NULL; part = strtok_r(NULL, "|", &rest))
    if (strstr(path, part) != NULL) return 1;
  return 0;
}

static int is_watched(int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  if (n <= 0) return 0;
  path[n] = 0;
  return path_is_watched(path);
}

/* 1: this is the operation at which the process ends. */
static int is_the_end(void) {
  const char* at = getenv("KILL_AT");
  long now = atomic_fetch_add(&operations, 1) + 1;
  return at != NULL && atol(at) == now;
}

static int is_torn(void) {
  const char* torn = getenv("KILL_TORN");
  return torn != NULL && torn[0] == '1';
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void* data, size_t size) {
  if (fd > 2 && is_watched(fd) && is_the_end()) {
    if (is_torn()) REAL(write)(fd, data, size / 2);
    die();
  }
  return REAL(write)(fd, data, size);
}

ssize_t pwrite(int fd, const void* data, size_t size, off_t at) {
  if (is_watched(fd) && is_the_end()) {
    if (is_torn()) REAL(pwrite)(fd, data, size / 2, at);
    die();
  }
  return REAL(pwrite)(fd, data, size, at);
}

ssize_t pwrite64(int fd, const void* data, size_t size, off64_t at) {
  if (is_watched(fd) && is_the_end()) {
    if (is_torn()) REAL(pwrite64)(fd, data, size / 2, at);
    die();
  }
  return REAL(pwrite64)(fd, data, size, at);
}

int fsync(int fd) {
  if (is_watched(fd) && is_the_end()) die();
  return REAL(fsync)(fd);
}

int fdatasync(int fd) {
  if (is_watched(fd) && is_the_end()) die();
  return REAL(fdatasync)(fd);
}

int ftruncate(int fd, off_t size) {
  if (is_watched(fd) && is_the_end()) die();
  return REAL(ftruncate)(fd, size);
}

int ftruncate64(int fd, off64_t size) {
  if (is_watched(fd) && is_the_end()) die();
  return REAL(ftruncate64)(fd, size);
}

int unlink(const char* path) {
  if (path_is_watched(path) && is_the_end()) die();
  return REAL(unlink)(path);
}

int rename(const char* from, const char* to) {
  if (path_is_watched(to) && is_the_end()) die();
  return REAL(rename)(from, to);
}

__attribute__((destructor)) static void report(void) {
  const char* file = getenv("KILL_COUNT");
  if (file == NULL) return;
  FILE* out = fopen(file, "w");
  if (out == NULL) return;
  fprintf(out, "%ld\n", atomic_load(&operations));
  fclose(out);
}
