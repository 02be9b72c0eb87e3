// Products of elbow_contraction.h of many sizes against loops over elements, in whole numbers, which are exact in any order; every
// element is finished once, what lies around the result is left alone, and rows cut into tiles give the same bits.
#include "elbow_contraction.h"

#include <stdio.h>
#include <string.h>

#define ROWS 37
#define COLUMNS 60
#define DEPTH 1100
static int failures = 0;
static int finished[ROWS][COLUMNS];

static void finish(const void *context, long first, long row, long row_end, long column, long column_end) {
  (void)context, (void)first;
  for (long i = row; i < row_end; i++)
    for (long j = column; j < column_end; j++) finished[i][j]++;
}

// How the left operand lies, or that the right one is transposed.
enum { STRAIGHT, TRANSPOSED, DOTS };
static const char *const names[] = {"straight", "transposed", "dots"};

#define CHECK(D, T)                                                                                                          \
  static T a_##D[ROWS * (DEPTH + 3)], b_##D[DEPTH * (COLUMNS + 1)], c_##D[(ROWS + 1) * COLUMNS], d_##D[(ROWS + 1) * COLUMNS];\
                                                                                                                             \
  static __attribute__((noinline)) void product_##D(long rows, long columns, long depth, long a_row, long a_depth, T *c,     \
                                                    int add, long first, el_finish done) {                                   \
    el_contract_##D(rows, columns, depth, a_##D + first * a_row, a_row, a_depth, b_##D, COLUMNS + 1, c + first * COLUMNS,    \
                    COLUMNS, add, done, NULL, first);                                                                        \
  }                                                                                                                          \
  /* The same of a right operand, transposed, that has the depth side by side. */                                            \
  static T t_##D[COLUMNS * (DEPTH + 3)];                                                                                     \
  static __attribute__((noinline)) void dots_##D(long rows, long columns, long depth, long a_row, T *c, int add, long first, \
                                                 el_finish done) {                                                           \
    el_contract_dots_##D(rows, columns, depth, a_##D + first * a_row, a_row, t_##D, DEPTH + 3, c + first * COLUMNS, COLUMNS, \
                         add, done, NULL, first);                                                                            \
  }                                                                                                                          \
                                                                                                                             \
  /* What the whole product is, whose elements are those of every smaller one. */                                            \
  static T sums_##D[ROWS * COLUMNS];                                                                                         \
  static void sum_up_##D(long depth, int kind) {                                                                             \
    const long a_row = kind == TRANSPOSED ? 1 : DEPTH + 3, a_depth = kind == TRANSPOSED ? ROWS : 1;                          \
    for (long i = 0; i < ROWS; i++) {                                                                                        \
      for (long j = 0; j < COLUMNS; j++) {                                                                                   \
        T sum = 0;                                                                                                           \
        for (long k = 0; k < depth; k++) sum += a_##D[i * a_row + k * a_depth] * b_##D[k * (COLUMNS + 1) + j];               \
        sums_##D[i * COLUMNS + j] = sum;                                                                                     \
      }                                                                                                                      \
    }                                                                                                                        \
  }                                                                                                                          \
                                                                                                                             \
  static void check_##D(long rows, long columns, long depth, int kind, int add) {                                            \
    const long a_row = kind == TRANSPOSED ? 1 : DEPTH + 3, a_depth = kind == TRANSPOSED ? ROWS : 1;                          \
    for (long k = 0; k < (ROWS + 1) * COLUMNS; k++) c_##D[k] = (T)(k % 7);                                                   \
    memset(finished, 0, sizeof finished);                                                                                    \
    if (kind == DOTS)                                                                                                        \
      dots_##D(rows, columns, depth, a_row, c_##D, add, 0, finish);                                                          \
    else                                                                                                                     \
      product_##D(rows, columns, depth, a_row, a_depth, c_##D, add, 0, finish);                                              \
    for (long i = 0; i <= ROWS; i++) {                                                                                       \
      for (long j = 0; j < COLUMNS; j++) {                                                                                   \
        const int is_in = i < rows && j < columns;                                                                           \
        const T expected = (is_in ? sums_##D[i * COLUMNS + j] : 0) + (is_in && !add ? 0 : (T)((i * COLUMNS + j) % 7));       \
        if ((c_##D[i * COLUMNS + j] != expected || (i < ROWS && finished[i][j] != is_in)) && failures++ < 20)                \
          printf(#D " %ld x %ld, depth %ld, %s%s: element %ld, %ld\n", rows, columns, depth,                                 \
                 names[kind], add ? ", added" : "", i, j);                                                                   \
      }                                                                                                                      \
    }                                                                                                                        \
  }                                                                                                                          \
                                                                                                                             \
  static void fill_##D(int is_whole) {                                                                                       \
    for (long k = 0; k < ROWS * (DEPTH + 3); k++)                                                                            \
      a_##D[k] = is_whole ? (T)((k * 7 + k / 11) % 9 - 4) : (T)1 / (T)(3 + k * 7 % 1009);                                    \
    for (long k = 0; k < DEPTH * (COLUMNS + 1); k++)                                                                         \
      b_##D[k] = is_whole ? (T)((k * 5 + k / 13) % 9 - 4) : (T)1 / (T)(5 + k * 3 % 997);                                     \
    for (long j = 0; j < COLUMNS; j++)                                                                                       \
      for (long k = 0; k < DEPTH; k++) t_##D[j * (DEPTH + 3) + k] = b_##D[k * (COLUMNS + 1) + j];                            \
  }                                                                                                                          \
                                                                                                                             \
  static void check_tiles_##D(long columns, long depth, int kind) {                                                          \
    const long a_row = kind == TRANSPOSED ? 1 : DEPTH + 3, a_depth = kind == TRANSPOSED ? ROWS : 1;                          \
    memset(c_##D, 0, sizeof c_##D), memset(d_##D, 0, sizeof d_##D);                                                          \
    if (kind == DOTS)                                                                                                        \
      dots_##D(ROWS, columns, depth, a_row, c_##D, 0, 0, NULL);                                                              \
    else                                                                                                                     \
      product_##D(ROWS, columns, depth, a_row, a_depth, c_##D, 0, 0, NULL);                                                  \
    for (long i = 0, size = 1; i < ROWS; i += size, size = size * 2 % 19) {                                                  \
      if (size > ROWS - i) size = ROWS - i;                                                                                  \
      if (kind == DOTS)                                                                                                      \
        dots_##D(size, columns, depth, a_row, d_##D, 0, i, NULL);                                                            \
      else                                                                                                                   \
        product_##D(size, columns, depth, a_row, a_depth, d_##D, 0, i, NULL);                                                \
    }                                                                                                                        \
    if (memcmp(c_##D, d_##D, sizeof c_##D) && failures++ < 20)                                                               \
      printf(#D " %ld columns, depth %ld: tiles differ from the whole\n", columns, depth);                                   \
  }                                                                                                                          \
                                                                                                                             \
  static void check_all_##D(void) {                                                                                          \
    static const long depths[] = {0, 1, 15, 64, 67, 1100}, rows[] = {0, 1, 5, 16, 37};                                       \
    fill_##D(1);                                                                                                             \
    for (int t = 0; t < 3; t++)                                                                                              \
      for (int d = 0; d < 6; d++) {                                                                                          \
        sum_up_##D(depths[d], t);                                                                                            \
        for (int r = 0; r < 5; r++)                                                                                          \
          for (long columns = 1; columns <= COLUMNS; columns += columns > 21 ? 5 : 1)                                        \
            check_##D(rows[r], columns, depths[d], t, (int)columns & 1 ? r & 1 : !(r & 1));                                  \
      }                                                                                                                      \
    fill_##D(0);                                                                                                             \
    for (int t = 0; t < 3; t++)                                                                                              \
      for (long columns = 1; columns <= 20; columns++) check_tiles_##D(columns, 67, t), check_tiles_##D(columns, 1100, t);   \
  }
CHECK(f32, float)
CHECK(f64, double)

int main(void) {
  check_all_f32();
  check_all_f64();
  return failures != 0;
}
