// The functions of elbow_math.h against libm in the next wider type, in units in the last place.
//
//   accuracy [stride] [samples]
//
// f32: one bit pattern in every `stride` of all 2^32 (a prime, so that all exponents and signs occur),
// and the edges. f64: `samples` random numbers of several ranges, and the edges. Fails where a function
// is further from the truth than its bound, where a NaN, an infinity or the sign of a zero is wrong, and
// where the bits of a result depend on its lane.
#include "elbow_math.h"

#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures = 0;

#define BATCH 4096

// Room beyond the last lane, for the runs that start in another lane.
typedef struct {
  float in[BATCH + 2 * EL_LANES], other[BATCH + 2 * EL_LANES], out[BATCH + 2 * EL_LANES], again[BATCH + 2 * EL_LANES];
} Floats;
typedef struct {
  double in[BATCH + 2 * EL_LANES], other[BATCH + 2 * EL_LANES], out[BATCH + 2 * EL_LANES], again[BATCH + 2 * EL_LANES];
} Doubles;
static Floats floats;
static Doubles doubles;

typedef struct {
  double ulp, at, at_other, got;
} Worst;

static double float_error(float got, double want) {
  if (want != want) return got != got ? 0 : INFINITY;
  float rounded = (float)want;
  if (isinf(rounded) || isinf(got)) {
    // At the edge of overflow either neighbour is within an ulp.
    if (got == rounded) return 0;
    if (isinf(want)) return INFINITY;
    return fabsf(got) == FLT_MAX || fabs(want) > 0.999999 * FLT_MAX ? 1 : INFINITY;
  }
  if (want == 0 || (rounded == 0 && got == 0)) return got == 0 && !signbit(got) == !signbit(want) ? 0 : INFINITY;
  int exponent;
  frexp(want, &exponent);
  double ulp = ldexp(1, exponent - 24 < -149 ? -149 : exponent - 24);
  return fabs((double)got - want) / ulp;
}

static double double_error(double got, long double want) {
  if (want != want) return got != got ? 0 : INFINITY;
  double rounded = (double)want;
  if (isinf(rounded) || isinf(got)) {
    if (got == rounded) return 0;
    if (isinf(want)) return INFINITY;
    return fabs(got) == DBL_MAX || fabsl(want) > 0.9999999999999L * DBL_MAX ? 1 : INFINITY;
  }
  if (want == 0 || (rounded == 0 && got == 0)) return got == 0 && !signbit(got) == !signbit(want) ? 0 : INFINITY;
  int exponent;
  frexpl(want, &exponent);
  long double ulp = ldexpl(1, exponent - 53 < -1074 ? -1074 : exponent - 53);
  return (double)(fabsl((long double)got - want) / ulp);
}

static void verdict(const char *name, Worst worst, double bound) {
  int good = worst.ulp <= bound;
  printf("%-12s %8.3f ulp  at %a %a (got %a)%s\n", name, worst.ulp, worst.at, worst.at_other, worst.got,
         good ? "" : "  TOO FAR");
  failures += !good;
}

static const float float_edges[] = {
    0.0f, 0x1p-149f, 0x1.8p-148f, 0x1p-127f, 0x1p-126f, 0x1.fffffep-127f, 0x1p-30f, 0x1p-24f, 0x1p-25f, 0.25f, 0.5f, 0.75f,
    0x1.fffffep-1f, 1.0f, 0x1.000002p+0f, 1.5f, 2.0f, 2.5f, 3.0f, 3.5f, 4.0f, 5.0f, 8388607.5f, 8388608.0f, 8388609.0f,
    0x1p20f, 0x1.fffffep19f, 88.722f, 88.7228394f, 88.73f, 89.0f, 89.5f, 103.0f, 103.97f, 103.9720840f, 104.0f, 105.0f, 87.3f,
    0x1p31f, 0x1p32f, 0x1p63f, 0x1p126f, 0x1p127f, 0x1.8p127f, FLT_MAX, INFINITY, NAN, 0x1.921fb6p+0f, 0x1.921fb6p+1f,
    10.05f, 10.06f, 10.1f, 9.0f, 9.01f, 9.02f, 0.92f, 0.9199999f, 1e5f, 1e10f, 1e30f};
static const double double_edges[] = {
    0.0, 0x1p-1074, 0x1.8p-1073, 0x1p-1023, 0x1p-1022, 0x1.fffffffffffffp-1023, 0x1p-60, 0x1p-53, 0x1p-54, 0.25, 0.5, 0.75,
    0x1.fffffffffffffp-1, 1.0, 0x1.0000000000001p+0, 1.5, 2.0, 2.5, 3.5, 4503599627370495.5, 4503599627370496.0, 709.78,
    709.782712893384, 709.79, 710.0, 711.0, 745.0, 745.1332191019411, 745.14, 746.0, 747.0, 708.3, 0x1p63, 0x1p1022,
    0x1p1023, DBL_MAX, INFINITY, NAN, 0x1.921fb54442d18p+0, 0x1.921fb54442d18p+1, 19.0, 20.0, 22.0, 1e22, 1e300};

#define FLOAT_EDGES (long)(sizeof float_edges / sizeof *float_edges)
#define DOUBLE_EDGES (long)(sizeof double_edges / sizeof *double_edges)

// One test of a function of one argument: a loop over batches, then the same values one lane later.
#define TEST_F32(NAME, REFERENCE, BOUND)                                                           \
  static void test_##NAME##_f32(uint64_t stride) {                                                 \
    Worst worst = {0, 0, 0, 0};                                                                    \
    uint64_t bits = 0;                                                                             \
    long edge = 0, moved = 0;                                                                      \
    while (bits <= UINT32_MAX) {                                                                   \
      for (long i = 0; i < BATCH; i++) {                                                           \
        if (edge < 2 * FLOAT_EDGES) {                                                              \
          floats.in[i] = edge & 1 ? -float_edges[edge / 2] : float_edges[edge / 2];                \
          edge++;                                                                                  \
          continue;                                                                                \
        }                                                                                          \
        uint32_t pattern = (uint32_t)bits;                                                         \
        memcpy(&floats.in[i], &pattern, 4);                                                        \
        bits += stride;                                                                            \
      }                                                                                            \
      for (long i = 0; i < BATCH; i += EL_LANES)                                                   \
        el_store_f32(floats.out + i, el_##NAME##_f32(el_load_f32(floats.in + i)));                 \
      for (long i = 1; i + EL_LANES <= BATCH; i += EL_LANES)                                       \
        el_store_f32(floats.again + i, el_##NAME##_f32(el_load_f32(floats.in + i)));               \
      moved += memcmp(floats.out + 1, floats.again + 1, (BATCH - EL_LANES) * sizeof(float)) != 0;  \
      for (long i = 0; i < BATCH; i++) {                                                           \
        double error = float_error(floats.out[i], REFERENCE((double)floats.in[i]));                \
        if (!(error <= worst.ulp)) worst = (Worst){error, floats.in[i], 0, floats.out[i]};         \
      }                                                                                            \
    }                                                                                              \
    if (moved) printf("%s: %ld batches depend on the lane\n", #NAME, moved), failures++;           \
    verdict(#NAME "_f32", worst, BOUND);                                                           \
  }

static uint64_t state = 88172645463325252u;
static uint64_t random_bits(void) {
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return state;
}
static double random_unit(void) { return (double)(random_bits() >> 11) * 0x1p-53; }

// Any bit pattern, a moderate number, a small one, one next to a multiple of pi/2, or one near 1.
static double random_double(void) {
  uint64_t pattern = random_bits();
  double any;
  switch (random_bits() % 6) {
  case 0: memcpy(&any, &pattern, 8); return any;
  case 1: return (random_unit() - 0.5) * 1500;
  case 2: return (random_unit() - 0.5) * 4;
  case 3: return ldexp(random_unit() - 0.5, (int)(random_bits() % 60) - 50);
  case 4: return (double)((long double)(random_bits() % (1 << 20)) * 1.57079632679489661923L);
  default: return 1 + ldexp(random_unit() - 0.5, -(int)(random_bits() % 40));
  }
}

#define TEST_F64(NAME, REFERENCE, BOUND)                                                           \
  static void test_##NAME##_f64(long samples) {                                                    \
    Worst worst = {0, 0, 0, 0};                                                                    \
    long edge = 0, moved = 0;                                                                      \
    state = 88172645463325252u;                                                                    \
    for (long done = 0; done < samples; done += BATCH) {                                           \
      for (long i = 0; i < BATCH; i++, edge++)                                                     \
        doubles.in[i] = edge < 2 * DOUBLE_EDGES                                                    \
                            ? (edge & 1 ? -double_edges[edge / 2] : double_edges[edge / 2])        \
                            : random_double();                                                     \
      for (long i = 0; i < BATCH; i += EL_LANES)                                                   \
        el_store_f64(doubles.out + i, el_##NAME##_f64(el_load_f64(doubles.in + i)));               \
      for (long i = 1; i + EL_LANES <= BATCH; i += EL_LANES)                                       \
        el_store_f64(doubles.again + i, el_##NAME##_f64(el_load_f64(doubles.in + i)));             \
      moved += memcmp(doubles.out + 1, doubles.again + 1, (BATCH - EL_LANES) * sizeof(double)) != 0; \
      for (long i = 0; i < BATCH; i++) {                                                           \
        double error = double_error(doubles.out[i], REFERENCE((long double)doubles.in[i]));        \
        if (!(error <= worst.ulp)) worst = (Worst){error, doubles.in[i], 0, doubles.out[i]};       \
      }                                                                                            \
    }                                                                                              \
    if (moved) printf("%s: %ld batches depend on the lane\n", #NAME, moved), failures++;           \
    verdict(#NAME "_f64", worst, BOUND);                                                           \
  }

static double sign_double(double x) { return x > 0 ? 1 : x < 0 ? -1 : x; }
static long double sign_long(long double x) { return x > 0 ? 1 : x < 0 ? -1 : x; }
static double rsqrt_double(double x) { return 1 / sqrt(x); }
static long double rsqrt_long(long double x) { return 1 / sqrtl(x); }

// What lies outside of a function's range is replaced.
static double log1p_of_unit(double x) { return log1p(x >= 0 && x <= 1 ? x : x != x ? x : 0.25); }
static el_f32 el_log1p_of_unit_f32(el_f32 x) {
  const el_mask inside = el_le_f32(el_splat_f32(0), x) & el_le_f32(x, el_splat_f32(1));
  return el_log1p_unit_f32(el_select_f32(inside | el_is_nan_f32(x), x, el_splat_f32(0.25f)));
}

TEST_F32(exp, exp, 2)
TEST_F32(log1p_of_unit, log1p_of_unit, 2)
TEST_F32(expm1, expm1, 2)
TEST_F32(log, log, 2)
TEST_F32(log1p, log1p, 2)
TEST_F32(tanh, tanh, 2)
TEST_F32(sqrt, sqrt, 0.5)
TEST_F32(rsqrt, rsqrt_double, 1.5)
TEST_F32(sin, sin, 4)
TEST_F32(cos, cos, 4)
TEST_F32(tan, tan, 4)
TEST_F32(atan, atan, 4)
TEST_F32(sinh, sinh, 4)
TEST_F32(cosh, cosh, 4)
TEST_F32(erf, erf, 4)
TEST_F32(erfc, erfc, 4)
TEST_F32(floor, floor, 0)
TEST_F32(ceil, ceil, 0)
TEST_F32(round, rint, 0)
TEST_F32(trunc, trunc, 0)
TEST_F32(sign, sign_double, 0)

TEST_F64(exp, expl, 2)
TEST_F64(expm1, expm1l, 2)
TEST_F64(log, logl, 2)
TEST_F64(log1p, log1pl, 2)
TEST_F64(tanh, tanhl, 2.5)
TEST_F64(sqrt, sqrtl, 0.51)
TEST_F64(rsqrt, rsqrt_long, 1.51)
TEST_F64(sin, sinl, 1.5)
TEST_F64(cos, cosl, 1.5)
TEST_F64(tan, tanl, 4)
TEST_F64(atan, atanl, 4)
TEST_F64(sinh, sinhl, 4)
TEST_F64(cosh, coshl, 4)
TEST_F64(erf, erfl, 4)
TEST_F64(erfc, erfcl, 6)
TEST_F64(floor, floorl, 0)
TEST_F64(ceil, ceill, 0)
TEST_F64(round, rintl, 0)
TEST_F64(trunc, truncl, 0)
TEST_F64(sign, sign_long, 0)

// Powers: every pair of edges, then random pairs whose power is neither 0 nor infinite.
static void test_pow(long samples) {
  Worst worst = {0, 0, 0, 0}, worst_double = {0, 0, 0, 0};
  long edge = 0, pairs = 4 * FLOAT_EDGES * FLOAT_EDGES;
  for (long done = 0; done < samples + pairs; done += BATCH) {
    for (long i = 0; i < BATCH; i++, edge++) {
      float x, y;
      if (edge < pairs) {
        x = float_edges[edge / 4 / FLOAT_EDGES], y = float_edges[edge / 4 % FLOAT_EDGES];
        if (edge & 1) x = -x;
        if (edge & 2) y = -y;
      } else {
        x = (float)ldexp(random_unit(), (int)(random_bits() % 60) - 30);
        y = (float)((random_unit() - 0.5) * 200 / (fabs(log(x)) + 1e-3));
        if (edge % 5 == 0) y = rintf(y), x = -x;
      }
      floats.in[i] = x, floats.other[i] = y, doubles.in[i] = x, doubles.other[i] = y;
    }
    for (long i = 0; i < BATCH; i += EL_LANES) {
      el_store_f32(floats.out + i, el_pow_f32(el_load_f32(floats.in + i), el_load_f32(floats.other + i)));
      el_store_f64(doubles.out + i, el_pow_f64(el_load_f64(doubles.in + i), el_load_f64(doubles.other + i)));
    }
    for (long i = 0; i < BATCH; i++) {
      double x = doubles.in[i], y = doubles.other[i];
      double error = float_error(floats.out[i], pow(x, y));
      if (!(error <= worst.ulp)) worst = (Worst){error, x, y, floats.out[i]};
      // glibc's powl has a wrong power of -infinity.
      error = double_error(doubles.out[i], isinf(x) ? (long double)pow(x, y) : powl(x, y));
      if (!(error <= worst_double.ulp)) worst_double = (Worst){error, x, y, doubles.out[i]};
    }
  }
  verdict("pow_f32", worst, 4);
  verdict("pow_f64", worst_double, 4);
}

int main(int count, char **arguments) {
  uint64_t stride = count > 1 ? strtoull(arguments[1], 0, 10) : 16411;
  long samples = count > 2 ? atol(arguments[2]) : 100000;
  printf("%d lanes\n", EL_LANES);
#define EACH(TEST)                                                                                 \
  TEST(exp) TEST(expm1) TEST(log) TEST(log1p) TEST(tanh) TEST(sqrt) TEST(rsqrt) TEST(sin) TEST(cos) TEST(tan) \
  TEST(atan) TEST(sinh) TEST(cosh) TEST(erf) TEST(erfc) TEST(floor) TEST(ceil) TEST(round) TEST(trunc) TEST(sign)
#define RUN_F32(NAME) test_##NAME##_f32(stride);
#define RUN_F64(NAME) test_##NAME##_f64(samples);
  EACH(RUN_F32)
  RUN_F32(log1p_of_unit)
  EACH(RUN_F64)
  test_pow(samples);
  return failures != 0;
}
