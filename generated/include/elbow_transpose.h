// elbow_transpose.h: copies of matrices whose rows become columns, to[j][i] = from[i][j], as packing a weight for the
// gradient by its input needs them.
//
// A square of EL_LANES vectors is transposed in registers, so that both arrays are read and written in whole vectors. Element
// by element, stores that lie a power of two apart would push each other out of the cache.
#ifndef ELBOW_TRANSPOSE_H
#define ELBOW_TRANSPOSE_H

#include "elbow_vector.h"

// Lane l of the first vector of a pair, h apart, after one step: its own where bit h of l is clear, else the second's.
#define EL_FIRST(l, h) ((l) & (h) ? EL_LANES + (l) - (h) : (l))
#define EL_SECOND(l, h) ((l) & (h) ? EL_LANES + (l) : (l) + (h))
#if EL_LANES == 16
#define EL_EACH_LANE(F, h)                                                                                                   \
  F(0, h), F(1, h), F(2, h), F(3, h), F(4, h), F(5, h), F(6, h), F(7, h), F(8, h), F(9, h), F(10, h), F(11, h), F(12, h),    \
      F(13, h), F(14, h), F(15, h)
#elif EL_LANES == 8
#define EL_EACH_LANE(F, h) F(0, h), F(1, h), F(2, h), F(3, h), F(4, h), F(5, h), F(6, h), F(7, h)
#else
#define EL_EACH_LANE(F, h) F(0, h), F(1, h), F(2, h), F(3, h)
#endif

// Exchanges the squares of h lanes off the diagonal of every square of 2 h.
#define EL_TRANSPOSE_STEP(D, v, h)                                                                                           \
  EL_UNROLL for (int i = 0; i < EL_LANES; i++) {                                                                             \
    if (i & (h)) continue;                                                                                                   \
    const el_##D a = v[i], b = v[i + (h)];                                                                                   \
    v[i] = __builtin_shufflevector(a, b, EL_EACH_LANE(EL_FIRST, h));                                                         \
    v[i + (h)] = __builtin_shufflevector(a, b, EL_EACH_LANE(EL_SECOND, h));                                                  \
  }

#if EL_LANES == 16
#define EL_TRANSPOSE_STEPS(D, v)                                                                                             \
  EL_TRANSPOSE_STEP(D, v, 1) EL_TRANSPOSE_STEP(D, v, 2) EL_TRANSPOSE_STEP(D, v, 4) EL_TRANSPOSE_STEP(D, v, 8)
#elif EL_LANES == 8
#define EL_TRANSPOSE_STEPS(D, v) EL_TRANSPOSE_STEP(D, v, 1) EL_TRANSPOSE_STEP(D, v, 2) EL_TRANSPOSE_STEP(D, v, 4)
#else
#define EL_TRANSPOSE_STEPS(D, v) EL_TRANSPOSE_STEP(D, v, 1) EL_TRANSPOSE_STEP(D, v, 2)
#endif

#define EL_DEFINE_TRANSPOSE(D, T)                                                                                            \
  EL_OUTLINE void el_transpose_##D(long rows, long columns, const T *from, long from_row,      \
                                                                 T *to, long to_row) {                                       \
    for (long i = 0; i < rows; i += EL_LANES) {                                                                              \
      const long high = rows - i < EL_LANES ? rows - i : EL_LANES;                                                           \
      for (long j = 0; j < columns; j += EL_LANES) {                                                                         \
        const long wide = columns - j < EL_LANES ? columns - j : EL_LANES;                                                   \
        el_##D v[EL_LANES];                                                                                                  \
        if (high == EL_LANES && wide == EL_LANES) {                                                                          \
          EL_UNROLL for (int k = 0; k < EL_LANES; k++) v[k] = el_load_##D(from + (i + k) * from_row + j);                    \
          EL_TRANSPOSE_STEPS(D, v)                                                                                           \
          EL_UNROLL for (int k = 0; k < EL_LANES; k++) el_store_##D(to + (j + k) * to_row + i, v[k]);                        \
        } else {                                                                                                             \
          EL_UNROLL for (int k = 0; k < EL_LANES; k++)                                                                       \
            v[k] = k < high ? el_load_n_##D(from + (i + k) * from_row + j, wide) : el_splat_##D(0);                          \
          EL_TRANSPOSE_STEPS(D, v)                                                                                           \
          for (int k = 0; k < wide; k++) el_store_n_##D(to + (j + k) * to_row + i, v[k], high);                              \
        }                                                                                                                    \
      }                                                                                                                      \
    }                                                                                                                        \
  }

EL_DEFINE_TRANSPOSE(f32, float)
EL_DEFINE_TRANSPOSE(f64, double)

#endif
