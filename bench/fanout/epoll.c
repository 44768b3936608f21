/*
 * What the kernel takes to send a row to each of many sockets, without Node: a frame as long as one
 * of 100 instruments, at every full second, to whoever has said something. Prints where it listens.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define MOST_SOCKETS 65536
#define FRAME_BYTES 893
#define HEAD_BYTES 4
#define EVENTS 512

static int sockets[MOST_SOCKETS];
static int count;
/* Where the socket of a file descriptor is; -1 while it has said nothing. */
static int place[MOST_SOCKETS];

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void hang_up(int fd) {
  if (place[fd] >= 0) {
    int last = sockets[--count];
    sockets[place[fd]] = last;
    place[last] = place[fd];
    place[fd] = -1;
  }
  close(fd);
}

static void take_all(int listener, int events) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0) return;
    if (fd >= MOST_SOCKETS) {
      close(fd);
      continue;
    }
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(events, EPOLL_CTL_ADD, fd, &event) < 0) fail("epoll_ctl");
  }
}

static void hear(int fd) {
  char bytes[256];
  ssize_t got = recv(fd, bytes, sizeof bytes, 0);
  if (got == 0 || (got < 0 && errno != EAGAIN)) {
    hang_up(fd);
  } else if (place[fd] < 0) {
    place[fd] = count;
    sockets[count++] = fd;
  }
}

static void send_row(void) {
  static char frame[FRAME_BYTES];
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  long long until = (long long)now.tv_sec * 1000;
  uint16_t length = htons(FRAME_BYTES - HEAD_BYTES);
  memset(frame, '1', sizeof frame);
  frame[0] = (char)0x81;
  frame[1] = 126;
  memcpy(frame + 2, &length, sizeof length);
  char text[128];
  int size = snprintf(text, sizeof text, "{\"type\":\"rows\",\"id\":1,\"since\":%lld,\"until\":%lld,",
                      until - 1000, until);
  memcpy(frame + HEAD_BYTES, text, (size_t)size);
  for (int n = count - 1; n >= 0; n--) {
    ssize_t sent = send(sockets[n], frame, sizeof frame, MSG_NOSIGNAL | MSG_DONTWAIT);
    /* Who does not read is of no use here. */
    if (sent != FRAME_BYTES) hang_up(sockets[n]);
  }
}

int main(void) {
  for (int n = 0; n < MOST_SOCKETS; n++) place[n] = -1;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  if (listener < 0) fail("socket");
  if (bind(listener, (struct sockaddr *)&address, size) < 0) fail("bind");
  if (listen(listener, 4096) < 0) fail("listen");
  if (getsockname(listener, (struct sockaddr *)&address, &size) < 0) fail("getsockname");

  int timer = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  struct itimerspec seconds = {.it_interval.tv_sec = 1, .it_value.tv_sec = now.tv_sec + 1};
  if (timer < 0) fail("timerfd_create");
  if (timerfd_settime(timer, TFD_TIMER_ABSTIME, &seconds, NULL) < 0) fail("timerfd_settime");

  int events = epoll_create1(0);
  struct epoll_event wanted = {.events = EPOLLIN, .data.fd = listener};
  if (events < 0 || epoll_ctl(events, EPOLL_CTL_ADD, listener, &wanted) < 0) fail("epoll");
  wanted.data.fd = timer;
  if (epoll_ctl(events, EPOLL_CTL_ADD, timer, &wanted) < 0) fail("epoll");
  printf("http://127.0.0.1:%d\n", ntohs(address.sin_port));
  fflush(stdout);

  struct epoll_event ready[EVENTS];
  for (;;) {
    int found = epoll_wait(events, ready, EVENTS, -1);
    for (int n = 0; n < found; n++) {
      int fd = ready[n].data.fd;
      if (fd == listener) {
        take_all(listener, events);
      } else if (fd == timer) {
        uint64_t ticks;
        if (read(timer, &ticks, sizeof ticks) == sizeof ticks) send_row();
      } else {
        hear(fd);
      }
    }
  }
}
