// elbow_narrow.h: the last columns of a product, if they fill at most a quarter of a vector.
//
// In a tile of vectors along the columns they would cost as much as a whole vector. Here the lanes are given to rows, if those
// of the left operand lie side by side, or else to steps of the depth, if those do; the lanes are then summed up.
#ifndef ELBOW_NARROW_H
#define ELBOW_NARROW_H

#include "elbow_dots.h"
#include "elbow_vector.h"

// How many of the columns are narrow. Where the lanes are given to rows, sums are those of other columns, and the processor
// decides. Where they are given to the depth they are not: it must depend on the product alone, not on the lanes there are, nor on
// the number of rows, which is a matter of tiles.
#define EL_NARROW_COLUMNS(columns, depth, a_row, a_depth)                                                                    \
  ((a_row) == 1 ? ((columns) % EL_LANES * 4 <= EL_LANES ? (int)((columns) % EL_LANES) : 0)                                   \
   : (a_depth) == 1 && (depth) >= 64 && (columns) % EL_SUM_LANES <= 4 ? (int)((columns) % EL_SUM_LANES)                      \
                                                                      : 0)

// What is compiled once for a number of columns, whatever the strides: `a_step` is the one that is not 1.
#define EL_NARROW_PARAMETERS(T)                                                                                              \
  long rows, long depth, const T *a, long a_step, const T *b, long b_depth, T *c, long c_row, int add
#define EL_NARROW(D, T, COLUMNS)                                                                                             \
  EL_OUTLINE void el_narrow_dots_##D##_##COLUMNS(EL_NARROW_PARAMETERS(T)) {                    \
    el_narrow_dots_##D(el_dots_panel_##D##_##COLUMNS, COLUMNS, rows, depth, a, a_step, b, b_depth, c, c_row, add);           \
  }                                                                                                                          \
  EL_OUTLINE void el_narrow_lanes_##D##_##COLUMNS(EL_NARROW_PARAMETERS(T)) {                   \
    el_narrow_lanes_##D(COLUMNS, rows, depth, a, a_step, b, b_depth, c, c_row, add);                                         \
  }

#define EL_DEFINE_NARROW(D, T)                                                                                               \
  /* The lanes along the depth: the columns are copied, some steps of them at a time. */                                     \
  EL_INLINE void el_narrow_dots_##D(el_dots_panel_##D *panel, const int columns, long rows, long depth, const T *a,          \
                                    long a_row, const T *b, long b_depth, T *c, long c_row, int add) {                       \
    T right[4 * EL_DOTS_DEPTH];                                                                                              \
    for (long from = 0; from < depth; from += EL_DOTS_DEPTH) {                                                               \
      const long steps = depth - from < EL_DOTS_DEPTH ? depth - from : EL_DOTS_DEPTH;                                        \
      for (long k = 0; k < steps; k++) {                                                                                     \
        EL_UNROLL for (int j = 0; j < columns; j++) right[j * EL_DOTS_DEPTH + k] = b[(from + k) * b_depth + j];              \
      }                                                                                                                      \
      panel(rows, steps, a + from, a_row, right, EL_DOTS_DEPTH, c, c_row, add || from > 0, right);                           \
    }                                                                                                                        \
  }                                                                                                                          \
                                                                                                                             \
  /* Some vectors of rows. Of the last one `rows` says how many there are. */                                                \
  EL_INLINE void el_narrow_lanes_tile_##D(const int vectors, const int columns, long rows, long depth, const T *a,           \
                                          long a_depth, const T *b, long b_depth, T *c, long c_row, int add) {               \
    el_##D sum[16][4];                                                                                                       \
    const long last = rows - (long)(vectors - 1) * EL_LANES;                                                                 \
    EL_UNROLL for (int i = 0; i < vectors; i++) {                                                                            \
      EL_UNROLL for (int j = 0; j < columns; j++) {                                                                          \
        const T *from = c + i * EL_LANES * c_row + j;                                                                        \
        sum[i][j] = add ? el_gather_n_##D(from, c_row, i < vectors - 1 ? EL_LANES : last) : el_splat_##D(0);                 \
      }                                                                                                                      \
    }                                                                                                                        \
    EL_ROLLED for (long k = 0; k < depth; k++) {                                                                             \
      el_##D column[4];                                                                                                      \
      EL_UNROLL for (int j = 0; j < columns; j++) column[j] = el_splat_##D(b[k * b_depth + j]);                              \
      EL_UNROLL for (int i = 0; i < vectors; i++) {                                                                          \
        const T *from = a + k * a_depth + i * EL_LANES;                                                                      \
        const el_##D left = i < vectors - 1 ? el_load_##D(from) : el_load_n_##D(from, last);                                 \
        EL_UNROLL for (int j = 0; j < columns; j++) sum[i][j] = el_fma_##D(left, column[j], sum[i][j]);                      \
      }                                                                                                                      \
    }                                                                                                                        \
    EL_UNROLL for (int i = 0; i < vectors; i++) {                                                                            \
      EL_UNROLL for (int j = 0; j < columns; j++)                                                                            \
        el_scatter_n_##D(c + i * EL_LANES * c_row + j, c_row, sum[i][j], i < vectors - 1 ? EL_LANES : last);                 \
    }                                                                                                                        \
  }                                                                                                                          \
                                                                                                                             \
  EL_INLINE void el_narrow_lanes_##D(const int columns, long rows, long depth, const T *a, long a_depth, const T *b,         \
                                     long b_depth, T *c, long c_row, int add) {                                              \
    const int vectors = el_dots_rows(columns, (int)sizeof(T));                                                               \
    const long tile = (long)vectors * EL_LANES;                                                                              \
    long i = 0;                                                                                                              \
    for (; i + tile <= rows; i += tile)                                                                                      \
      el_narrow_lanes_tile_##D(vectors, columns, tile, depth, a + i, a_depth, b, b_depth, c + i * c_row, c_row, add);        \
    for (; i < rows; i += EL_LANES)                                                                                          \
      el_narrow_lanes_tile_##D(1, columns, rows - i < EL_LANES ? rows - i : EL_LANES, depth, a + i, a_depth, b, b_depth,     \
                               c + i * c_row, c_row, add);                                                                   \
  }                                                                                                                          \
                                                                                                                             \
  EL_NARROW(D, T, 1) EL_NARROW(D, T, 2) EL_NARROW(D, T, 3) EL_NARROW(D, T, 4)                                                \
                                                                                                                             \
  typedef void el_narrow_##D(EL_NARROW_PARAMETERS(T));

EL_DEFINE_NARROW(f32, float)
EL_DEFINE_NARROW(f64, double)

// The function for a number of columns.
#define EL_NARROW_KERNEL(D, columns, a_row)                                                                                  \
  ((a_row) == 1 ? EL_BY_COLUMNS(el_narrow_lanes_##D, columns) : EL_BY_COLUMNS(el_narrow_dots_##D, columns))
#define EL_BY_COLUMNS(NAME, columns)                                                                                         \
  ((columns) == 1 ? NAME##_1 : (columns) == 2 ? NAME##_2 : (columns) == 3 ? NAME##_3 : NAME##_4)

#endif
