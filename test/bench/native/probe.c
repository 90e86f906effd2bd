/* The smallest child there is: stamps the monotonic clock at its first instruction, writes one line, waits.
 *
 *   probe FIFO [TAG [MODE]]     MODE: stay (default), exit, deaf (ignores SIGTERM)
 *
 * Linked statically, so that no loader runs before the stamp: what is measured is the tool. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct timespec born;

/* Linked statically, a constructor of this priority runs before anything else of ours or of the library's. */
__attribute__((constructor(101))) static void stamp(void) { clock_gettime(CLOCK_MONOTONIC, &born); }

int main(int argc, char **argv) {
  const char *fifo = argc > 1 ? argv[1] : "/dev/null";
  const char *tag = argc > 2 ? argv[2] : "run";
  const char *mode = argc > 3 ? argv[3] : "stay";
  char line[128];
  if (strcmp(mode, "deaf") == 0) signal(SIGTERM, SIG_IGN);
  int length = snprintf(line, sizeof line, "%lld%09ld %d %s\n", (long long)born.tv_sec, born.tv_nsec, (int)getpid(), tag);
  int fd = open(fifo, O_WRONLY | O_APPEND | O_CLOEXEC);
  if (fd >= 0 && write(fd, line, (size_t)length) != length) return 1;
  if (strcmp(mode, "exit") == 0) return 0;
  for (;;) pause();
}
