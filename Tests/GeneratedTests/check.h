// check.h: what the programs beside this file share: synthetic data, and checks that end the program with a message.
#ifndef CHECK_H
#define CHECK_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "elbow.h"

#define CHECK(condition, ...)                     \
  do {                                            \
    if (!(condition)) {                           \
      printf("%s:%d: ", __FILE__, __LINE__);      \
      printf(__VA_ARGS__);                        \
      printf("\n");                               \
      exit(1);                                    \
    }                                             \
  } while (0)

// Numbers uniform in [0, 1), the same on every machine.
static inline float uniform(uint32_t *state) {
  *state = *state * 1664525u + 1013904223u;
  return (float)(*state >> 8) / 16777216.0f;
}

// Images of 28 x 28 pixels, each with one bright square whose place is its label, 0 to 9.
static inline void make_images(long count, uint8_t *images, int32_t *labels) {
  uint32_t state = 1;
  for (long i = 0; i < count; i++) {
    const int32_t label = (int32_t)(i % 10);
    if (labels) labels[i] = label;
    for (int y = 0; y < 28; y++) {
      for (int x = 0; x < 28; x++) {
        const int inside = x / 6 == label % 4 && y / 9 == label / 4;
        images[i * 784 + y * 28 + x] = (uint8_t)(inside ? 200 + 55 * uniform(&state) : 20 * uniform(&state));
      }
    }
  }
}

static inline void check_finite(const float *values, long count, const char *name) {
  for (long i = 0; i < count; i++) CHECK(isfinite(values[i]), "%s[%ld] is %g", name, i, values[i]);
}

// Values that lie between two bounds.
static inline void check_range(const float *values, long count, float low, float high, const char *name) {
  for (long i = 0; i < count; i++)
    CHECK(values[i] >= low && values[i] <= high, "%s[%ld] is %g, not in [%g, %g]", name, i, values[i], low, high);
}

// Rows of probabilities that sum to one.
static inline void check_probabilities(const float *values, long rows, long columns, const char *name) {
  check_range(values, rows * columns, 0, 1.0001f, name);
  for (long i = 0; i < rows; i++) {
    float total = 0;
    for (long j = 0; j < columns; j++) total += values[i * columns + j];
    CHECK(fabsf(total - 1) < 1e-4f, "row %ld of %s sums to %g", i, name, total);
  }
}

#endif
