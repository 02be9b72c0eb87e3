// elbow_blas.h: products of matrices by a BLAS library, for models built with that choice. The same arguments as
// el_contract, whose left operand has its rows or its columns lying together.
#ifndef ELBOW_BLAS_H
#define ELBOW_BLAS_H

#include <limits.h>

// As every CBLAS declares them.
enum { EL_BLAS_ROW_MAJOR = 101, EL_BLAS_AS_IS = 111, EL_BLAS_TRANSPOSED = 112 };
void cblas_sgemm(int order, int left, int right, int rows, int columns, int depth, float alpha, const float *a, int a_row,
                 const float *b, int b_row, float beta, float *c, int c_row);
void cblas_dgemm(int order, int left, int right, int rows, int columns, int depth, double alpha, const double *a, int a_row,
                 const double *b, int b_row, double beta, double *c, int c_row);

#define EL_DEFINE_BLAS(D, T, GEMM)                                                                                           \
  static inline __attribute__((unused)) void el_blas_contract_##D(long rows, long columns, long depth, const T *a,           \
                                                                  long a_row, long a_depth, const T *b, long b_depth, T *c,  \
                                                                  long c_row, int add) {                                     \
    const int isTransposed = a_depth != 1;                                                                                   \
    const long leading = isTransposed ? a_depth : a_row;                                                                     \
    const long least = isTransposed ? rows : depth;                                                                          \
    GEMM(EL_BLAS_ROW_MAJOR, isTransposed ? EL_BLAS_TRANSPOSED : EL_BLAS_AS_IS, EL_BLAS_AS_IS, (int)rows, (int)columns,       \
         (int)depth, 1, a, (int)(leading > least ? leading : least), b, (int)(b_depth > columns ? b_depth : columns),        \
         (T)(add ? 1 : 0), c, (int)(c_row > columns ? c_row : columns));                                                     \
  }
EL_DEFINE_BLAS(f32, float, cblas_sgemm)
EL_DEFINE_BLAS(f64, double, cblas_dgemm)

#endif
