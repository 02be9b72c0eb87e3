// elbow_threads.h: a team of threads that a compiled model keeps for its lifetime, and aligned memory.
//
// A model's step hands the team one function; every thread runs it with its number, meets the others at
// barriers inside, and the step goes on when all are done. Waiting threads spin for some microseconds,
// which is as long as most steps last, and then sleep in the kernel; where there are more threads than
// cores, spinning would only keep a core from the thread that is waited for, so they sleep at once.
// There are no globals: a process may hold any number of teams, each used by one caller at a time. A child that a process
// forks has none of its threads, and the caller is there a team by itself.
//
// With ELBOW_NO_THREADS defined, the same functions run everything on the caller. It defines itself where there are
// no threads to be had: in WebAssembly, without an operating system, with a C library that does not promise POSIX threads
// (newlib has <pthread.h>, but nothing behind it), and in strict C (-std=c11) unless _DEFAULT_SOURCE asks the C library for
// more than the standard's functions.
#ifndef ELBOW_THREADS_H
#define ELBOW_THREADS_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifndef ELBOW_NO_THREADS
#if defined(__wasm__) || !__STDC_HOSTED__ || (defined(__STRICT_ANSI__) && !defined(_DEFAULT_SOURCE))
#define ELBOW_NO_THREADS
#elif defined(__has_include)
#if !__has_include(<pthread.h>) || !__has_include(<unistd.h>)
#define ELBOW_NO_THREADS
#endif
#endif
#endif

#ifndef ELBOW_NO_THREADS
#include <unistd.h>
#if !defined(_POSIX_THREADS) || _POSIX_THREADS <= 0
#define ELBOW_NO_THREADS
#endif
#endif

#if defined(__linux__) && __STDC_HOSTED__
#include <sys/mman.h>
#endif

#define EL_THREADS_INLINE static inline __attribute__((unused))

#ifdef __NEWLIB__
// Its aligned_alloc needs an operating system.
#include <malloc.h>
#define EL_ALIGNED_ALLOC memalign
#else
#define EL_ALIGNED_ALLOC aligned_alloc
#if __STDC_VERSION__ < 201112L
// C before C11 does not know it, but the C library has it.
extern void *aligned_alloc(size_t alignment, size_t size);
#endif
#endif

// The size of the pages that much memory is asked for in, where the system has a way to ask.
#define EL_LARGE_PAGE ((size_t)2 << 20)

// Zeroed memory on a 64-byte boundary, a line of the cache; NULL where there is none.
//
// Convolutions step through megabytes a row of an image at a time. In large pages fewer addresses have to be looked up.
EL_THREADS_INLINE void *el_allocate(size_t bytes) {
  if (bytes > SIZE_MAX - 64) return NULL;
  size_t rounded = bytes ? (bytes + 63) / 64 * 64 : 64;
  void *memory = NULL;
#ifdef MADV_HUGEPAGE
  if (rounded >= EL_LARGE_PAGE) {
    if (posix_memalign(&memory, EL_LARGE_PAGE, rounded) != 0) return NULL;
    // Only a wish, and for whole pages, so that no more memory is taken than was asked for.
    (void)madvise(memory, rounded / EL_LARGE_PAGE * EL_LARGE_PAGE, MADV_HUGEPAGE);
  }
#endif
  if (!memory) memory = EL_ALIGNED_ALLOC(64, rounded);
  if (memory) memset(memory, 0, rounded);
  return memory;
}
EL_THREADS_INLINE void el_free(void *memory) { free(memory); }

// Takes the lines of the cache that hold some rows of a matrix for the processor at work, by writing to each what it holds:
// whoever writes to them soon then need not wait until the other processors, which have read them, let go. Nobody else may read
// or write them meanwhile.
EL_THREADS_INLINE void el_claim(void *first, long row_bytes, long rows, long bytes) {
  for (long i = 0; i < rows; i++) {
    volatile char *const row = (volatile char *)first + i * row_bytes;
    for (long j = 0; j < bytes; j += 64) row[j] = row[j];
  }
}

typedef struct el_team el_team;

#ifdef ELBOW_NO_THREADS

struct el_team {
  int size;
};

EL_THREADS_INLINE el_team *el_team_create(int threads) {
  (void)threads;
  el_team *team = (el_team *)el_allocate(sizeof *team);
  if (team) team->size = 1;
  return team;
}
EL_THREADS_INLINE void el_team_destroy(el_team *team) { el_free(team); }
EL_THREADS_INLINE int el_team_size(el_team *team) { return team->size; }
EL_THREADS_INLINE void el_team_run(el_team *team, void (*body)(void *context, int thread, int threads), void *context) {
  (void)team;
  body(context, 0, 1);
}
EL_THREADS_INLINE void el_team_barrier(el_team *team, int thread) { (void)team, (void)thread; }
EL_THREADS_INLINE long el_team_next(el_team *team, int threads, long previous) {
  (void)team, (void)threads;
  return previous + 1;
}

#else

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

// Linux lets threads wait for a number in memory to change. The kernel's own header, <linux/futex.h>, does not come with
// every C library.
#ifdef __linux__
#include <sys/syscall.h>
#if defined(SYS_futex)
#define EL_FUTEX SYS_futex
#elif defined(SYS_futex_time64)
#define EL_FUTEX SYS_futex_time64
#endif
#endif
enum { EL_FUTEX_WAIT_PRIVATE = 128, EL_FUTEX_WAKE_PRIVATE = 129 };

// MARK: - Waiting for a number to change

// A number that threads wait on. It only counts up, wrapping, and has a line of the cache to itself.
typedef struct {
  _Atomic uint32_t value;
  _Atomic int sleepers;
#ifndef EL_FUTEX
  pthread_mutex_t mutex;
  pthread_cond_t changed;
#endif
} __attribute__((aligned(64))) el_event;

EL_THREADS_INLINE int el_event_init(el_event *event) {
  atomic_init(&event->value, 0);
  atomic_init(&event->sleepers, 0);
#ifndef EL_FUTEX
  if (pthread_mutex_init(&event->mutex, NULL) != 0) return 0;
  if (pthread_cond_init(&event->changed, NULL) != 0) {
    pthread_mutex_destroy(&event->mutex);
    return 0;
  }
#endif
  return 1;
}
EL_THREADS_INLINE void el_event_deinit(el_event *event) {
  (void)event;
#ifndef EL_FUTEX
  pthread_cond_destroy(&event->changed);
  pthread_mutex_destroy(&event->mutex);
#endif
}

// Tells the core that it spins, which leaves more of it to a neighbour on the same core.
EL_THREADS_INLINE void el_relax(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("isb" ::: "memory");
#elif defined(__arm__)
  __asm__ __volatile__("yield" ::: "memory");
#else
  __asm__ __volatile__("" ::: "memory");
#endif
}

// Returns once the value is not `old`, and sees all that was written before it changed.
//
// A sleeper counts itself before the kernel compares the value again, and whoever changes the value
// reads the count afterwards, all in one sequentially consistent order: so either the sleeper finds the
// new value or it is woken.
EL_THREADS_INLINE void el_event_wait(el_event *event, uint32_t old, int spins) {
  for (int i = 0; i < spins; i++) {
    if (atomic_load_explicit(&event->value, memory_order_acquire) != old) return;
    el_relax();
  }
  atomic_fetch_add(&event->sleepers, 1);
#ifdef EL_FUTEX
  while (atomic_load(&event->value) == old)
    syscall(EL_FUTEX, &event->value, EL_FUTEX_WAIT_PRIVATE, old, NULL, NULL, 0);
#else
  pthread_mutex_lock(&event->mutex);
  while (atomic_load(&event->value) == old) pthread_cond_wait(&event->changed, &event->mutex);
  pthread_mutex_unlock(&event->mutex);
#endif
  atomic_fetch_sub(&event->sleepers, 1);
}

EL_THREADS_INLINE void el_event_advance(el_event *event) {
  atomic_fetch_add(&event->value, 1);
  if (atomic_load(&event->sleepers) == 0) return;
#ifdef EL_FUTEX
  syscall(EL_FUTEX, &event->value, EL_FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
#else
  pthread_mutex_lock(&event->mutex);
  pthread_cond_broadcast(&event->changed);
  pthread_mutex_unlock(&event->mutex);
#endif
}

// MARK: - The team

// A barrier for all threads of a team: the last to arrive lets the others go.
typedef struct {
  el_event passed;
  _Atomic int arrived;
} el_barrier;

typedef struct {
  el_team *team;
  pthread_t handle;
  int number;
} el_worker;

struct el_team {
  int size, spins;
  pid_t process;
  int stopping; // Written before `start` advances, as are the body and its context.
  void (*body)(void *context, int thread, int threads);
  void *context;
  el_worker *workers; // size - 1 of them.
  el_event start;     // Advances when there is something to run.
  el_barrier inside, end;
  // How many numbers el_team_next has handed out since all threads met.
  _Atomic long taken __attribute__((aligned(64)));
};

EL_THREADS_INLINE void el_barrier_wait(el_team *team, el_barrier *barrier) {
  // Nobody can pass before this thread arrives, so the value read here is this round's.
  uint32_t round = atomic_load_explicit(&barrier->passed.value, memory_order_relaxed);
  if (atomic_fetch_add_explicit(&barrier->arrived, 1, memory_order_acq_rel) == team->size - 1) {
    atomic_store_explicit(&barrier->arrived, 0, memory_order_relaxed);
    atomic_store_explicit(&team->taken, 0, memory_order_relaxed);
    el_event_advance(&barrier->passed);
  } else {
    el_event_wait(&barrier->passed, round, team->spins);
  }
}

EL_THREADS_INLINE void *el_worker_main(void *argument) {
  el_worker *worker = (el_worker *)argument;
  el_team *team = worker->team;
  for (uint32_t round = 0;; round++) {
    el_event_wait(&team->start, round, team->spins);
    if (team->stopping) return NULL;
    team->body(team->context, worker->number, team->size);
    el_barrier_wait(team, &team->end);
  }
}

// The threads that a body is going to run on: one in a forked child.
EL_THREADS_INLINE int el_team_size(el_team *team) {
  if (team->size > 1 && team->process != getpid()) team->size = 1;
  return team->size;
}

EL_THREADS_INLINE void el_team_destroy(el_team *team) {
  if (!team) return;
  const int others = el_team_size(team) - 1;
  if (others > 0) {
    team->stopping = 1;
    el_event_advance(&team->start);
    for (int i = 0; i < others; i++) pthread_join(team->workers[i].handle, NULL);
  }
  // What the threads of another process wait for is not ended here.
  if (team->process == getpid()) {
    el_event_deinit(&team->start);
    el_event_deinit(&team->inside.passed);
    el_event_deinit(&team->end.passed);
  }
  el_free(team->workers);
  el_free(team);
}

// A team of the caller and threads - 1 more, or as many as the system lets start; NULL where there is no memory.
EL_THREADS_INLINE el_team *el_team_create(int threads) {
  if (threads < 1) return NULL;
  el_team *team = (el_team *)el_allocate(sizeof *team);
  if (!team) return NULL;
  team->size = threads;
  team->process = getpid();
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  team->spins = cores >= threads ? 3000 : 4;
  team->workers = (el_worker *)el_allocate((size_t)threads * sizeof(el_worker));
  if (!team->workers || !el_event_init(&team->start)) {
    el_free(team->workers);
    el_free(team);
    return NULL;
  }
  if (!el_event_init(&team->inside.passed)) {
    el_event_deinit(&team->start);
    el_free(team->workers);
    el_free(team);
    return NULL;
  }
  if (!el_event_init(&team->end.passed)) {
    el_event_deinit(&team->inside.passed);
    el_event_deinit(&team->start);
    el_free(team->workers);
    el_free(team);
    return NULL;
  }
  atomic_init(&team->inside.arrived, 0);
  atomic_init(&team->end.arrived, 0);
  atomic_init(&team->taken, 0);

  // Signals are the program's own threads' to handle: workers inherit a mask that blocks them all.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int started = 0;
  while (started < threads - 1) {
    el_worker *worker = &team->workers[started];
    worker->team = team;
    worker->number = started + 1;
    if (pthread_create(&worker->handle, NULL, el_worker_main, worker) != 0) break;
    started++;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  // The workers read it when there is something to run.
  team->size = started + 1;
  return team;
}

// Runs the body on every thread of the team, the caller being thread 0, and returns when all are done.
EL_THREADS_INLINE void el_team_run(el_team *team, void (*body)(void *context, int thread, int threads), void *context) {
  if (team->size > 1) {
    team->body = body;
    team->context = context;
    el_event_advance(&team->start);
  }
  body(context, 0, team->size);
  if (team->size > 1) el_barrier_wait(team, &team->end);
}

// Inside a body: returns when every thread of the team is here.
EL_THREADS_INLINE void el_team_barrier(el_team *team, int thread) {
  (void)thread;
  if (team->size > 1) el_barrier_wait(team, &team->inside);
}

// Inside a body: the numbers from 0 on, each for one thread, as they ask for them; anew after every meeting. `previous` is what
// the thread got last, or -1. So a thread that something keeps from its core is given less to do.
EL_THREADS_INLINE long el_team_next(el_team *team, int threads, long previous) {
  return threads > 1 ? atomic_fetch_add_explicit(&team->taken, 1, memory_order_relaxed) : previous + 1;
}

#endif
#endif
