// elbow_profile.h: how long each kernel of a signature takes. Only profiling builds include it; they run on one thread, for
// the times of several would be added without a lock.
#ifndef ELBOW_PROFILE_H
#define ELBOW_PROFILE_H

#include <stdint.h>
#include <time.h>

// The symbols NAME__profile_count, the number of kernels, and NAME__profile_seconds, the time that each has taken so far.
#define EL_PROFILE(NAME, COUNT)                                                                                              \
  __attribute__((visibility("default"))) const int64_t NAME##__profile_count = COUNT;                                        \
  __attribute__((visibility("default"))) double NAME##__profile_seconds[COUNT];

static inline __attribute__((unused)) double el_profile_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static inline __attribute__((unused)) void el_profile_add(double *seconds, double start) {
  *seconds += el_profile_now() - start;
}

#endif
