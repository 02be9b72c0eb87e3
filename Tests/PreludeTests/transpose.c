// Every size of elbow_transpose.h against loops over elements; what lies around the result is left alone.
#include "elbow_transpose.h"

#include <stdio.h>

#define MOST 50
static int failures = 0;

#define CHECK(D, T)                                                                                                          \
  static void check_##D(long rows, long columns) {                                                                           \
    static T from[MOST * MOST], to[MOST * MOST];                                                                             \
    const long from_row = columns + 3, to_row = rows + 2;                                                                    \
    for (long i = 0; i < MOST * MOST; i++) from[i] = (T)i, to[i] = -1;                                                       \
    el_transpose_##D(rows, columns, from, from_row, to, to_row);                                                             \
    for (long k = 0; k < MOST * MOST; k++) {                                                                                 \
      const long j = k / to_row, i = k % to_row;                                                                             \
      const T expected = j < columns && i < rows ? from[i * from_row + j] : -1;                                              \
      if (to[k] != expected && failures++ < 20) printf(#D " %ld x %ld: element %ld\n", rows, columns, k);                    \
    }                                                                                                                        \
  }
CHECK(f32, float)
CHECK(f64, double)

int main(void) {
  for (long rows = 0; rows <= 40; rows++) {
    for (long columns = 0; columns <= 40; columns++) {
      check_f32(rows, columns);
      check_f64(rows, columns);
    }
  }
  return failures != 0;
}
