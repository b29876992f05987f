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

/* Count a change, and say what becomes of it. Only new bytes and names need space, so only those fail when it is full. */
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
    if (flags & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); permissions = va_arg(rest, int); va_end(rest); } \
    REFUSE(inside && (flags & (O_CREAT | O_TRUNC)), 1); \
    made = call; \
    if (made >= 0 && made < DESCRIPTORS) watched[made] = inside && (flags & O_ACCMODE) != O_RDONLY; \
    return made

int open(const char *path, int flags, ...) { REAL(open); OPENED(below(path), real(path, flags, permissions)); }
int open64(const char *path, int flags, ...) { REAL(open64); OPENED(below(path), real(path, flags, permissions)); }
int openat(int at, const char *path, int flags, ...) { REAL(openat); OPENED(below_at(at, path), real(at, path, flags, permissions)); }
int openat64(int at, const char *path, int flags, ...) { REAL(openat64); OPENED(below_at(at, path), real(at, path, flags, permissions)); }
int close(int fd) { REAL(close); if (fd >= 0 && fd < DESCRIPTORS) watched[fd] = 0; return real(fd); }

#define WRITTEN(fd, half) \
    if (is_watched(fd)) { int what = change(1, 1); if (what == FAIL) return -1; if (what == HALF) { half; die(); } }

ssize_t write(int fd, const void *bytes, size_t n) { REAL(write); WRITTEN(fd, real(fd, bytes, n / 2)); return real(fd, bytes, n); }
ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at) { REAL(pwrite); WRITTEN(fd, real(fd, bytes, n / 2, at)); return real(fd, bytes, n, at); }
ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at) { REAL(pwrite64); WRITTEN(fd, real(fd, bytes, n / 2, at)); return real(fd, bytes, n, at); }
ssize_t writev(int fd, const struct iovec *parts, int n) { REAL(writev); WRITTEN(fd, real(fd, parts, n / 2)); return real(fd, parts, n); }
ssize_t pwritev(int fd, const struct iovec *parts, int n, off_t at) { REAL(pwritev); WRITTEN(fd, real(fd, parts, n / 2, at)); return real(fd, parts, n, at); }
ssize_t pwritev64(int fd, const struct iovec *parts, int n, off64_t at) { REAL(pwritev64); WRITTEN(fd, real(fd, parts, n / 2, at)); return real(fd, parts, n, at); }
ssize_t sendfile(int to, int from, off_t *at, size_t n) { REAL(sendfile); WRITTEN(to, real(to, from, at, n / 2)); return real(to, from, at, n); }
ssize_t sendfile64(int to, int from, off64_t *at, size_t n) { REAL(sendfile64); WRITTEN(to, real(to, from, at, n / 2)); return real(to, from, at, n); }
ssize_t copy_file_range(int from, off64_t *a, int to, off64_t *b, size_t n, unsigned flags) { REAL(copy_file_range); WRITTEN(to, real(from, a, to, b, n / 2, flags)); return real(from, a, to, b, n, flags); }
int ftruncate(int fd, off_t n) { REAL(ftruncate); REFUSE(is_watched(fd), 0); return real(fd, n); }
int ftruncate64(int fd, off64_t n) { REAL(ftruncate64); REFUSE(is_watched(fd), 0); return real(fd, n); }
int fsync(int fd) { REAL(fsync); REFUSE(is_watched(fd), 1); return real(fd); }
int fdatasync(int fd) { REAL(fdatasync); REFUSE(is_watched(fd), 1); return real(fd); }

int rename(const char *from, const char *to) { REAL(rename); REFUSE(below(from) || below(to), 1); return real(from, to); }
int renameat(int a, const char *from, int b, const char *to) { REAL(renameat); REFUSE(below_at(a, from) || below_at(b, to), 1); return real(a, from, b, to); }
int renameat2(int a, const char *from, int b, const char *to, unsigned flags) { REAL(renameat2); REFUSE(below_at(a, from) || below_at(b, to), 1); return real(a, from, b, to, flags); }
int link(const char *from, const char *to) { REAL(link); REFUSE(below(to), 1); return real(from, to); }
int linkat(int a, const char *from, int b, const char *to, int flags) { REAL(linkat); REFUSE(below_at(b, to), 1); return real(a, from, b, to, flags); }
int symlink(const char *from, const char *to) { REAL(symlink); REFUSE(below(to), 1); return real(from, to); }
int mkdir(const char *path, mode_t permissions) { REAL(mkdir); REFUSE(below(path), 1); return real(path, permissions); }
int mkdirat(int at, const char *path, mode_t permissions) { REAL(mkdirat); REFUSE(below_at(at, path), 1); return real(at, path, permissions); }
int unlink(const char *path) { REAL(unlink); REFUSE(below(path), 0); return real(path); }
int unlinkat(int at, const char *path, int flags) { REAL(unlinkat); REFUSE(below_at(at, path), 0); return real(at, path, flags); }
int rmdir(const char *path) { REAL(rmdir); REFUSE(below(path), 0); return real(path); }
