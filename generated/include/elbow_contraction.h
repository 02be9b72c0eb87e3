// elbow_contraction.h: products of matrices, c[i][j] (+)= sum over k of a[i][k] * b[k][j], the one building block of dense
// layers, convolutions and their gradients.
//
// A tile of the result - some rows, some vectors wide - stays in registers while k runs. The left operand is read one number
// at a time and may lie in memory in any way; the right operand and the result are read and written in whole vectors along j.
// The depth is cut into blocks so that the right operand's share stays in the first-level cache while all rows pass over it.
//
// The depth is taken in `taps` runs of `depth` steps: one run for a dense layer, one for each row of a convolution's window.
//
// Where the right operand has not its columns but the steps of the depth side by side, el_contract_dots runs the lanes along
// the depth; see elbow_dots.h.
//
// Every element is summed up in the order of k, one fused multiply-add after the other, beginning with what is added to (in dots
// and in some columns of elbow_narrow.h in lanes). So nothing of how the work is cut - tiles, blocks of the depth, threads - shows
// in a result, and cutting it may depend on the processor.
//
// Sizes that are constants where el_contract is called stay constants in here, for everything is inlined.
#ifndef ELBOW_CONTRACTION_H
#define ELBOW_CONTRACTION_H

#include <stddef.h>
#include <stdint.h>

#include "elbow_narrow.h"
#include "elbow_vector.h"

// The share of the right operand, in bytes, that a block of the depth may take of the first-level cache. Tiles of many
// registers also live with the second level.
#ifndef EL_BLOCK_BYTES
#define EL_BLOCK_BYTES 24576
#endif

// The rows of dots that are finished at a time.
#define EL_DOTS_BAND 64

// Called with each tile of the result that is complete, while it is in the first-level cache: `first` is what the caller
// gave, rows count from it.
typedef void (*el_finish)(const void *context, long first, long row, long row_end, long column, long column_end);

// How many rows a tile has that is `vectors` wide: r rows and v vectors take r * v + v + 1 registers.
EL_INLINE int el_tile_rows(int vectors) {
  int rows = (EL_REGISTERS - vectors - 1) / vectors;
  return rows > 8 ? 8 : rows;
}

// How many vectors wide the tiles are that cover `all` vectors with the least waste, and among those the widest.
#define EL_COVERED(all, width) (((all) + (width) - 1) / (width) * (width))
#define EL_NO_WORSE(all, width, other) (EL_COVERED(all, width) <= EL_COVERED(all, other))
#if EL_REGISTERS == 32
#define EL_TILE_WIDTH(all)                                                                                                   \
  ((all) <= 7                                                                   ? (int)(all)                                 \
   : EL_NO_WORSE(all, 7, 6) && EL_NO_WORSE(all, 7, 5) && EL_NO_WORSE(all, 7, 4) ? 7                                          \
   : EL_NO_WORSE(all, 6, 5) && EL_NO_WORSE(all, 6, 4)                           ? 6                                          \
   : EL_NO_WORSE(all, 5, 4)                                                     ? 5                                          \
                                                                                : 4)
#else
#define EL_TILE_WIDTH(all) ((all) <= 3 ? (int)(all) : EL_NO_WORSE(all, 3, 2) ? 3 : 2)
#endif

// A panel's function is shared by all products of its width: their number, not their inlining, decides how long compiling
// takes, and the strides that it gets as arguments cost nothing beside the arithmetic. One is for whole vectors, and one for
// those at the edge.
#define EL_PANEL(D, T, V)                                                                                                    \
  EL_OUTLINE void el_contract_panel_##D##_##V(EL_PANEL_PARAMETERS(T)) {                        \
    el_contract_rows_##D(V, rows, depth, a, a_row, a_depth, b, b_depth, c, c_row, add, V * EL_LANES, next, finish, context,  \
                         first, column);                                                                                     \
    (void)width;                                                                                                             \
  }                                                                                                                          \
  EL_OUTLINE void el_contract_edge_##D##_##V(EL_PANEL_PARAMETERS(T)) {                         \
    el_contract_rows_##D(V, rows, depth, a, a_row, a_depth, b, b_depth, c, c_row, add, width, next, finish, context, first,  \
                         column);                                                                                            \
  }
#define EL_PANEL_PARAMETERS(T)                                                                                               \
  long rows, long depth, const T *a, long a_row, long a_depth, const T *b, long b_depth, T *c, long c_row, int add,          \
      long width, const T *next, el_finish finish, const void *context, long first, long column

// The function for a width. Of conditions that are known, compilers drop the other side before they look at the functions
// there; those of a switch within a function are all optimised before it is known which one is called.
#define EL_BY_WIDTH(NAME, vectors)                                                                                           \
  ((vectors) == 1   ? NAME##_1                                                                                               \
   : (vectors) == 2 ? NAME##_2                                                                                               \
   : (vectors) == 3 ? NAME##_3                                                                                               \
   : (vectors) == 4 ? NAME##_4                                                                                               \
   : (vectors) == 5 ? NAME##_5                                                                                               \
   : (vectors) == 6 ? NAME##_6                                                                                               \
                    : NAME##_7)

// The arguments of a product, by name: what it takes is a plain list of numbers and addresses, which these are replaced by.
// Strides are numbers of elements from one row, column or step of the depth to the next.
#define EL_SIZE(rows, columns, depth) rows, columns, depth
#define EL_LEFT(array, row_stride, depth_stride) array, row_stride, depth_stride
#define EL_LEFT_DOTS(array, row_stride) array, row_stride
#define EL_RIGHT(array, depth_stride) array, depth_stride
#define EL_RIGHT_DOTS(array, column_stride) array, column_stride
#define EL_RIGHT_BLAS(array, depth_stride, column_stride) array, depth_stride, column_stride
#define EL_RESULT(array, row_stride, is_added) array, row_stride, is_added
// The function that finishes each tile, if any, what it is given, and the number of the first row.
#define EL_FINISH(function, context, first) function, context, first
// The runs of the depth, and how far apart they begin.
#define EL_TAPS(count, left_stride, right_stride) count, left_stride, right_stride
#define EL_SHAPE(rows, columns) rows, columns
#define EL_STRIDES(left_row, left_depth, right_depth, result_row) left_row, left_depth, right_depth, result_row
#define EL_TILE(rows, vectors) rows, vectors

// A function for a product whose numbers of rows and columns and whose strides are constants.
#define EL_FIXED_CONTRACTION(...) EL_FIXED_CONTRACTION_OF(__VA_ARGS__)
#define EL_FIXED_CONTRACTION_OF(NAME, D, T, ROWS, COLUMNS, A_ROW, A_DEPTH, B_DEPTH, C_ROW, TILE_ROWS, TILE_VECTORS)          \
  EL_OUTLINE void NAME(long taps, long a_tap, long b_tap, long depth, const T *a, const T *b, T *c,\
                                             int add) {                                                                      \
    el_contract_fixed_##D(TILE_ROWS, TILE_VECTORS, ROWS, COLUMNS, taps, a_tap, b_tap, depth, a, A_ROW, A_DEPTH, b, B_DEPTH,  \
                          c, C_ROW, add);                                                                                    \
  }

// A number that depends on the registers there are: 32 with 16 lanes, 16 with 8, 32 with 4, 16 with 4.
#if EL_LANES == 16
#define EL_BY_REGISTERS(sixteen, eight, four, few) sixteen
#elif EL_LANES == 8
#define EL_BY_REGISTERS(sixteen, eight, four, few) eight
#elif EL_REGISTERS == 32
#define EL_BY_REGISTERS(sixteen, eight, four, few) four
#else
#define EL_BY_REGISTERS(sixteen, eight, four, few) few
#endif

#define EL_DEFINE_CONTRACTION(D, T)                                                                                          \
  /* One tile. `width` counts the columns that exist; those of the last vector beyond it are left alone. If it is to fetch, it\
     does so with each step: a vector of the block at `next`, and the left operand's rows beyond the line that is read. */   \
  EL_INLINE void el_contract_tile_##D(const int rows, const int vectors, long taps, long a_tap, long b_tap, long depth,      \
                                      const T *a, long a_row, long a_depth, const T *b, long b_depth, T *c, long c_row,      \
                                      int add, long width, const int fetch, const T *next) {                                 \
    el_##D sum[16][7];                                                                                                       \
    const long last = width - (long)(vectors - 1) * EL_LANES;                                                                \
    EL_UNROLL for (int i = 0; i < rows; i++) {                                                                               \
      EL_UNROLL for (int j = 0; j < vectors; j++) {                                                                          \
        const T *from = c + i * c_row + j * EL_LANES;                                                                        \
        sum[i][j] = !add ? el_splat_##D(0) : j < vectors - 1 ? el_load_##D(from) : el_load_n_##D(from, last);                \
      }                                                                                                                      \
    }                                                                                                                        \
    for (long tap = 0; tap < taps; tap++, a += a_tap, b += b_tap) {                                                          \
      EL_ROLLED for (long k = 0; k < depth; k++) {                                                                           \
        el_##D right[7];                                                                                                     \
        const T *from = b + k * b_depth;                                                                                     \
        if (fetch) {                                                                                                         \
          EL_FETCH(next, k * b_depth);                                                                                       \
          EL_FETCH(a, EL_LANES * a_row + k * a_depth);                                                                       \
        }                                                                                                                    \
        EL_UNROLL for (int j = 0; j < vectors - 1; j++) right[j] = el_load_##D(from + j * EL_LANES);                         \
        right[vectors - 1] = el_load_n_##D(from + (vectors - 1) * EL_LANES, last);                                           \
        EL_UNROLL for (int i = 0; i < rows; i++) {                                                                           \
          const el_##D left = el_splat_##D(a[i * a_row + k * a_depth]);                                                      \
          EL_UNROLL for (int j = 0; j < vectors; j++) sum[i][j] = el_fma_##D(left, right[j], sum[i][j]);                     \
        }                                                                                                                    \
      }                                                                                                                      \
    }                                                                                                                        \
    EL_UNROLL for (int i = 0; i < rows; i++) {                                                                               \
      EL_UNROLL for (int j = 0; j < vectors; j++) {                                                                          \
        T *to = c + i * c_row + j * EL_LANES;                                                                                \
        if (j < vectors - 1)                                                                                                 \
          el_store_##D(to, sum[i][j]);                                                                                       \
        else                                                                                                                 \
          el_store_n_##D(to, sum[i][j], last);                                                                               \
      }                                                                                                                      \
    }                                                                                                                        \
  }                                                                                                                          \
                                                                                                                             \
  /* All rows under tiles of one width, their number known. */                                                               \
  EL_INLINE void el_contract_fixed_rows_##D(const int tile, const int vectors, const long rows, const long width, long taps, \
                                            long a_tap, long b_tap, long depth, const T *a, const long a_row,                \
                                            const long a_depth, const T *b, const long b_depth, T *c, const long c_row,      \
                                            int add) {                                                                       \
    long i = 0;                                                                                                              \
    for (; i + tile <= rows; i += tile)                                                                                      \
      el_contract_tile_##D(tile, vectors, taps, a_tap, b_tap, depth, a + i * a_row, a_row, a_depth, b, b_depth,              \
                           c + i * c_row, c_row, add, width, 0, b);                                                          \
    if (rows % tile != 0)                                                                                                    \
      el_contract_tile_##D((int)(rows % tile), vectors, taps, a_tap, b_tap, depth, a + i * a_row, a_row, a_depth, b,         \
                           b_depth, c + i * c_row, c_row, add, width, 0, b);                                                 \
  }                                                                                                                          \
                                                                                                                             \
  /* The lines of a tile of the result, which have time to come while the depth is long. */                                  \
  EL_INLINE void el_fetch_result_##D(const int rows, const int vectors, long depth, T *c, long c_row) {                      \
    if (depth < 64) return;                                                                                                  \
    for (int i = 0; i < rows; i++) {                                                                                         \
      EL_UNROLL for (int j = 0; j < vectors; j++) EL_FETCH_TO_WRITE(c + i * c_row + j * EL_LANES);                           \
    }                                                                                                                        \
  }                                                                                                                          \
                                                                                                                             \
  /* All rows under tiles of one width; the block to come is at `next`. */                                                   \
  EL_INLINE void el_contract_rows_##D(const int vectors, long rows, long depth, const T *a, long a_row, long a_depth,        \
                                      const T *b, long b_depth, T *c, long c_row, int add, long width, const T *next,        \
                                      el_finish finish, const void *context, long first, long column) {                      \
    /* Narrow tiles have few products for what they load, and the right operand's rows are short. */                         \
    const int tile = el_tile_rows(vectors), fetch = vectors > EL_REGISTERS / 16;                                             \
    long i = 0;                                                                                                              \
    for (; i + tile <= rows; i += tile) {                                                                                    \
      if (fetch) el_fetch_result_##D(tile, vectors, depth, c + i * c_row, c_row);                                            \
      el_contract_tile_##D(tile, vectors, 1, 0, 0, depth, a + i * a_row, a_row, a_depth, b, b_depth, c + i * c_row, c_row,   \
                           add, width, fetch, i < vectors * tile ? next + i / tile * EL_LANES : b);                          \
      if (finish) finish(context, first, first + i, first + i + tile, column, column + width);                               \
    }                                                                                                                        \
    if (tile > 3 && i + tile / 2 <= rows) {                                                                                  \
      el_contract_tile_##D(tile / 2, vectors, 1, 0, 0, depth, a + i * a_row, a_row, a_depth, b, b_depth, c + i * c_row,      \
                           c_row, add, width, 0, b);                                                                         \
      if (finish) finish(context, first, first + i, first + i + tile / 2, column, column + width);                           \
      i += tile / 2;                                                                                                         \
    }                                                                                                                        \
    for (; i < rows; i++) {                                                                                                  \
      el_contract_tile_##D(1, vectors, 1, 0, 0, depth, a + i * a_row, a_row, a_depth, b, b_depth, c + i * c_row, c_row, add, \
                           width, 0, b);                                                                                     \
      if (finish) finish(context, first, first + i, first + i + 1, column, column + width);                                  \
    }                                                                                                                        \
  }                                                                                                                          \
                                                                                                                             \
  /* All rows and columns, their numbers known. */                                                                           \
  EL_INLINE void el_contract_fixed_##D(const int tile, const int vectors, const long rows, const long columns, long taps,    \
                                       long a_tap, long b_tap, long depth, const T *a, const long a_row, const long a_depth, \
                                       const T *b, const long b_depth, T *c, const long c_row, int add) {                    \
    const long panel = (long)vectors * EL_LANES;                                                                             \
    for (long j = 0; j < columns; j += panel) {                                                                              \
      if (j + panel <= columns)                                                                                              \
        el_contract_fixed_rows_##D(tile, vectors, rows, panel, taps, a_tap, b_tap, depth, a, a_row, a_depth, b + j, b_depth, \
                                   c + j, c_row, add);                                                                       \
      else                                                                                                                   \
        el_contract_fixed_rows_##D(tile, (int)((columns % panel + EL_LANES - 1) / EL_LANES), rows, columns % panel, taps,    \
                                   a_tap, b_tap, depth, a, a_row, a_depth, b + j, b_depth, c + j, c_row, add);               \
    }                                                                                                                        \
  }                                                                                                                          \
                                                                                                                             \
  /* The same, compiled once for each width. */                                                                              \
  EL_PANEL(D, T, 1) EL_PANEL(D, T, 2) EL_PANEL(D, T, 3) EL_PANEL(D, T, 4) EL_PANEL(D, T, 5) EL_PANEL(D, T, 6)                \
  EL_PANEL(D, T, 7)                                                                                                          \
  typedef void el_panel_##D(EL_PANEL_PARAMETERS(T));                                                                         \
                                                                                                                             \
  /* The product but for its narrow columns, in panels of some vectors; the function for what is left of them, if anything. */\
  EL_INLINE void el_contract_wide_##D(el_panel_##D *whole, el_panel_##D *edge, const int vectors, long rows, long columns,   \
                                      long depth, const T *a, long a_row, long a_depth, const T *b, long b_depth, T *c,      \
                                      long c_row, int add, el_finish finish, const void *context, long first) {              \
    const long panel = (long)vectors * EL_LANES;                                                                             \
    const long fit = EL_BLOCK_BYTES / (panel * (long)sizeof(T));                                                             \
    const long blocks = (depth + fit - 1) / fit;                                                                             \
    const long block = blocks > 0 ? (depth + blocks - 1) / blocks : 1;                                                       \
    for (long k = 0; k < depth || k == 0; k += block) {                                                                      \
      const long step = depth - k < block ? depth - k : block;                                                               \
      const int more = add || k > 0;                                                                                         \
      const el_finish done = k + step >= depth ? finish : NULL;                                                              \
      const T *const here = b + k * b_depth, *const below = k + step < depth ? here + step * b_depth : b;                    \
      long j = 0;                                                                                                            \
      for (; j + panel <= columns; j += panel)                                                                               \
        whole(rows, step, a + k * a_depth, a_row, a_depth, here + j, b_depth, c + j, c_row, more, panel,                     \
              j + panel < columns ? here + j + panel : below, done, context, first, j);                                      \
      if (j < columns)                                                                                                       \
        edge(rows, step, a + k * a_depth, a_row, a_depth, here + j, b_depth, c + j, c_row, more, columns - j, below, done,   \
             context, first, j);                                                                                             \
    }                                                                                                                        \
  }                                                                                                                          \
                                                                                                                             \
  /* The narrow columns. */                                                                                                  \
  EL_INLINE void el_contract_narrow_##D(el_narrow_##D *kernel, long rows, long depth, const T *a, long a_step, const T *b,   \
                                        long b_depth, T *c, long c_row, int add, el_finish finish, const void *context,      \
                                        long first, long column, long column_end) {                                          \
    kernel(rows, depth, a, a_step, b, b_depth, c, c_row, add);                                                               \
    if (finish) finish(context, first, first, first + rows, column, column_end);                                             \
  }                                                                                                                          \
                                                                                                                             \
  /* The product whose right operand has the depth side by side, in panels of as many columns as a tile has; the function for\
     what is left of them. */                                                                                                \
  EL_INLINE void el_contract_depth_##D(el_dots_panel_##D *whole, el_dots_panel_##D *edge, long rows, long columns,           \
                                       long depth, const T *a, long a_row, const T *b, long b_column, T *c, long c_row,      \
                                       int add, el_finish finish, const void *context, long first) {                         \
    const long panel = EL_DOTS_COLUMNS((int)sizeof(T));                                                                      \
    for (long k = 0; k < depth || k == 0; k += EL_DOTS_DEPTH) {                                                              \
      const long step = depth - k < EL_DOTS_DEPTH ? depth - k : EL_DOTS_DEPTH;                                               \
      const int more = add || k > 0;                                                                                         \
      for (long i = 0; i < rows; i += EL_DOTS_BAND) {                                                                        \
        const long high = rows - i < EL_DOTS_BAND ? rows - i : EL_DOTS_BAND;                                                 \
        const T *const left = a + i * a_row + k, *const here = b + k;                                                        \
        T *const to = c + i * c_row;                                                                                         \
        long j = 0;                                                                                                          \
        for (; j + panel <= columns; j += panel)                                                                             \
          whole(high, step, left, a_row, here + j * b_column, b_column, to + j, c_row, more,                                 \
                here + (j + panel < columns ? j + panel : 0) * b_column);                                                    \
        if (j < columns) edge(high, step, left, a_row, here + j * b_column, b_column, to + j, c_row, more, here);            \
        if (finish && k + step >= depth) finish(context, first, first + i, first + i + high, 0, columns);                    \
      }                                                                                                                      \
    }                                                                                                                        \
  }

EL_DEFINE_CONTRACTION(f32, float)
EL_DEFINE_CONTRACTION(f64, double)

// The function for what whole panels leave of `columns`; NULL for nothing.
#define EL_EDGE_PANEL(D, columns, panel)                                                                                     \
  ((columns) % (panel) == 0              ? NULL                                                                              \
   : (columns) % (panel) % EL_LANES == 0 ? EL_BY_WIDTH(el_contract_panel_##D, (columns) % (panel) / EL_LANES)                \
                                         : EL_BY_WIDTH(el_contract_edge_##D, (columns) % (panel) / EL_LANES + 1))

// The whole product. `columns`, `depth` and the strides should be constants.
#define EL_CONTRACT(D, rows, columns, depth, a, a_row, a_depth, b, b_depth, c, c_row, add, finish, context, first)           \
  do {                                                                                                                       \
    const int el_narrow = EL_NARROW_COLUMNS(columns, depth, a_row, a_depth);                                                 \
    const long el_wide = (columns) - el_narrow, el_all = el_wide > 0 ? (el_wide + EL_LANES - 1) / EL_LANES : 1;              \
    const int el_vectors = EL_TILE_WIDTH(el_all);                                                                            \
    const long el_panel = (long)el_vectors * EL_LANES;                                                                       \
    if (el_wide > 0)                                                                                                         \
      el_contract_wide_##D(el_wide < el_panel ? NULL : EL_BY_WIDTH(el_contract_panel_##D, el_vectors),                       \
                           EL_EDGE_PANEL(D, el_wide, el_panel), el_vectors, rows, el_wide, depth, a, a_row, a_depth, b,      \
                           b_depth, c, c_row, add, finish, context, first);                                                  \
    if (el_narrow > 0)                                                                                                       \
      el_contract_narrow_##D(EL_NARROW_KERNEL(D, el_narrow, a_row), rows, depth, a, (a_row) == 1 ? a_depth : a_row,          \
                             (b) + el_wide, b_depth, (c) + el_wide, c_row, add, finish, context, first, el_wide, columns);   \
  } while (0)
#define el_contract_f32(...) EL_CONTRACT(f32, __VA_ARGS__)
#define el_contract_f64(...) EL_CONTRACT(f64, __VA_ARGS__)

// The same for a right operand that has the depth side by side, as has the left one.
#define EL_CONTRACT_DOTS(D, T, rows, columns, depth, a, a_row, b, b_column, c, c_row, add, finish, context, first)           \
  do {                                                                                                                       \
    const int el_panel = EL_DOTS_COLUMNS((int)sizeof(T)), el_rest = (int)((columns) % el_panel);                             \
    el_contract_depth_##D((columns) < el_panel ? NULL : EL_BY_WIDTH(el_dots_panel_##D, el_panel),                            \
                          el_rest == 0 ? NULL : EL_BY_WIDTH(el_dots_panel_##D, el_rest), rows, columns, depth, a, a_row, b,  \
                          b_column, c, c_row, add, finish, context, first);                                                  \
  } while (0)
#define el_contract_dots_f32(...) EL_CONTRACT_DOTS(f32, float, __VA_ARGS__)
#define el_contract_dots_f64(...) EL_CONTRACT_DOTS(f64, double, __VA_ARGS__)

#endif
