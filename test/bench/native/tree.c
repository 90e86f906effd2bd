/* Process trees of the shapes that leak. Each process that stays writes one line to FIFO ("stamp pid shape") and waits.
 *
 *   tree FIFO SHAPE
 *
 * A descriptor 3 that is handed in is held by all of them: its other end sees the end of the last one. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *fifo, *shape;

static void stay(void) {
  struct timespec now;
  char line[128];
  clock_gettime(CLOCK_MONOTONIC, &now);
  int length = snprintf(line, sizeof line, "%lld%09ld %d %s\n", (long long)now.tv_sec, now.tv_nsec, (int)getpid(), shape);
  int fd = open(fifo, O_WRONLY | O_APPEND | O_CLOEXEC);
  if (fd < 0 || write(fd, line, (size_t)length) != length) _exit(1);
  close(fd);
  for (;;) pause();
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  fifo = argv[1];
  shape = argv[2];
  if (strcmp(shape, "leaf") == 0) stay();

  if (strcmp(shape, "family") == 0) { /* 3: parent, child, grandchild */
    if (fork() == 0) {
      fork();
      stay();
    }
  } else if (strcmp(shape, "session") == 0) { /* 3: the grandchild leads a session of its own */
    if (fork() == 0) {
      if (fork() == 0) setsid();
      stay();
    }
  } else if (strcmp(shape, "orphan") == 0) { /* 2: a double fork within the group */
    if (fork() == 0) {
      if (fork() == 0) stay();
      _exit(0);
    }
  } else if (strcmp(shape, "daemon") == 0) { /* 2: a daemon as the book says */
    if (fork() == 0) {
      setsid();
      if (fork() == 0) stay();
      _exit(0);
    }
  } else if (strcmp(shape, "wrapper") == 0) { /* 1: who started it has gone */
    if (fork() == 0) stay();
    return 0;
  } else if (strcmp(shape, "cleared") == 0) { /* 2: a daemon that cleared its environment */
    if (fork() == 0) {
      setsid();
      if (fork() == 0) {
        char *arguments[] = {argv[0], argv[1], "leaf", NULL}, *nothing[] = {NULL};
        execve("/proc/self/exe", arguments, nothing);
      }
      _exit(0);
    }
  } else if (strcmp(shape, "deaf") == 0) { /* 2: the child does not listen to SIGTERM */
    if (fork() == 0) {
      signal(SIGTERM, SIG_IGN);
      stay();
    }
  } else
    return 2;
  stay();
}
