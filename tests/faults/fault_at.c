/* Preloaded into a program under test: does it harm at the N-th operation on a watched file or connection, so that a proof can visit
 * every such instant in turn.
 *
 *   FAULT_MATCH  a file's path must contain this to be watched ("|" separates alternatives)
 *   FAULT_PORT   connections to this TCP port are watched
 *   FAULT_READS  1: opening and reading a watched file count, too, not only what changes it
 *   FAULT_AT     the operation, from 1; 0 or absent: never, only count
 *   FAULT_HOW    kill    SIGKILL before the operation
 *                torn    SIGKILL when half of its bytes are done
 *                eio, enospc   the operation fails with this error
 *                reset   the connection is gone
 *   FAULT_LAST   how many operations fail from there on (1 unless told; 0: all)
 *   FAULT_WHEN   nothing happens, and nothing counts, but while this file exists
 *   FAULT_COUNT  file that gets the number of operations at the program's end
 *   CLOCK_AT     the reading of the wall clock, from 1, from which on it is wrong by CLOCK_JUMP seconds */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static atomic_long operations, clock_readings;

static long number(const char* name, long otherwise) {
  const char* value = getenv(name);
  return value == NULL ? otherwise : atol(value);
}

static int is(const char* name, const char* wanted) {
  const char* value = getenv(name);
  return value != NULL && strcmp(value, wanted) == 0;
}

static int path_is_watched(const char* path) {
  const char* match = getenv("FAULT_MATCH");
  if (match == NULL || path == NULL) return 0;
  char copy[1024];
  snprintf(copy, sizeof copy, "%s", match);
  char* rest = NULL;
  for (char* part = strtok_r(copy, "|", &rest); part != NULL; part = strtok_r(NULL, "|", &rest))
    if (strstr(path, part) != NULL) return 1;
  return 0;
}

static int connection_is_watched(int fd) {
  const long port = number("FAULT_PORT", 0);
  if (port == 0) return 0;
  struct sockaddr_storage peer;
  socklen_t size = sizeof peer;
  if (getpeername(fd, (struct sockaddr*)&peer, &size) != 0) return 0;
  if (peer.ss_family == AF_INET) return ntohs(((struct sockaddr_in*)&peer)->sin_port) == port;
  if (peer.ss_family == AF_INET6) return ntohs(((struct sockaddr_in6*)&peer)->sin6_port) == port;
  return 0;
}

static int file_is_watched(int fd) {
  if (getenv("FAULT_MATCH") == NULL) return 0;
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t n = readlink(link, path, sizeof path - 1);
  if (n <= 0) return 0;
  path[n] = 0;
  return path_is_watched(path);
}

static _Noreturn void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

enum verdict { GO_ON, TEAR, FAIL };

/* A full disk lets what is there be flushed, shortened and removed. */
static int takes_no_space(void) { return is("FAULT_HOW", "enospc"); }

/* Counts one operation; dies when it is its turn, or says what is to become of it. */
static enum verdict judge(void) {
  const char* when = getenv("FAULT_WHEN");
  if (when != NULL && access(when, F_OK) != 0) return GO_ON;
  const long now = atomic_fetch_add(&operations, 1) + 1, at = number("FAULT_AT", 0), last = number("FAULT_LAST", 1);
  if (at == 0 || now < at || (last != 0 && now >= at + last)) return GO_ON;
  if (is("FAULT_HOW", "eio")) errno = EIO;
  else if (is("FAULT_HOW", "enospc")) errno = ENOSPC;
  else if (is("FAULT_HOW", "reset")) errno = ECONNRESET;
  else if (now != at) return GO_ON;
  else if (is("FAULT_HOW", "torn")) return TEAR;
  else die();
  return FAIL;
}

static enum verdict judge_file(int fd) { return fd > 2 && file_is_watched(fd) ? judge() : GO_ON; }
static enum verdict judge_other(int fd) { return takes_no_space() ? GO_ON : judge_file(fd); }
static enum verdict judge_path(const char* path) { return !takes_no_space() && path_is_watched(path) ? judge() : GO_ON; }
static enum verdict judge_read(int fd) { return fd > 2 && number("FAULT_READS", 0) && file_is_watched(fd) ? judge() : GO_ON; }
static enum verdict judge_connection(int fd) {
  if (!connection_is_watched(fd)) return GO_ON;
  const enum verdict found = judge();
  if (found == FAIL) {
    const int error = errno;
    shutdown(fd, SHUT_RDWR);
    errno = error;
  }
  return found;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* An operation that moves `size` bytes; `part` does it with half of them. */
#define MOVE(verdict, part, whole) \
  switch (verdict) {               \
    case FAIL: return -1;          \
    case TEAR: (void)!(part); die(); \
    default: return whole;         \
  }

ssize_t write(int fd, const void* data, size_t size) { MOVE(judge_file(fd), REAL(write)(fd, data, size / 2), REAL(write)(fd, data, size)) }
ssize_t pwrite(int fd, const void* data, size_t size, off_t at) { MOVE(judge_file(fd), REAL(pwrite)(fd, data, size / 2, at), REAL(pwrite)(fd, data, size, at)) }
ssize_t pwrite64(int fd, const void* data, size_t size, off64_t at) { MOVE(judge_file(fd), REAL(pwrite64)(fd, data, size / 2, at), REAL(pwrite64)(fd, data, size, at)) }
ssize_t writev(int fd, const struct iovec* parts, int count) { MOVE(judge_file(fd), REAL(writev)(fd, parts, count / 2), REAL(writev)(fd, parts, count)) }
ssize_t read(int fd, void* data, size_t size) { MOVE(judge_read(fd), 0, REAL(read)(fd, data, size)) }
ssize_t pread(int fd, void* data, size_t size, off_t at) { MOVE(judge_read(fd), 0, REAL(pread)(fd, data, size, at)) }
ssize_t pread64(int fd, void* data, size_t size, off64_t at) { MOVE(judge_read(fd), 0, REAL(pread64)(fd, data, size, at)) }
int fsync(int fd) { MOVE(judge_other(fd), 0, REAL(fsync)(fd)) }
int fdatasync(int fd) { MOVE(judge_other(fd), 0, REAL(fdatasync)(fd)) }
int ftruncate(int fd, off_t size) { MOVE(judge_other(fd), 0, REAL(ftruncate)(fd, size)) }
int ftruncate64(int fd, off64_t size) { MOVE(judge_other(fd), 0, REAL(ftruncate64)(fd, size)) }
int unlink(const char* path) { MOVE(judge_path(path), 0, REAL(unlink)(path)) }
int rename(const char* from, const char* to) { MOVE(judge_path(to), 0, REAL(rename)(from, to)) }

static int opened(const char* symbol, const char* path, int flags, mode_t mode) {
  if (number("FAULT_READS", 0) && path_is_watched(path) && judge() != GO_ON) return -1;
  return ((int (*)(const char*, int, ...))dlsym(RTLD_NEXT, symbol))(path, flags, mode);
}
#define MODE_OF(mode, flags)                                     \
  mode_t mode = 0;                                               \
  if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE) { \
    va_list rest;                                                \
    va_start(rest, flags);                                       \
    mode = va_arg(rest, mode_t);                                 \
    va_end(rest);                                                \
  }
int open(const char* path, int flags, ...) {
  MODE_OF(mode, flags)
  return opened("open", path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  MODE_OF(mode, flags)
  return opened("open64", path, flags, mode);
}

ssize_t send(int fd, const void* data, size_t size, int flags) { MOVE(judge_connection(fd), REAL(send)(fd, data, size / 2, flags), REAL(send)(fd, data, size, flags)) }
ssize_t recv(int fd, void* data, size_t size, int flags) { MOVE(judge_connection(fd), 0, REAL(recv)(fd, data, size, flags)) }

int clock_gettime(clockid_t which, struct timespec* out) {
  static int (*real)(clockid_t, struct timespec*);
  if (real == NULL) real = REAL(clock_gettime);
  const int result = real(which, out);
  if (which == CLOCK_REALTIME && result == 0) {
    const long at = number("CLOCK_AT", 0);
    if (at != 0 && atomic_fetch_add(&clock_readings, 1) + 1 >= at) out->tv_sec += number("CLOCK_JUMP", 0);
  }
  return result;
}

__attribute__((destructor)) static void report(void) {
  const char* file = getenv("FAULT_COUNT");
  if (file == NULL) return;
  FILE* out = fopen(file, "w");
  if (out == NULL) return;
  fprintf(out, "%ld\n", atomic_load(&operations));
  fclose(out);
}
