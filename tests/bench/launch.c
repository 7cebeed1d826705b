/* launch PROGRAM [ARGUMENT]...: runs a program and appends one line to the file that LAUNCH_RESULT names: exit code, wall seconds,
 * user seconds, system seconds, peak of the resident memory in KiB.
 *
 * A program of its own, because the kernel counts the memory of the process that forked into the peak of its child: started from
 * an interpreter, nothing would seem to need less than the interpreter. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval t) { return (double)t.tv_sec + (double)t.tv_usec * 1e-6; }

int main(int count, char** arguments) {
  const char* result = getenv("LAUNCH_RESULT");
  if (count < 2 || result == NULL) {
    fprintf(stderr, "usage: LAUNCH_RESULT=FILE launch PROGRAM [ARGUMENT]...\n");
    return 2;
  }
  struct timespec begin, end;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  const pid_t child = fork();
  if (child < 0) {
    perror("launch: fork");
    return 2;
  }
  if (child == 0) {
    execvp(arguments[1], arguments + 1);
    fprintf(stderr, "launch: %s: %s\n", arguments[1], strerror(errno));
    _exit(127);
  }
  int status = 0;
  struct rusage use;
  while (wait4(child, &status, 0, &use) < 0) {
    if (errno != EINTR) {
      perror("launch: wait4");
      return 2;
    }
  }
  clock_gettime(CLOCK_MONOTONIC, &end);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  FILE* out = fopen(result, "w");
  if (out == NULL) {
    perror(result);
    return 2;
  }
  fprintf(out, "%d %.6f %.6f %.6f %ld\n", code, (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) * 1e-9,
          seconds(use.ru_utime), seconds(use.ru_stime), use.ru_maxrss);
  return fclose(out) == 0 ? code : 2;
}
