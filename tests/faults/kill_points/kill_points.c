/* A child that loads this before libc (LD_PRELOAD) dies or sees its disk fail at one chosen change of a watched folder.
 * Every call that changes a file below the folder is counted; the parent chooses at which number what happens. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { COUNT = 0, KILL = 1, KILL_HALFWAY = 2, FAIL_ONCE = 3, FAIL_FROM = 4 };
enum { GO_ON = 0, FAIL = 1, HALF = 2 };
#define DESCRIPTORS 65536
static char folder[4096];
static size_t length;
static volatile long count, chosen;
static int mode, fault;
static unsigned char watched[DESCRIPTORS];

/* Watch the folder (an absolute path) from now on. mode: see above; number: which change; error: an errno. */
void kill_points_arm(const char *path, int how, long number, int error) {
    snprintf(folder, sizeof folder, "%s", path);
    length = strlen(folder);
    memset(watched, 0, sizeof watched);
    mode = how; chosen = number; fault = error; count = 0;
}

long kill_points_count(void) { return count; }

static void die(void) {
    syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
    for (;;) pause();
}

/* Count a change, and say what becomes of it. On a full disk, only new bytes and names fail. */
static int change(int is_write, int needs_space) {
    long number = __sync_add_and_fetch(&count, 1);
    if (mode == KILL && number == chosen) die();
    if (mode == KILL_HALFWAY && number == chosen) { if (!is_write) die(); return HALF; }
    if ((mode == FAIL_ONCE && number == chosen) || (mode == FAIL_FROM && number >= chosen && needs_space)) {
        errno = fault;
        return FAIL;
    }
    return GO_ON;
}

static int below(const char *path) {
    return length && path && !strncmp(path, folder, length) && (path[length] == '/' || !path[length]);
}

static int below_at(int at, const char *path) {
    char link[64], base[4096];
    if (!length || !path || path[0] == '/' || at == AT_FDCWD) return below(path);
    snprintf(link, sizeof link, "/proc/self/fd/%d", at);
    ssize_t size = readlink(link, base, sizeof base - 1);
    if (size < 0) return 0;
    base[size] = 0;
    return below(base);
}

static int is_watched(int fd) { return length && fd >= 0 && fd < DESCRIPTORS && watched[fd]; }

#define REAL(name) static typeof(&name) real; if (!real) real = dlsym(RTLD_NEXT, #name)
#define REFUSE(test, space) if ((test) && change(0, space) == FAIL) return -1
#define OPENED(test, call) \
    int inside = (test), made, permissions = 0; \
    if (flags & (O_CREAT | O_TMPFILE)) { \
        va_list rest; \
        va_start(rest, flags); permissions = va_arg(rest, int); va_end(rest); \
    } \
    REFUSE(inside && (flags & (O_CREAT | O_TRUNC)), 1); \
    made = call; \
    if (made >= 0 && made < DESCRIPTORS) watched[made] = inside && (flags & O_ACCMODE) != O_RDONLY; \
    return made

#define OPEN_CALL(name, before, at, args) \
    int name(before const char *path, int flags, ...) { REAL(name); OPENED(below_at(at, path), real args); }
#define NOTHING
OPEN_CALL(open, NOTHING, AT_FDCWD, (path, flags, permissions))
OPEN_CALL(open64, NOTHING, AT_FDCWD, (path, flags, permissions))
#define AT int at,
OPEN_CALL(openat, AT, at, (at, path, flags, permissions))
OPEN_CALL(openat64, AT, at, (at, path, flags, permissions))

int close(int fd) {
    REAL(close);
    if (fd >= 0 && fd < DESCRIPTORS) watched[fd] = 0;
    return real(fd);
}

/* A call that writes to fd; half: its arguments for about half of the bytes. */
#define WRITE_CALL(name, parameters, fd, half, all) \
    ssize_t name parameters { \
        REAL(name); \
        if (is_watched(fd)) { \
            int what = change(1, 1); \
            if (what == FAIL) return -1; \
            if (what == HALF) { ssize_t done = real half; (void)done; die(); } \
        } \
        return real all; \
    }
WRITE_CALL(write, (int fd, const void *b, size_t n), fd, (fd, b, n / 2), (fd, b, n))
WRITE_CALL(pwrite, (int fd, const void *b, size_t n, off_t at), fd, (fd, b, n / 2, at), (fd, b, n, at))
WRITE_CALL(pwrite64, (int fd, const void *b, size_t n, off64_t at), fd, (fd, b, n / 2, at), (fd, b, n, at))
WRITE_CALL(writev, (int fd, const struct iovec *b, int n), fd, (fd, b, n / 2), (fd, b, n))
WRITE_CALL(pwritev, (int fd, const struct iovec *b, int n, off_t at), fd, (fd, b, n / 2, at), (fd, b, n, at))
WRITE_CALL(pwritev64, (int fd, const struct iovec *b, int n, off64_t at), fd, (fd, b, n / 2, at), (fd, b, n, at))
WRITE_CALL(sendfile, (int to, int from, off_t *at, size_t n), to, (to, from, at, n / 2), (to, from, at, n))
WRITE_CALL(sendfile64, (int to, int from, off64_t *at, size_t n), to, (to, from, at, n / 2), (to, from, at, n))
WRITE_CALL(copy_file_range, (int from, off64_t *a, int to, off64_t *b, size_t n, unsigned flags), to,
           (from, a, to, b, n / 2, flags), (from, a, to, b, n, flags))

/* A call that changes something else; space: whether it fails on a full disk. */
#define CALL(name, parameters, inside, space, all) \
    int name parameters { REAL(name); REFUSE(inside, space); return real all; }
CALL(ftruncate, (int fd, off_t n), is_watched(fd), 0, (fd, n))
CALL(ftruncate64, (int fd, off64_t n), is_watched(fd), 0, (fd, n))
CALL(fsync, (int fd), is_watched(fd), 1, (fd))
CALL(fdatasync, (int fd), is_watched(fd), 1, (fd))
CALL(rename, (const char *from, const char *to), below(from) || below(to), 1, (from, to))
CALL(renameat, (int a, const char *from, int b, const char *to),
     below_at(a, from) || below_at(b, to), 1, (a, from, b, to))
CALL(renameat2, (int a, const char *from, int b, const char *to, unsigned flags),
     below_at(a, from) || below_at(b, to), 1, (a, from, b, to, flags))
CALL(link, (const char *from, const char *to), below(to), 1, (from, to))
CALL(linkat, (int a, const char *from, int b, const char *to, int flags), below_at(b, to), 1, (a, from, b, to, flags))
CALL(symlink, (const char *from, const char *to), below(to), 1, (from, to))
CALL(mkdir, (const char *path, mode_t permissions), below(path), 1, (path, permissions))
CALL(mkdirat, (int at, const char *path, mode_t permissions), below_at(at, path), 1, (at, path, permissions))
CALL(unlink, (const char *path), below(path), 0, (path))
CALL(unlinkat, (int at, const char *path, int flags), below_at(at, path), 0, (at, path, flags))
CALL(rmdir, (const char *path), below(path), 0, (path))
