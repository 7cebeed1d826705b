// The `godwit` program.

#include <malloc.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "core/cli/program.hpp"

int main(int argc, char** argv) {
  // Blocks of a batch go back to the system when they are freed. glibc would otherwise come to keep them once they are reused,
  // which costs a run some megabytes of its `memory:` and gains no time.
  mallopt(M_MMAP_THRESHOLD, 128 << 10);
  // A limit on the size of files is to be an error like a full disk, not a death without a word.
  std::signal(SIGXFSZ, SIG_IGN);
  std::ios::sync_with_stdio(false);
  godwit::cli::World world;
  world.out = &std::cout, world.err = &std::cerr, world.in = &std::cin;
  world.out_is_terminal = isatty(STDOUT_FILENO) != 0, world.err_is_terminal = isatty(STDERR_FILENO) != 0;
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) world.terminal_width = size.ws_col;
  world.arguments.assign(argv, argv + argc);
  std::error_code gone;  // a working directory that was removed
  world.folder = std::filesystem::current_path(gone);
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG", "USER", "LOGNAME"})
    if (const char* value = std::getenv(name); value != nullptr) world.environment[name] = value;
  const int code = godwit::cli::run_program({argv + 1, argv + argc}, world);
  std::cout.flush();
  return code;
}
