// Makes the n-th call of a function of the C library fail, in a program that this library is loaded into by LD_PRELOAD.
//
//   ELBOW_FAULT         what fails, such as write:3:28, the third write with errno 28; with a + at the end, all later ones too
//   ELBOW_FAULT_FOLDER  calls count that are about files below this folder, or made by a library that lies there
//   ELBOW_FAULT_LOG     a file of zeros for `struct log`, which outlives the program however it ends
//
// Programs that it starts run without it: the variable LD_PRELOAD is taken away. The dynamic loader's and the C library's calls
// of themselves do not come by here.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <pthread.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum call { OPEN, READ, WRITE, FSYNC, CLOSE, RENAME, LINK, UNLINK, MKDIR, OPENDIR, FLOCK, MMAP, DLOPEN, ALLOCATE, THREAD, SPAWN, CALLS };
static const char *const names[CALLS] = {"open",  "read",    "write", "fsync", "close",  "rename",   "link",   "unlink",
                                         "mkdir", "opendir", "flock", "mmap",  "dlopen", "allocate", "thread", "spawn"};

struct log {
  _Atomic uint64_t counts[CALLS];
  _Atomic uint64_t failures;
};

static struct {
  struct log *log;
  char folder[PATH_MAX];
  size_t folder_length;
  int call;
  uint64_t number;
  int error;
  int lasts;
} fault = {.call = -1};

// Where the code of libraries below the folder is.
static struct {
  uintptr_t first, last;
} libraries[16];
static _Atomic int library_count;

__attribute__((constructor)) static void begin(void) {
  const char *text = getenv("ELBOW_FAULT"), *folder = getenv("ELBOW_FAULT_FOLDER"), *log = getenv("ELBOW_FAULT_LOG");
  unsetenv("LD_PRELOAD");
  if (!folder || !log || strlen(folder) >= sizeof fault.folder) return;
  strcpy(fault.folder, folder);
  fault.folder_length = strlen(folder);
  char name[32] = "", end = 0;
  unsigned long long number = 0;
  if (text && sscanf(text, "%31[a-z]:%llu:%d%c", name, &number, &fault.error, &end) >= 3) {
    for (int i = 0; i < CALLS; i++)
      if (!strcmp(name, names[i])) fault.call = i;
    fault.number = number;
    fault.lasts = end == '+';
  }
  const int file = (int)syscall(SYS_openat, AT_FDCWD, log, O_RDWR);
  if (file < 0) return;
  void *memory = (void *)syscall(SYS_mmap, NULL, sizeof(struct log), (long)(PROT_READ | PROT_WRITE), (long)MAP_SHARED, (long)file, 0L);
  syscall(SYS_close, file);
  if (memory != MAP_FAILED) fault.log = (struct log *)memory;
}

// Counts a call.
//
// Returns the error that it fails with, which errno is too; 0 if it does not.
static int fails(enum call call) {
  if (!fault.log) return 0;
  const uint64_t number = ++fault.log->counts[call];
  if ((int)call != fault.call || (fault.lasts ? number < fault.number : number != fault.number)) return 0;
  fault.log->failures++;
  return errno = fault.error;
}

static int is_below(const char *path) {
  return !strncmp(path, fault.folder, fault.folder_length) &&
         (path[fault.folder_length] == '/' || !path[fault.folder_length]);
}

static int counts_path(int base, const char *path) {
  if (!fault.log || !path) return 0;
  if (path[0] == '/') return is_below(path);
  char whole[2 * PATH_MAX] = "";
  const int reason = errno;
  if (base == AT_FDCWD) {
    syscall(SYS_getcwd, whole, PATH_MAX);
  } else {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", base);
    syscall(SYS_readlinkat, AT_FDCWD, link, whole, PATH_MAX - 1);
  }
  errno = reason;
  if (strlen(path) >= PATH_MAX) return 0;
  strcat(strcat(whole, "/"), path);
  return is_below(whole);
}
static int counts_file(int file) {
  if (!fault.log || file < 0) return 0;
  char link[64], path[PATH_MAX] = "";
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const int reason = errno;
  syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
  errno = reason;
  return is_below(path);
}
static int counts_caller(const void *caller) {
  for (int i = 0; i < library_count && i < 16; i++)
    if ((uintptr_t)caller >= libraries[i].first && (uintptr_t)caller < libraries[i].last) return 1;
  return 0;
}

// The C library's function of that name.
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define OPENS(name)                                                           \
  int name(const char *path, int flags, ...) {                                \
    va_list rest;                                                             \
    va_start(rest, flags);                                                    \
    const mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
    va_end(rest);                                                             \
    if (counts_path(AT_FDCWD, path) && fails(OPEN)) return -1;                \
    return NEXT(name)(path, flags, mode);                                     \
  }
OPENS(open)
OPENS(open64)
#define OPENS_AT(name)                                                        \
  int name(int base, const char *path, int flags, ...) {                      \
    va_list rest;                                                             \
    va_start(rest, flags);                                                    \
    const mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
    va_end(rest);                                                             \
    if (counts_path(base, path) && fails(OPEN)) return -1;                    \
    return NEXT(name)(base, path, flags, mode);                               \
  }
OPENS_AT(openat)
OPENS_AT(openat64)
FILE *fopen(const char *path, const char *mode) {
  return counts_path(AT_FDCWD, path) && fails(OPEN) ? NULL : NEXT(fopen)(path, mode);
}
FILE *fopen64(const char *path, const char *mode) {
  return counts_path(AT_FDCWD, path) && fails(OPEN) ? NULL : NEXT(fopen64)(path, mode);
}
int mkstemp(char *path) { return counts_path(AT_FDCWD, path) && fails(OPEN) ? -1 : NEXT(mkstemp)(path); }
int mkostemp(char *path, int flags) {
  return counts_path(AT_FDCWD, path) && fails(OPEN) ? -1 : NEXT(mkostemp)(path, flags);
}
int mkstemps(char *path, int length) { return counts_path(AT_FDCWD, path) && fails(OPEN) ? -1 : NEXT(mkstemps)(path, length); }

ssize_t read(int file, void *data, size_t size) {
  return counts_file(file) && fails(READ) ? -1 : NEXT(read)(file, data, size);
}
ssize_t pread(int file, void *data, size_t size, off_t offset) {
  return counts_file(file) && fails(READ) ? -1 : NEXT(pread)(file, data, size, offset);
}
ssize_t pread64(int file, void *data, size_t size, off64_t offset) {
  return counts_file(file) && fails(READ) ? -1 : NEXT(pread64)(file, data, size, offset);
}
ssize_t write(int file, const void *data, size_t size) {
  return counts_file(file) && fails(WRITE) ? -1 : NEXT(write)(file, data, size);
}
ssize_t pwrite(int file, const void *data, size_t size, off_t offset) {
  return counts_file(file) && fails(WRITE) ? -1 : NEXT(pwrite)(file, data, size, offset);
}
ssize_t pwrite64(int file, const void *data, size_t size, off64_t offset) {
  return counts_file(file) && fails(WRITE) ? -1 : NEXT(pwrite64)(file, data, size, offset);
}
ssize_t writev(int file, const struct iovec *parts, int count) {
  return counts_file(file) && fails(WRITE) ? -1 : NEXT(writev)(file, parts, count);
}
int ftruncate(int file, off_t size) { return counts_file(file) && fails(WRITE) ? -1 : NEXT(ftruncate)(file, size); }
int fsync(int file) { return counts_file(file) && fails(FSYNC) ? -1 : NEXT(fsync)(file); }
int fdatasync(int file) { return counts_file(file) && fails(FSYNC) ? -1 : NEXT(fdatasync)(file); }

// A file is closed also where closing it fails.
int close(int file) {
  const int counts = counts_file(file);
  const int result = NEXT(close)(file);
  return counts && fails(CLOSE) ? -1 : result;
}

int rename(const char *from, const char *to) {
  return (counts_path(AT_FDCWD, from) || counts_path(AT_FDCWD, to)) && fails(RENAME) ? -1 : NEXT(rename)(from, to);
}
int renameat2(int from_base, const char *from, int to_base, const char *to, unsigned flags) {
  return (counts_path(from_base, from) || counts_path(to_base, to)) && fails(RENAME)
             ? -1
             : NEXT(renameat2)(from_base, from, to_base, to, flags);
}
int link(const char *from, const char *to) { return counts_path(AT_FDCWD, to) && fails(LINK) ? -1 : NEXT(link)(from, to); }
int unlink(const char *path) { return counts_path(AT_FDCWD, path) && fails(UNLINK) ? -1 : NEXT(unlink)(path); }
int unlinkat(int base, const char *path, int flags) {
  return counts_path(base, path) && fails(UNLINK) ? -1 : NEXT(unlinkat)(base, path, flags);
}
int remove(const char *path) { return counts_path(AT_FDCWD, path) && fails(UNLINK) ? -1 : NEXT(remove)(path); }
int rmdir(const char *path) { return counts_path(AT_FDCWD, path) && fails(UNLINK) ? -1 : NEXT(rmdir)(path); }
int mkdir(const char *path, mode_t mode) {
  return counts_path(AT_FDCWD, path) && fails(MKDIR) ? -1 : NEXT(mkdir)(path, mode);
}
DIR *opendir(const char *path) { return counts_path(AT_FDCWD, path) && fails(OPENDIR) ? NULL : NEXT(opendir)(path); }
DIR *fdopendir(int file) { return counts_file(file) && fails(OPENDIR) ? NULL : NEXT(fdopendir)(file); }
int flock(int file, int operation) { return counts_file(file) && fails(FLOCK) ? -1 : NEXT(flock)(file, operation); }

static int counts_map(int flags, int file, const void *caller) {
  return flags & MAP_ANONYMOUS ? counts_caller(caller) : counts_file(file);
}
void *mmap(void *place, size_t size, int access, int flags, int file, off_t offset) {
  if (counts_map(flags, file, __builtin_return_address(0)) && fails(MMAP)) return MAP_FAILED;
  return NEXT(mmap)(place, size, access, flags, file, offset);
}
void *mmap64(void *place, size_t size, int access, int flags, int file, off64_t offset) {
  if (counts_map(flags, file, __builtin_return_address(0)) && fails(MMAP)) return MAP_FAILED;
  return NEXT(mmap64)(place, size, access, flags, file, offset);
}

static int note_library(struct dl_phdr_info *info, size_t size, void *address) {
  (void)size;
  if (info->dlpi_addr != *(ElfW(Addr) *)address) return 0;
  uintptr_t last = 0;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
    const uintptr_t end = info->dlpi_addr + segment->p_vaddr + segment->p_memsz;
    if (segment->p_type == PT_LOAD && end > last) last = end;
  }
  const int index = library_count;
  if (index < 16) {
    libraries[index].first = info->dlpi_addr;
    libraries[index].last = last;
    library_count = index + 1;
  }
  return 1;
}
void *dlopen(const char *path, int mode) {
  const int counts = path && counts_path(AT_FDCWD, path);
  if (counts && fails(DLOPEN)) return NULL;
  void *library = NEXT(dlopen)(path, mode);
  struct link_map *map = NULL;
  if (counts && library && !dlinfo(library, RTLD_DI_LINKMAP, &map)) dl_iterate_phdr(note_library, &map->l_addr);
  return library;
}

void *aligned_alloc(size_t alignment, size_t size) {
  if (counts_caller(__builtin_return_address(0)) && fails(ALLOCATE)) return NULL;
  return NEXT(aligned_alloc)(alignment, size);
}
int posix_memalign(void **memory, size_t alignment, size_t size) {
  if (counts_caller(__builtin_return_address(0)) && fails(ALLOCATE)) return fault.error;
  return NEXT(posix_memalign)(memory, alignment, size);
}
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *argument) {
  if (counts_caller(__builtin_return_address(0)) && fails(THREAD)) return fault.error;
  return NEXT(pthread_create)(thread, attributes, body, argument);
}

// Whatever program it is.
int posix_spawn(pid_t *child, const char *path, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes,
                char *const arguments[], char *const environment[]) {
  if (fails(SPAWN)) return fault.error;
  return NEXT(posix_spawn)(child, path, actions, attributes, arguments, environment);
}
