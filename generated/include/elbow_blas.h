// elbow_blas.h: what a BLAS library with LAPACK does, for models built with that choice: products of matrices, whose operands
// have their rows or their columns lying together; Cholesky factors; and triangular systems.
#ifndef ELBOW_BLAS_H
#define ELBOW_BLAS_H

#include <limits.h>
#include <math.h>

// As every CBLAS and LAPACK declares them.
enum {
  EL_BLAS_ROW_MAJOR = 101,
  EL_BLAS_AS_IS = 111,
  EL_BLAS_TRANSPOSED = 112,
  EL_BLAS_UPPER = 121,
  EL_BLAS_LOWER = 122,
  EL_BLAS_NON_UNIT = 131,
  EL_BLAS_LEFT = 141,
  EL_BLAS_RIGHT = 142
};
void cblas_strsm(int order, int side, int triangle, int transposed, int diagonal, int rows, int columns, float alpha,
                 const float *a, int a_row, float *b, int b_row);
void cblas_dtrsm(int order, int side, int triangle, int transposed, int diagonal, int rows, int columns, double alpha,
                 const double *a, int a_row, double *b, int b_row);
void spotrf_(const char *triangle, const int *size, float *a, const int *a_column, int *info);
void dpotrf_(const char *triangle, const int *size, double *a, const int *a_column, int *info);
void cblas_sgemm(int order, int left, int right, int rows, int columns, int depth, float alpha, const float *a, int a_row,
                 const float *b, int b_row, float beta, float *c, int c_row);
void cblas_dgemm(int order, int left, int right, int rows, int columns, int depth, double alpha, const double *a, int a_row,
                 const double *b, int b_row, double beta, double *c, int c_row);

// Whether numbers are sizes and strides of an operand that is not empty, as BLAS counts them.
static inline __attribute__((unused)) int el_blas_fits(long a, long b, long c) {
  return a >= 1 && b >= 1 && c >= 1 && a <= INT_MAX && b <= INT_MAX && c <= INT_MAX;
}

// The rows of an operand, or its columns where these lie together, may not overlap: see ContractionEmitter. Where there is but
// one, BLAS wants to hear of a distance to the next all the same. What is empty or too large for BLAS is added up here.
#define EL_DEFINE_BLAS(D, T, GEMM)                                                                                           \
  static inline __attribute__((unused)) void el_blas_contract_##D(long rows, long columns, long depth, const T *a,           \
                                                                  long a_row, long a_depth, const T *b, long b_depth,        \
                                                                  long b_column, T *c, long c_row, int add) {                \
    const int left = a_depth != 1, right = b_column != 1;                                                                    \
    const long a_step = left ? (depth > 1 ? a_depth : rows) : rows > 1 ? a_row : depth;                                      \
    const long b_step = right ? (columns > 1 ? b_column : depth) : depth > 1 ? b_depth : columns;                            \
    const long c_step = rows > 1 ? c_row : columns;                                                                          \
    if (el_blas_fits(rows, columns, depth) && el_blas_fits(a_step, b_step, c_step)) {                                        \
      GEMM(EL_BLAS_ROW_MAJOR, left ? EL_BLAS_TRANSPOSED : EL_BLAS_AS_IS, right ? EL_BLAS_TRANSPOSED : EL_BLAS_AS_IS,         \
           (int)rows, (int)columns, (int)depth, 1, a, (int)a_step, b, (int)b_step, (T)(add ? 1 : 0), c, (int)c_step);        \
      return;                                                                                                                \
    }                                                                                                                        \
    for (long i = 0; i < rows; ++i)                                                                                          \
      for (long j = 0; j < columns; ++j) {                                                                                   \
        T sum = add ? c[i * c_row + j] : 0;                                                                                  \
        for (long k = 0; k < depth; ++k) sum += a[i * a_row + k * a_depth] * b[k * b_depth + j * b_column];                  \
        c[i * c_row + j] = sum;                                                                                              \
      }                                                                                                                      \
  }
EL_DEFINE_BLAS(f32, float, cblas_sgemm)
EL_DEFINE_BLAS(f64, double, cblas_dgemm)

// The lower triangular factor of one matrix; what LAPACK calls upper and reads by columns is lower by rows. From the first
// column on whose pivot is not positive the factor is NaN, as Elbow's own is: LAPACK stops there, so the columns before
// are solved for, and the rest is filled.
#define EL_DEFINE_BLAS_CHOLESKY(D, T, POTRF, TRSM)                                                                           \
  static inline __attribute__((unused)) void el_blas_cholesky_##D(long size, const T *a, T *factor) {                        \
    for (long i = 0; i < size; ++i)                                                                                          \
      for (long j = 0; j < size; ++j) factor[i * size + j] = j <= i ? a[i * size + j] : 0;                                   \
    const int n = (int)size;                                                                                                 \
    int info = 0;                                                                                                            \
    POTRF("U", &n, factor, &n, &info);                                                                                       \
    if (info <= 0) return;                                                                                                   \
    const int good = info - 1;                                                                                               \
    for (long i = good; i < size; ++i)                                                                                       \
      for (long j = 0; j <= i; ++j) factor[i * size + j] = j < good ? a[i * size + j] : (T)NAN;                              \
    if (good > 0)                                                                                                            \
      TRSM(EL_BLAS_ROW_MAJOR, EL_BLAS_RIGHT, EL_BLAS_LOWER, EL_BLAS_TRANSPOSED, EL_BLAS_NON_UNIT, n - good, good, 1, factor, \
           n, factor + good * size, n);                                                                                      \
  }
EL_DEFINE_BLAS_CHOLESKY(f32, float, spotrf_, cblas_strsm)
EL_DEFINE_BLAS_CHOLESKY(f64, double, dpotrf_, cblas_dtrsm)

#define EL_DEFINE_BLAS_SOLVE(D, T, TRSM)                                                                                     \
  static inline __attribute__((unused)) void el_blas_triangular_solve_##D(int isLower, int isTransposed, long size,          \
                                                                          long columns, const T *a, const T *b, T *x) {      \
    for (long i = 0; i < size * columns; ++i) x[i] = b[i];                                                                   \
    TRSM(EL_BLAS_ROW_MAJOR, EL_BLAS_LEFT, isLower ? EL_BLAS_LOWER : EL_BLAS_UPPER,                                           \
         isTransposed ? EL_BLAS_TRANSPOSED : EL_BLAS_AS_IS, EL_BLAS_NON_UNIT, (int)size, (int)columns, 1, a, (int)size, x,   \
         (int)columns);                                                                                                      \
  }
EL_DEFINE_BLAS_SOLVE(f32, float, cblas_strsm)
EL_DEFINE_BLAS_SOLVE(f64, double, cblas_dtrsm)

#endif
