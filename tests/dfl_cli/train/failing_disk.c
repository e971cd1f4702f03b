/* Makes a share of the fsync, rename and large write calls of a program fail, while the file $FAULT_SWITCH exists.
   gcc -shared -fPIC -o failing_disk.so failing_disk.c -ldl; LD_PRELOAD=failing_disk.so FAULT_SWITCH=... program */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const double SHARE = 0.12;

static int fails(void) {
    static __thread unsigned state;
    const char *path = getenv("FAULT_SWITCH");
    if (!path || access(path, F_OK)) return 0;
    if (!state) state = (unsigned)getpid() * 2654435761u;
    return rand_r(&state) / (double)RAND_MAX < SHARE;
}

int fsync(int file) {
    int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
    if (fails()) { errno = EIO; return -1; }
    return real(file);
}

int rename(const char *from, const char *to) {
    int (*real)(const char *, const char *) = dlsym(RTLD_NEXT, "rename");
    if (fails()) { errno = EROFS; return -1; }
    return real(from, to);
}

ssize_t write(int file, const void *bytes, size_t count) {
    ssize_t (*real)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
    struct stat status;
    if (count >= 4096 && !fstat(file, &status) && S_ISREG(status.st_mode) && fails()) { errno = ENOSPC; return -1; }
    return real(file, bytes, count);
}
