/* Never comes back from being loaded. */
#include <unistd.h>
__attribute__((constructor)) static void hang(void) {
  for (;;) pause();
}
