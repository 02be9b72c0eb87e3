// elbow_threads.h: every thread runs, barriers order what is written before and after them, runs follow
// each other closely, and threads that sleep are woken. Also built with -fsanitize=thread.
#include "elbow_threads.h"

#include <stdio.h>
#include <unistd.h>

enum { rounds = 200, most = 8, parts = 64 };

typedef struct {
  el_team *team;
  int plain[most]; // Written without atomics: the barrier alone orders it.
  int failures[most];
  int runs[most];
  int nap;
  int taken[parts], shares[most];
} Shared;

// Every thread writes its number, meets the others, and reads its neighbour's.
static void rotate(void *context, int thread, int threads) {
  Shared *shared = context;
  int next = (thread + 1) % threads;
  for (int round = 0; round < rounds; round++) {
    shared->plain[thread] = round * threads + thread;
    el_team_barrier(shared->team, thread);
    if (shared->plain[next] != round * threads + next) shared->failures[thread]++;
    el_team_barrier(shared->team, thread);
  }
  shared->runs[thread]++;
}

// Every number is taken once, in two rounds with a meeting between them; a thread that dawdles gets few.
static void take(void *context, int thread, int threads) {
  Shared *shared = context;
  for (int round = 0; round < 2; round++) {
    long part = el_team_next(shared->team, threads, -1);
    for (; part < parts; part = el_team_next(shared->team, threads, part)) {
      shared->taken[part]++;
      shared->shares[thread]++;
      if (threads > 1) usleep(thread == 1 ? 2000 : 100);
    }
    el_team_barrier(shared->team, thread);
  }
}

static void count(void *context, int thread, int threads) {
  Shared *shared = context;
  (void)threads;
  shared->runs[thread]++;
  // One thread is late, by longer than the others spin.
  if (shared->nap && thread == threads - 1) usleep(20000);
}

static int check(int threads) {
  Shared shared = {0};
  int failures = 0;
  el_team *team = el_team_create(threads);
  if (!team) return printf("no team of %d\n", threads), 1;
  int size = el_team_size(team);
#ifdef ELBOW_NO_THREADS
  failures += size != 1;
#else
  failures += size != threads;
#endif
  shared.team = team;
  el_team_run(team, rotate, &shared);
  for (int run = 0; run < 500; run++) {
    el_team_run(team, count, &shared);
    for (int i = 0; i < size; i++) failures += shared.runs[i] != run + 2;
  }
  shared.nap = 1;
  for (int run = 0; run < 3; run++) {
    el_team_run(team, count, &shared);
    usleep(20000);
  }
  el_team_run(team, rotate, &shared);
  for (int i = 0; i < size; i++) failures += shared.failures[i] + (shared.runs[i] != 505);
  for (int run = 1; run <= 2; run++) {
    el_team_run(team, take, &shared);
    for (int i = 0; i < parts; i++) failures += shared.taken[i] != 2 * run;
  }
  failures += size > 1 && shared.shares[1] >= shared.shares[0];
  el_team_destroy(team);
  printf("%d threads: %d failures\n", size, failures);
  return failures;
}

static int check_memory(void) {
  int failures = 0;
  // Less than a line of the cache up to several, and around large pages.
  const size_t sizes[] = {0, 37, 64, 222, EL_LARGE_PAGE - 1, EL_LARGE_PAGE, 2 * EL_LARGE_PAGE + 12345};
  for (size_t n = 0; n < sizeof sizes / sizeof *sizes; n++) {
    const size_t bytes = sizes[n];
    unsigned char *memory = el_allocate(bytes);
    failures += !memory || (uintptr_t)memory % 64 != 0;
#ifdef MADV_HUGEPAGE
    failures += bytes >= EL_LARGE_PAGE && (uintptr_t)memory % EL_LARGE_PAGE != 0;
#endif
    for (size_t i = 0; memory && i < bytes; i++) failures += memory[i] != 0;
    el_free(memory);
  }
  failures += el_allocate(SIZE_MAX) != NULL;
  return failures;
}

// Claiming changes nothing, within the rows and outside.
static int check_claim(void) {
  int failures = 0;
  unsigned char memory[5][200];
  for (int i = 0; i < 5; i++)
    for (int j = 0; j < 200; j++) memory[i][j] = (unsigned char)(i * 31 + j);
  el_claim(memory[1] + 7, sizeof memory[0], 3, 150);
  for (int i = 0; i < 5; i++)
    for (int j = 0; j < 200; j++) failures += memory[i][j] != (unsigned char)(i * 31 + j);
  return failures;
}

int main(void) {
  int failures = check_memory() + check_claim();
  const int sizes[] = {1, 2, 3, 5};
  for (int i = 0; i < 4; i++) failures += check(sizes[i]);
#ifndef ELBOW_NO_THREADS
  failures += el_team_create(0) != NULL;
#endif
  // Teams come and go, also without having run.
  for (int i = 0; i < 20; i++) el_team_destroy(el_team_create(2));
  el_team_destroy(NULL);
  return failures != 0;
}
