/* Preloaded into `godwit contract`: lets the N-th operation on files and sockets fail, once, while it is armed. Operations of a plugin, of
 * its libraries and of the drivers below them are all counted, since they all go through these names of the C library.
 *
 *   godwit_faults_arm(n)     count from 0 now; operation n (from 1) fails with EIO; on a socket with ECONNRESET, and the
 *                          connection is cut. 0: only count
 *   godwit_faults_disarm()   answers how many operations there were since
 *
 * Reads and writes of standard input, output and error are left alone, and so are pipes and special files. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long operations, failing;
static atomic_int armed;

__attribute__((visibility("default"))) void godwit_faults_arm(long at) {
  atomic_store(&operations, 0);
  atomic_store(&failing, at);
  atomic_store(&armed, 1);
}
__attribute__((visibility("default"))) long godwit_faults_disarm(void) {
  atomic_store(&armed, 0);
  return atomic_load(&operations);
}

/* Whether this operation is the one that fails. */
static int turn(void) {
  if (!atomic_load(&armed)) return 0;
  return atomic_fetch_add(&operations, 1) + 1 == atomic_load(&failing);
}

/* 0: not counted; EIO for a file, ECONNRESET for a socket. */
static int kind_of(int fd) {
  struct stat what;
  if (!atomic_load(&armed) || fd <= 2 || fstat(fd, &what) != 0) return 0;
  return S_ISREG(what.st_mode) ? EIO : S_ISSOCK(what.st_mode) ? ECONNRESET : 0;
}
static int fails(int fd) {
  const int kind = kind_of(fd);
  if (kind == 0 || !turn()) return 0;
  // A connection that was reset is gone for both sides: drivers may wait for the server's last words, which then must not be missing.
  if (kind == ECONNRESET) shutdown(fd, SHUT_RDWR);
  errno = kind;
  return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define API __attribute__((visibility("default")))

API ssize_t read(int fd, void* to, size_t size) { return fails(fd) ? -1 : REAL(read)(fd, to, size); }
API ssize_t write(int fd, const void* from, size_t size) { return fails(fd) ? -1 : REAL(write)(fd, from, size); }
API ssize_t pread(int fd, void* to, size_t size, off_t at) { return fails(fd) ? -1 : REAL(pread)(fd, to, size, at); }
API ssize_t pread64(int fd, void* to, size_t size, off64_t at) { return fails(fd) ? -1 : REAL(pread64)(fd, to, size, at); }
API ssize_t pwrite(int fd, const void* from, size_t size, off_t at) { return fails(fd) ? -1 : REAL(pwrite)(fd, from, size, at); }
API ssize_t pwrite64(int fd, const void* from, size_t size, off64_t at) { return fails(fd) ? -1 : REAL(pwrite64)(fd, from, size, at); }
API ssize_t readv(int fd, const struct iovec* to, int n) { return fails(fd) ? -1 : REAL(readv)(fd, to, n); }
API ssize_t writev(int fd, const struct iovec* from, int n) { return fails(fd) ? -1 : REAL(writev)(fd, from, n); }
API int fsync(int fd) { return fails(fd) ? -1 : REAL(fsync)(fd); }
API int fdatasync(int fd) { return fails(fd) ? -1 : REAL(fdatasync)(fd); }
API int ftruncate(int fd, off_t size) { return fails(fd) ? -1 : REAL(ftruncate)(fd, size); }
API int ftruncate64(int fd, off64_t size) { return fails(fd) ? -1 : REAL(ftruncate64)(fd, size); }
API ssize_t send(int fd, const void* from, size_t size, int flags) { return fails(fd) ? -1 : REAL(send)(fd, from, size, flags); }
API ssize_t recv(int fd, void* to, size_t size, int flags) { return fails(fd) ? -1 : REAL(recv)(fd, to, size, flags); }
API ssize_t sendmsg(int fd, const struct msghdr* m, int flags) { return fails(fd) ? -1 : REAL(sendmsg)(fd, m, flags); }
API ssize_t recvmsg(int fd, struct msghdr* m, int flags) { return fails(fd) ? -1 : REAL(recvmsg)(fd, m, flags); }
API ssize_t sendto(int fd, const void* from, size_t size, int flags, const struct sockaddr* to, socklen_t n) {
  return fails(fd) ? -1 : REAL(sendto)(fd, from, size, flags, to, n);
}
API ssize_t recvfrom(int fd, void* to, size_t size, int flags, struct sockaddr* from, socklen_t* n) {
  return fails(fd) ? -1 : REAL(recvfrom)(fd, to, size, flags, from, n);
}
API int connect(int fd, const struct sockaddr* to, socklen_t n) {
  if (turn()) return errno = ECONNREFUSED, -1;
  return REAL(connect)(fd, to, n);
}
API int rename(const char* from, const char* to) {
  if (turn()) return errno = EIO, -1;
  return REAL(rename)(from, to);
}

/* The C library's own functions open files past these names; what is left are files of the plugin and its drivers. Opening for reading a file
 * that is optional (a configuration, a locale) fails in so many harmless ways that only opening for writing counts. */
static int opening_fails(int flags) {
  if ((flags & (O_WRONLY | O_RDWR | O_CREAT)) == 0 || !turn()) return 0;
  errno = EIO;
  return 1;
}
#define MODE(flags)                  \
  mode_t mode = 0;                   \
  if ((flags & O_CREAT) != 0) {      \
    va_list more;                    \
    va_start(more, flags);           \
    mode = va_arg(more, mode_t);     \
    va_end(more);                    \
  }
API int open(const char* path, int flags, ...) {
  MODE(flags)
  return opening_fails(flags) ? -1 : REAL(open)(path, flags, mode);
}
API int open64(const char* path, int flags, ...) {
  MODE(flags)
  return opening_fails(flags) ? -1 : REAL(open64)(path, flags, mode);
}
API int openat(int folder, const char* path, int flags, ...) {
  MODE(flags)
  return opening_fails(flags) ? -1 : REAL(openat)(folder, path, flags, mode);
}
API FILE* fopen(const char* path, const char* mode) {
  if (mode != NULL && mode[0] != 'r' && turn()) return errno = EIO, (FILE*)NULL;
  return REAL(fopen)(path, mode);
}
API FILE* fopen64(const char* path, const char* mode) {
  if (mode != NULL && mode[0] != 'r' && turn()) return errno = EIO, (FILE*)NULL;
  return REAL(fopen64)(path, mode);
}
