// elbow_dots.h: products whose right operand has the steps of the depth side by side, c[i][j] (+)= sum over k of
// a[i][k] * b[j][k], such as a gradient by a layer's input, which reads the weight as it lies.
//
// The lanes run along the depth, and every element of a tile is a vector of sums while k runs. At the end the lanes are added
// up, those of EL_LANES elements together: by the steps of a transposition, with a sum where that has an exchange.
//
// The order of an element's sum depends on the depth alone, not on where it lies in a tile or on the processor: there are
// EL_SUM_LANES lanes, of which a tile takes as many at a time as a vector has, and they are added up after each EL_DOTS_DEPTH steps.
#ifndef ELBOW_DOTS_H
#define ELBOW_DOTS_H

#include "elbow_transpose.h"
#include "elbow_vector.h"

// The steps of the depth whose sum is added to the result at a time. The number is part of what a program computes.
#define EL_DOTS_DEPTH 1024

// How many rows, or vectors of rows, a tile of some columns has so that the sums, what belongs to each column, and a row stay
// in registers.
EL_INLINE int el_dots_rows(int columns, int bytes) {
  const int rows = (EL_REGISTERS * 4 / bytes - columns - 1) / columns;
  return rows > 16 ? 16 : rows < 1 ? 1 : rows;
}

// How many columns a tile has at most: as many as leave it about as high as wide.
#define EL_DOTS_COLUMNS(bytes) (EL_REGISTERS * 4 / (bytes) >= 32 ? 6 : EL_REGISTERS * 4 / (bytes) >= 16 ? 3 : 2)

// Of every pair of vectors, h apart, one whose lanes are sums of two: of the first's where bit h of the lane is clear, else of
// the second's. What has no partner is its own. After all steps, lane l of vector EL_LANES * n is the sum of vector
// EL_LANES * n + l.
#define EL_SUM_STEP(D, v, count, h)                                                                                          \
  EL_UNROLL for (int i = 0; i < (count); i += 2 * (h)) {                                                                     \
    const el_##D a = v[i], b = v[i + (h) < (count) ? i + (h) : i];                                                           \
    v[i] = __builtin_shufflevector(a, b, EL_EACH_LANE(EL_FIRST, h)) +                                                        \
           __builtin_shufflevector(a, b, EL_EACH_LANE(EL_SECOND, h));                                                        \
  }
#if EL_LANES == 16
#define EL_SUM_STEPS(D, v, count)                                                                                            \
  EL_SUM_STEP(D, v, count, 1) EL_SUM_STEP(D, v, count, 2) EL_SUM_STEP(D, v, count, 4) EL_SUM_STEP(D, v, count, 8)
#elif EL_LANES == 8
#define EL_SUM_STEPS(D, v, count) EL_SUM_STEP(D, v, count, 1) EL_SUM_STEP(D, v, count, 2) EL_SUM_STEP(D, v, count, 4)
#else
#define EL_SUM_STEPS(D, v, count) EL_SUM_STEP(D, v, count, 1) EL_SUM_STEP(D, v, count, 2)
#endif

#define EL_DOTS_PARAMETERS(T)                                                                                                \
  long rows, long depth, const T *a, long a_row, const T *b, long b_column, T *c, long c_row, int add, const T *next
// Compiled once for each number of columns.
#define EL_DOTS_PANEL(D, T, COLUMNS)                                                                                         \
  EL_OUTLINE void el_dots_panel_##D##_##COLUMNS(EL_DOTS_PARAMETERS(T)) {                       \
    el_dots_tiles_##D(COLUMNS, rows, depth, a, a_row, b, b_column, c, c_row, add, next);                                     \
  }

#define EL_DEFINE_DOTS(D, T)                                                                                                 \
  /* The steps of the depth that one vector holds, or the first `count` of them. */                                          \
  EL_INLINE void el_dots_step_##D(const int rows, const int columns, const T *a, long a_row, const T *b, long b_column,      \
                                  el_##D *sum, long count) {                                                                 \
    el_##D right[7];                                                                                                         \
    EL_UNROLL for (int j = 0; j < columns; j++) right[j] = el_load_n_##D(b + j * b_column, count);                           \
    EL_UNROLL for (int i = 0; i < rows; i++) {                                                                               \
      const el_##D left = el_load_n_##D(a + i * a_row, count);                                                               \
      EL_UNROLL for (int j = 0; j < columns; j++)                                                                            \
        sum[i * columns + j] = el_fma_##D(left, right[j], sum[i * columns + j]);                                             \
    }                                                                                                                        \
  }                                                                                                                          \
                                                                                                                             \
  /* One tile. With each step it fetches a vector of `next`. */                                                              \
  EL_INLINE void el_dots_tile_##D(const int rows, const int columns, long depth, const T *a, long a_row, const T *b,         \
                                  long b_column, T *c, long c_row, int add, const T *next) {                                 \
    el_##D sum[32];                                                                                                          \
    T total[EL_PARTS][32 + EL_LANES];                                                                                        \
    EL_ROLLED for (int part = 0; part < EL_PARTS; part++) {                                                                  \
      EL_UNROLL for (int p = 0; p < rows * columns; p++) sum[p] = el_splat_##D(0);                                           \
      long k = part * EL_LANES;                                                                                              \
      EL_ROLLED for (; k + EL_LANES <= depth; k += EL_SUM_LANES) {                                                           \
        EL_FETCH(next, k);                                                                                                   \
        el_dots_step_##D(rows, columns, a + k, a_row, b + k, b_column, sum, EL_LANES);                                       \
      }                                                                                                                      \
      const long rest = depth - k;                                                                                           \
      if (rest >= EL_LANES) __builtin_unreachable();                                                                         \
      if (rest > 0) el_dots_step_##D(rows, columns, a + k, a_row, b + k, b_column, sum, rest);                               \
      EL_SUM_STEPS(D, sum, rows * columns)                                                                                   \
      EL_UNROLL for (int p = 0; p < rows * columns; p += EL_LANES) el_store_##D(total[part] + p, sum[p]);                    \
    }                                                                                                                        \
    for (int apart = 1; apart < EL_PARTS; apart *= 2) {                                                                      \
      for (int part = 0; part < EL_PARTS; part += 2 * apart) {                                                               \
        EL_UNROLL for (int p = 0; p < rows * columns; p++) total[part][p] += total[part + apart][p];                         \
      }                                                                                                                      \
    }                                                                                                                        \
    if (add) {                                                                                                               \
      EL_UNROLL for (int p = 0; p < rows * columns; p++) total[0][p] += c[p / columns * c_row + p % columns];                \
    }                                                                                                                        \
    EL_UNROLL for (int p = 0; p < rows * columns; p++) c[p / columns * c_row + p % columns] = total[0][p];                   \
  }                                                                                                                          \
                                                                                                                             \
  /* All rows under tiles of some columns; those to come are at `next`. */                                                   \
  EL_INLINE void el_dots_tiles_##D(const int columns, EL_DOTS_PARAMETERS(T)) {                                               \
    const int tile = el_dots_rows(columns, (int)sizeof(T));                                                                  \
    long i = 0;                                                                                                              \
    for (; i + tile <= rows; i += tile)                                                                                      \
      el_dots_tile_##D(tile, columns, depth, a + i * a_row, a_row, b, b_column, c + i * c_row, c_row, add,                   \
                       i < columns * tile ? next + i / tile * b_column : b);                                                 \
    for (; i < rows; i++)                                                                                                    \
      el_dots_tile_##D(1, columns, depth, a + i * a_row, a_row, b, b_column, c + i * c_row, c_row, add, b);                  \
  }                                                                                                                          \
                                                                                                                             \
  EL_DOTS_PANEL(D, T, 1) EL_DOTS_PANEL(D, T, 2) EL_DOTS_PANEL(D, T, 3) EL_DOTS_PANEL(D, T, 4) EL_DOTS_PANEL(D, T, 5)         \
  EL_DOTS_PANEL(D, T, 6) EL_DOTS_PANEL(D, T, 7)                                                                              \
  typedef void el_dots_panel_##D(EL_DOTS_PARAMETERS(T));

EL_DEFINE_DOTS(f32, float)
EL_DEFINE_DOTS(f64, double)

#endif
