// Sending that fails: this program's own send() stands before the C library's, for libcurl too.

#include <dlfcn.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>

#include "core/http/tests/support.hpp"

namespace {
std::atomic<int> failing{0};  // so many of the next that go out to the network fail
}

extern "C" __attribute__((visibility("default"))) ssize_t send(int fd, const void* from, size_t size, int flags) {
  static const auto real = reinterpret_cast<ssize_t (*)(int, const void*, size_t, int)>(dlsym(RTLD_NEXT, "send"));
  sockaddr_storage peer{};
  socklen_t length = sizeof peer;
  const bool network = getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &length) == 0 && peer.ss_family == AF_INET;
  if (network && size > 4 && std::string_view(static_cast<const char*>(from), 4) == "GET " && failing > 0) {
    --failing, shutdown(fd, SHUT_RDWR), errno = ECONNRESET;
    return -1;
  }
  return real(fd, from, size, flags);
}

namespace godwit::http {
namespace {

// libcurl kept such a connection as one to be shared as soon as it is known whether it can be, which it never was: all that came after it waited for ever.
TEST(BrokenSend, AConnectionThatBreaksBeforeItsFirstCallHoldsUpNobody) {
  TestServer server([](const Seen&) { return status(200); });
  const auto client = open(quick(server));
  for (const int times : {1, 2, 3}) {
    failing = times;
    const Answer answer = call(*client, get("/x"));
    EXPECT_EQ(answer.verdict, Verdict::ok) << answer.message;
    EXPECT_EQ(failing, 0) << "no call met the fault";
    EXPECT_EQ(answer.attempts, times + 1);
  }
  failing = 4;
  EXPECT_NE(call(*client, get("/x")).verdict, Verdict::ok);
  EXPECT_EQ(call(*client, get("/x")).verdict, Verdict::ok);
}

}  // namespace
}  // namespace godwit::http
