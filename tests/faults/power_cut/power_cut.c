/* A layer between a process and libc that records, in order, every change of files below one folder and every sync,
 * and kills the process at change number POWER_CUT_AT. disk.py then makes of the record what a disk may hold after a
 * power cut. Syncs are recorded and not done. A file that loses its last name is kept, so that its removal can be undone.
 *
 * POWER_CUT_BELOW: the folder. POWER_CUT_RECORD: the file of the record. POWER_CUT_KEPT: a folder for removed files.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
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

#define FDS 65536
#define PATH 4096
enum { UNKNOWN, MINE, OTHER };

static char below[PATH], kept[PATH];
static size_t below_length;
static long at, count;
static int record = -1;
static unsigned char owner[FDS];
static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

/* Called by the process that is to be recorded, once its variables are set. */
void power_cut_begin(void) {
    const char *folder = getenv("POWER_CUT_BELOW"), *file = getenv("POWER_CUT_RECORD"), *number = getenv("POWER_CUT_AT");
    if (!folder || !file || !getenv("POWER_CUT_KEPT")) return;
    snprintf(kept, PATH, "%s", getenv("POWER_CUT_KEPT"));
    record = syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    at = number ? atol(number) : 0;
    below_length = strlen(folder);
    snprintf(below, PATH, "%s", folder);
}

#define REAL(name) static typeof(&name) real; if (!real) real = (typeof(&name))dlsym(RTLD_NEXT, #name)
#define LOCKED(type, work) pthread_mutex_lock(&lock); type result = (work); int saved = errno; pthread_mutex_unlock(&lock); \
    errno = saved; return result

static int is_below(const char *path) {
    return below_length && !strncmp(path, below, below_length) && (path[below_length] == '/' || !path[below_length]);
}

/* The absolute path of ``path`` as a call with the folder ``fd`` means it. */
static const char *absolute(int fd, const char *path, char *room) {
    char link[64];
    if (!path || path[0] == '/') return path ? path : "";
    snprintf(link, sizeof link, fd == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, room, PATH - 2);
    if (n < 0) return "";
    room[n] = 0;
    if (path[0]) snprintf(room + n, PATH - n, "/%s", path);
    return room;
}

static int is_mine(int fd) {
    char room[PATH];
    if (!below_length || fd < 0 || fd >= FDS) return 0;
    if (owner[fd] == UNKNOWN) owner[fd] = is_below(absolute(fd, "", room)) ? MINE : OTHER;
    return owner[fd] == MINE;
}

/* Called before each change: the power fails here. */
static void next(void) {
    if (++count == at) {
        syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
        for (;;) pause();
    }
}

/* A call that changed nothing does not count: the number of a change is that of its line in the record. */
static void uncount(void) { count--; }

static void note(const char *format, ...) {
    char line[3 * PATH];
    va_list values;
    va_start(values, format);
    int n = vsnprintf(line, sizeof line, format, values);
    va_end(values);
    if (syscall(SYS_write, record, line, n) != n) abort();
}

static unsigned long inode(const char *path) {
    struct stat found;
    return lstat(path, &found) ? 0 : (unsigned long)found.st_ino;
}

static void keep(const char *path) {
    char to[PATH + 32];
    struct stat found;
    if (lstat(path, &found) || !S_ISREG(found.st_mode)) return;
    snprintf(to, sizeof to, "%s/%lu", kept, (unsigned long)found.st_ino);
    syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, to, 0);
}

static int opened(int folder, const char *path, int flags, mode_t mode, int (*real)(int, const char *, int, ...)) {
    char room[PATH];
    const char *whole = absolute(folder, path, room);
    int writes = (flags & (O_CREAT | O_TRUNC)) && (flags & O_ACCMODE) != O_RDONLY, fd;
    if (!writes || !is_below(whole)) {
        fd = real(folder, path, flags, mode);
    } else {
        unsigned long before = inode(whole);
        if (!before || (flags & O_TRUNC)) next();
        fd = real(folder, path, flags, mode);
        if (fd < 0 && (!before || (flags & O_TRUNC))) uncount();
        if (fd >= 0 && !before) note("create\t%lu\t%s\n", inode(whole), whole);
        else if (fd >= 0 && (flags & O_TRUNC)) note("truncate\t%lu\t0\n", before);
    }
    if (fd >= 0 && fd < FDS) owner[fd] = UNKNOWN;
    return fd;
}

#define MODE mode_t mode = 0; if (flags & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); \
    mode = va_arg(rest, mode_t); va_end(rest); }
int open(const char *path, int flags, ...) { MODE; REAL(openat); LOCKED(int, opened(AT_FDCWD, path, flags, mode, real)); }
int open64(const char *path, int flags, ...) { MODE; REAL(openat64); LOCKED(int, opened(AT_FDCWD, path, flags, mode, real)); }
int openat(int folder, const char *path, int flags, ...) { MODE; REAL(openat); LOCKED(int, opened(folder, path, flags, mode, real)); }
int openat64(int folder, const char *path, int flags, ...) { MODE; REAL(openat64); LOCKED(int, opened(folder, path, flags, mode, real)); }
int creat(const char *path, mode_t mode) { return open(path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) { return open(path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int close(int fd) { REAL(close); if (fd >= 0 && fd < FDS) owner[fd] = UNKNOWN; return real(fd); }
int dup2(int from, int to) { REAL(dup2); if (to >= 0 && to < FDS) owner[to] = UNKNOWN; return real(from, to); }
int dup3(int from, int to, int flags) { REAL(dup3); if (to >= 0 && to < FDS) owner[to] = UNKNOWN; return real(from, to, flags); }

static off_t place(int fd) {
    struct stat found;
    if (fcntl(fd, F_GETFL) & O_APPEND) return fstat(fd, &found) ? 0 : found.st_size;
    return lseek(fd, 0, SEEK_CUR);
}

static ssize_t wrote(int fd, off_t offset, ssize_t length) {
    struct stat found;
    if (length <= 0)
        uncount();
    else if (!fstat(fd, &found))
        note("write\t%lu\t%lld\t%lld\n", (unsigned long)found.st_ino, (long long)offset, (long long)length);
    return length;
}

#define WRITES(fd, offset, work) if (!is_mine(fd)) return work; pthread_mutex_lock(&lock); next(); off_t start = offset; \
    ssize_t done = wrote(fd, start, work); int saved = errno; pthread_mutex_unlock(&lock); errno = saved; return done
ssize_t write(int fd, const void *from, size_t n) { REAL(write); WRITES(fd, place(fd), real(fd, from, n)); }
ssize_t writev(int fd, const struct iovec *parts, int n) { REAL(writev); WRITES(fd, place(fd), real(fd, parts, n)); }
ssize_t pwrite(int fd, const void *from, size_t n, off_t to) { REAL(pwrite); WRITES(fd, to, real(fd, from, n, to)); }
ssize_t pwrite64(int fd, const void *from, size_t n, off64_t to) { REAL(pwrite64); WRITES(fd, to, real(fd, from, n, to)); }
ssize_t pwritev(int fd, const struct iovec *parts, int n, off_t to) { REAL(pwritev); WRITES(fd, to, real(fd, parts, n, to)); }
ssize_t pwritev64(int fd, const struct iovec *parts, int n, off64_t to) { REAL(pwritev64); WRITES(fd, to, real(fd, parts, n, to)); }
ssize_t sendfile(int fd, int from, off_t *at_, size_t n) { REAL(sendfile); WRITES(fd, place(fd), real(fd, from, at_, n)); }
ssize_t sendfile64(int fd, int from, off64_t *at_, size_t n) { REAL(sendfile64); WRITES(fd, place(fd), real(fd, from, at_, n)); }
ssize_t copy_file_range(int from, off64_t *at_, int fd, off64_t *to, size_t n, unsigned flags) {
    REAL(copy_file_range);
    WRITES(fd, to ? *to : place(fd), real(from, at_, fd, to, n, flags));
}

static int truncated(int fd, off_t size, int done) {
    struct stat found;
    if (done) uncount();
    else if (!fstat(fd, &found)) note("truncate\t%lu\t%lld\n", (unsigned long)found.st_ino, (long long)size);
    return done;
}

#define TRUNCATES(fd, size, work) if (!is_mine(fd)) return work; pthread_mutex_lock(&lock); next(); \
    int done = truncated(fd, size, work); int saved = errno; pthread_mutex_unlock(&lock); errno = saved; return done
int ftruncate(int fd, off_t size) { REAL(ftruncate); TRUNCATES(fd, size, real(fd, size)); }
int ftruncate64(int fd, off64_t size) { REAL(ftruncate64); TRUNCATES(fd, size, real(fd, size)); }

static int synced(int fd) {
    char room[PATH];
    struct stat found;
    next();
    const char *path = absolute(fd, "", room);
    if (!fstat(fd, &found)) note("sync\t%lu\t%s\n", (unsigned long)found.st_ino, S_ISDIR(found.st_mode) ? path : "");
    return 0;
}

int fsync(int fd) { REAL(fsync); if (!is_mine(fd)) return real(fd); LOCKED(int, synced(fd)); }
int fdatasync(int fd) { REAL(fdatasync); if (!is_mine(fd)) return real(fd); LOCKED(int, synced(fd)); }

static int renamed(int from, const char *path, int to, const char *name, unsigned flags) {
    char room[PATH], other[PATH];
    const char *old = absolute(from, path, room), *new = absolute(to, name, other);
    int mine = is_below(old) || is_below(new);
    if (mine) next();
    unsigned long moved = inode(old);
    if (mine && !(flags & RENAME_NOREPLACE)) keep(new);
    int done = syscall(SYS_renameat2, from, path, to, name, flags);
    if (mine && done) uncount();
    if (mine && !done) note("rename\t%lu\t%s\t%s\n", moved, old, new);
    return done;
}

int rename(const char *path, const char *name) { LOCKED(int, renamed(AT_FDCWD, path, AT_FDCWD, name, 0)); }
int renameat(int from, const char *path, int to, const char *name) { LOCKED(int, renamed(from, path, to, name, 0)); }
int renameat2(int from, const char *path, int to, const char *name, unsigned flags) { LOCKED(int, renamed(from, path, to, name, flags)); }

static int linked(int from, const char *path, int to, const char *name, int flags) {
    char room[PATH];
    const char *new = absolute(to, name, room);
    if (is_below(new)) next();
    int done = syscall(SYS_linkat, from, path, to, name, flags);
    if (done && is_below(new)) uncount();
    if (!done && is_below(new)) note("create\t%lu\t%s\n", inode(new), new);
    return done;
}

int link(const char *path, const char *name) { LOCKED(int, linked(AT_FDCWD, path, AT_FDCWD, name, 0)); }
int linkat(int from, const char *path, int to, const char *name, int flags) { LOCKED(int, linked(from, path, to, name, flags)); }

static int removed(int folder, const char *path, int flags) {
    char room[PATH];
    const char *whole = absolute(folder, path, room);
    if (is_below(whole)) {
        next();
        if (!(flags & AT_REMOVEDIR)) keep(whole);
    }
    int done = syscall(SYS_unlinkat, folder, path, flags);
    if (done && is_below(whole)) uncount();
    if (!done && is_below(whole)) note("%s\t0\t%s\n", flags & AT_REMOVEDIR ? "rmdir" : "unlink", whole);
    return done;
}

int unlink(const char *path) { LOCKED(int, removed(AT_FDCWD, path, 0)); }
int unlinkat(int folder, const char *path, int flags) { LOCKED(int, removed(folder, path, flags)); }
int rmdir(const char *path) { LOCKED(int, removed(AT_FDCWD, path, AT_REMOVEDIR)); }
int remove(const char *path) { LOCKED(int, removed(AT_FDCWD, path, 0)); }

static int made(int folder, const char *path, mode_t mode) {
    char room[PATH];
    const char *whole = absolute(folder, path, room);
    if (is_below(whole)) next();
    int done = syscall(SYS_mkdirat, folder, path, mode);
    if (done && is_below(whole)) uncount();
    if (!done && is_below(whole)) note("mkdir\t0\t%s\n", whole);
    return done;
}

int mkdir(const char *path, mode_t mode) { LOCKED(int, made(AT_FDCWD, path, mode)); }
int mkdirat(int folder, const char *path, mode_t mode) { LOCKED(int, made(folder, path, mode)); }
