// Every function of elbow_vector.h against a loop over scalars.
#include "elbow_vector.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static int failures = 0;
static void expect(int holds, const char *what, int line) {
  if (holds) return;
  if (failures++ < 40) printf("line %d: %s\n", line, what);
}
#define EXPECT(condition, what) expect(condition, what, __LINE__)

// Equal bits, or both NaN; zeros of different sign are the same.
#define SAME(a, b) ((a) == (b) || ((a) != (a) && (b) != (b)))

static uint64_t state = 88172645463325252u;
static uint64_t random_bits(void) {
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return state;
}

// Values that matter, then anything.
static const double edges[] = {0,     1,          -1,          2,     -2,        3,    7,       127,  128,      255,     256,
                               -0.5,  0.5,        1.9,         -1.9,  254.9,     255.5, 300,    -300, 2147483647, 2147483648.0,
                               -2147483648.0, -2147483649.0, 4294967295.0, 4294967296.0, 9223372036854775807.0, -9223372036854775808.0,
                               1e30,  -1e30,      NAN,         INFINITY, -INFINITY, 1e-40, -0.0};
#define EDGES (sizeof edges / sizeof *edges)
static double random_number(void) {
  uint64_t choice = random_bits();
  if (choice % 3 == 0) return edges[choice / 3 % EDGES];
  return ((double)(random_bits() >> 11) * 0x1p-53 - 0.5) * ldexp(1, (int)(choice / 3 % 40));
}
static int64_t random_integer(void) {
  static const int64_t some[] = {0, 1, -1, 2, -2, 3, 255, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, UINT32_MAX};
  uint64_t choice = random_bits();
  if (choice % 3 == 0) return some[choice / 3 % 12];
  return (int64_t)(random_bits() >> (choice / 3 % 64));
}
static float random_f32(void) { return (float)random_number(); }
static double random_f64(void) { return random_number(); }
static int32_t random_i32(void) { return (int32_t)random_integer(); }
static uint32_t random_u32(void) { return (uint32_t)random_integer(); }
static int64_t random_i64(void) { return random_integer(); }
static uint8_t random_u8(void) { return (uint8_t)random_integer(); }
static uint8_t random_bool(void) { return random_bits() & 1; }

// MARK: - Memory

// Bytes beyond the count keep a pattern that shows where something was written; the values read lie at
// the end of an array whose rest is not zero. V is the vector type, and bool is a dtype here too.
#define TEST_MEMORY(D, T, V, LANE)                                                                 \
  static void test_memory_##D(void) {                                                              \
    T in[4 * EL_LANES + 1], out[4 * EL_LANES + 1], untouched[4 * EL_LANES + 1];                    \
    for (int i = 0; i <= 4 * EL_LANES; i++) in[i] = random_##D();                                  \
    memset(untouched, 1, sizeof untouched);                                                        \
    V v = el_load_##D(in + 1);                                                                     \
    for (int i = 0; i < EL_LANES; i++) EXPECT(SAME(LANE(v[i]), in[1 + i]), "load " #D);            \
    memcpy(out, untouched, sizeof out);                                                            \
    el_store_##D(out + 1, v);                                                                      \
    for (int i = 0; i <= 4 * EL_LANES; i++)                                                        \
      EXPECT(SAME(out[i], i >= 1 && i <= EL_LANES ? in[i] : untouched[i]), "store " #D);           \
    for (volatile long count = -1; count <= EL_LANES + 1; count++) {                               \
      V part = el_load_n_##D(in, count);                                                           \
      for (int i = 0; i < EL_LANES; i++)                                                           \
        EXPECT(SAME(LANE(part[i]), i < count ? in[i] : (T)0), "load_n " #D);                       \
      memcpy(out, untouched, sizeof out);                                                          \
      el_store_n_##D(out, v, count);                                                               \
      for (int i = 0; i <= 4 * EL_LANES; i++)                                                      \
        EXPECT(SAME(out[i], i < count && i < EL_LANES ? in[1 + i] : untouched[i]), "store_n " #D); \
      for (long stride = 0; stride <= 3; stride++) {                                               \
        V spread = el_gather_n_##D(in, stride, count);                                             \
        for (int i = 0; i < EL_LANES; i++)                                                         \
          EXPECT(SAME(LANE(spread[i]), i < count ? in[i * stride] : (T)0), "gather_n " #D);        \
        if (stride == 0) continue;                                                                 \
        memcpy(out, untouched, sizeof out);                                                        \
        el_scatter_n_##D(out, stride, v, count);                                                   \
        for (int i = 0; i <= 4 * EL_LANES; i++) {                                                  \
          int lane = i % stride == 0 && i / stride < EL_LANES && i / stride < count;               \
          EXPECT(SAME(out[i], lane ? in[1 + i / stride] : untouched[i]), "scatter_n " #D);         \
        }                                                                                          \
      }                                                                                            \
      V kept = el_keep_##D(v, count, in[0]);                                                       \
      for (int i = 0; i < EL_LANES; i++)                                                           \
        EXPECT(SAME(LANE(kept[i]), i < count ? in[1 + i] : in[0]), "keep " #D);                    \
    }                                                                                              \
    for (long stride = -2; stride <= 2; stride++) {                                                \
      V spread = el_gather_##D(in + 2 * EL_LANES, stride);                                         \
      for (int i = 0; i < EL_LANES; i++)                                                           \
        EXPECT(SAME(LANE(spread[i]), in[2 * EL_LANES + i * stride]), "gather " #D);                \
      memcpy(out, untouched, sizeof out);                                                          \
      if (stride == 0) continue;                                                                   \
      el_scatter_##D(out + 2 * EL_LANES, stride, v);                                               \
      for (int i = 0; i < EL_LANES; i++)                                                           \
        EXPECT(SAME(out[2 * EL_LANES + i * stride], in[1 + i]), "scatter " #D);                    \
    }                                                                                              \
    V all = el_splat_##D(in[3]);                                                                   \
    for (int i = 0; i < EL_LANES; i++) EXPECT(SAME(LANE(all[i]), in[3]), "splat " #D);             \
  }
#define LANE_ITSELF(x) (x)
#define LANE_OF_MASK(x) ((uint8_t)((x) & 1))
TEST_MEMORY(f32, float, el_f32, LANE_ITSELF)
TEST_MEMORY(f64, double, el_f64, LANE_ITSELF)
TEST_MEMORY(i32, int32_t, el_i32, LANE_ITSELF)
TEST_MEMORY(u32, uint32_t, el_u32, LANE_ITSELF)
TEST_MEMORY(i64, int64_t, el_i64, LANE_ITSELF)
TEST_MEMORY(u8, uint8_t, el_u8, LANE_ITSELF)
TEST_MEMORY(bool, uint8_t, el_mask, LANE_OF_MASK)

// MARK: - Lanes

#define LANES(condition, what)                                                                     \
  for (int i = 0; i < EL_LANES; i++) EXPECT(condition, what)

#define LOAD_RANDOM(D, T)                                                                          \
  T x[EL_LANES], y[EL_LANES];                                                                      \
  for (int i = 0; i < EL_LANES; i++) x[i] = random_##D(), y[i] = random_bits() & 7 ? random_##D() : x[i]; \
  el_##D a = el_load_##D(x), b = el_load_##D(y);

#define TEST_COMMON(D, T)                                                                          \
  static void test_common_##D(void) {                                                              \
    LOAD_RANDOM(D, T)                                                                              \
    uint8_t flags[EL_LANES];                                                                       \
    for (int i = 0; i < EL_LANES; i++) flags[i] = random_bool();                                   \
    el_##D chosen = el_select_##D(el_load_bool(flags), a, b);                                      \
    LANES(SAME(chosen[i], flags[i] ? x[i] : y[i]), "select " #D);                                  \
    el_mask lt = el_lt_##D(a, b), le = el_le_##D(a, b), gt = el_gt_##D(a, b), ge = el_ge_##D(a, b); \
    el_mask eq = el_eq_##D(a, b), ne = el_ne_##D(a, b);                                            \
    LANES(lt[i] == -(x[i] < y[i]), "lt " #D);                                                      \
    LANES(le[i] == -(x[i] <= y[i]), "le " #D);                                                     \
    LANES(gt[i] == -(x[i] > y[i]), "gt " #D);                                                      \
    LANES(ge[i] == -(x[i] >= y[i]), "ge " #D);                                                     \
    LANES(eq[i] == -(x[i] == y[i]), "eq " #D);                                                     \
    LANES(ne[i] == -(x[i] != y[i]), "ne " #D);                                                     \
    el_##D smaller = el_min_##D(a, b), larger = el_max_##D(a, b);                                  \
    LANES(SAME(smaller[i], x[i] != x[i] || y[i] != y[i] ? x[i] + y[i] : x[i] < y[i] ? x[i] : y[i]), "min " #D); \
    LANES(SAME(larger[i], x[i] != x[i] || y[i] != y[i] ? x[i] + y[i] : x[i] > y[i] ? x[i] : y[i]), "max " #D); \
    /* Reductions in halves. */                                                                    \
    T high[EL_LANES], low[EL_LANES];                                                               \
    memcpy(high, x, sizeof x), memcpy(low, x, sizeof x);                                           \
    for (int half = EL_LANES / 2; half > 0; half /= 2)                                             \
      for (int i = 0; i < half; i++) {                                                             \
        el_##D p = el_splat_##D(high[i]), q = el_splat_##D(high[i + half]);                        \
        high[i] = el_max_##D(p, q)[0];                                                             \
        p = el_splat_##D(low[i]), q = el_splat_##D(low[i + half]);                                 \
        low[i] = el_min_##D(p, q)[0];                                                              \
      }                                                                                            \
    EXPECT(SAME(el_reduce_max_##D(a), high[0]), "reduce_max " #D);                                 \
    EXPECT(SAME(el_reduce_min_##D(a), low[0]), "reduce_min " #D);                                  \
  }
TEST_COMMON(f32, float)
TEST_COMMON(f64, double)
TEST_COMMON(i32, int32_t)
TEST_COMMON(u32, uint32_t)
TEST_COMMON(i64, int64_t)
TEST_COMMON(u8, uint8_t)

// Sums and products in halves, so that the bits are those of this order and no other.
#define TEST_FLOAT(D, T, FMOD)                                                                     \
  static void test_float_##D(void) {                                                               \
    LOAD_RANDOM(D, T)                                                                              \
    el_##D sum = el_add_##D(a, b), difference = el_sub_##D(a, b), product = el_mul_##D(a, b);      \
    el_##D quotient = el_div_##D(a, b), rest = el_rem_##D(a, b), opposite = el_neg_##D(a), size = el_abs_##D(a); \
    LANES(SAME(sum[i], x[i] + y[i]), "add " #D);                                                   \
    LANES(SAME(difference[i], x[i] - y[i]), "sub " #D);                                            \
    LANES(SAME(product[i], x[i] * y[i]), "mul " #D);                                               \
    LANES(SAME(quotient[i], x[i] / y[i]), "div " #D);                                              \
    LANES(SAME(rest[i], FMOD(x[i], y[i])), "rem " #D);                                             \
    LANES(SAME(opposite[i], -x[i]), "neg " #D);                                                    \
    LANES(SAME(size[i], x[i] < 0 ? -x[i] : x[i]) && !signbit(size[i]), "abs " #D);                 \
    el_mask nan = el_is_nan_##D(a), finite = el_is_finite_##D(a);                                  \
    LANES(nan[i] == -(x[i] != x[i]), "is_nan " #D);                                                \
    LANES(finite[i] == -(x[i] - x[i] == 0), "is_finite " #D);                                      \
    T total[EL_LANES], times[EL_LANES];                                                            \
    memcpy(total, x, sizeof x), memcpy(times, x, sizeof x);                                        \
    for (int half = EL_LANES / 2; half > 0; half /= 2)                                             \
      for (int i = 0; i < half; i++) total[i] += total[i + half], times[i] *= times[i + half];     \
    EXPECT(SAME(el_sum_##D(a), total[0]), "sum " #D);                                              \
    EXPECT(SAME(el_prod_##D(a), times[0]), "prod " #D);                                            \
  }
TEST_FLOAT(f32, float, fmodf)
TEST_FLOAT(f64, double, fmod)

#define TEST_INTEGER(D, T, U, LOWEST, BITS)                                                        \
  static void test_integer_##D(void) {                                                             \
    LOAD_RANDOM(D, T)                                                                              \
    el_##D sum = el_add_##D(a, b), difference = el_sub_##D(a, b), product = el_mul_##D(a, b);      \
    el_##D quotient = el_div_##D(a, b), rest = el_rem_##D(a, b), opposite = el_neg_##D(a), size = el_abs_##D(a); \
    el_##D both = el_and_##D(a, b), either = el_or_##D(a, b), one = el_xor_##D(a, b), none = el_not_##D(a); \
    el_##D left = el_shl_##D(a, b), right = el_shr_##D(a, b);                                      \
    U total = 0, times = 1;                                                                        \
    for (int i = 0; i < EL_LANES; i++) {                                                           \
      U p = (U)x[i], q = (U)y[i];                                                                  \
      EXPECT(sum[i] == (T)(U)(p + q), "add " #D);                                                  \
      EXPECT(difference[i] == (T)(U)(p - q), "sub " #D);                                           \
      EXPECT(product[i] == (T)(U)((uint64_t)p * q), "mul " #D);                                    \
      EXPECT(opposite[i] == (T)(U)(0 - p), "neg " #D);                                             \
      EXPECT(size[i] == (x[i] < (T)1 && x[i] != 0 ? (T)(U)(0 - p) : x[i]), "abs " #D);             \
      int wraps = (LOWEST) != 0 && x[i] == (LOWEST) && y[i] == (T)-1;                              \
      EXPECT(quotient[i] == (y[i] == 0 ? 0 : wraps ? (LOWEST) : x[i] / y[i]), "div " #D);          \
      EXPECT(rest[i] == (y[i] == 0 || wraps ? 0 : x[i] % y[i]), "rem " #D);                        \
      EXPECT(both[i] == (T)(x[i] & y[i]) && either[i] == (T)(x[i] | y[i]), "and, or " #D);         \
      EXPECT(one[i] == (T)(x[i] ^ y[i]) && none[i] == (T)~x[i], "xor, not " #D);                   \
      EXPECT(left[i] == (T)(U)(p << (q & (BITS - 1))), "shl " #D);                                 \
      EXPECT(right[i] == (T)(x[i] >> (q & (BITS - 1))), "shr " #D);                                \
      total = (U)(total + p), times = (U)((uint64_t)times * p);                                    \
    }                                                                                              \
    EXPECT(el_sum_##D(a) == (T)total, "sum " #D);                                                  \
    EXPECT(el_prod_##D(a) == (T)times, "prod " #D);                                                \
  }
TEST_INTEGER(i32, int32_t, uint32_t, INT32_MIN, 32)
TEST_INTEGER(u32, uint32_t, uint32_t, 0, 32)
TEST_INTEGER(i64, int64_t, uint64_t, INT64_MIN, 64)
TEST_INTEGER(u8, uint8_t, uint8_t, 0, 8)

// MARK: - Conversions

#define CLAMPED(T, x, LOW, HIGH, LOWEST, HIGHEST)                                                  \
  ((x) != (x) ? 0 : (x) >= (HIGH) ? (T)(HIGHEST) : (x) < (LOW) ? (T)(LOWEST) : (T)(x))
#define TO_i32(x) CLAMPED(int32_t, x, -0x1p31, 0x1p31, INT32_MIN, INT32_MAX)
#define TO_u32(x) CLAMPED(uint32_t, x, 0, 0x1p32, 0, UINT32_MAX)
#define TO_i64(x) CLAMPED(int64_t, x, -0x1p63, 0x1p63, INT64_MIN, INT64_MAX)
#define TO_u8(x) CLAMPED(uint8_t, x, 0, 255, 0, 255)

#define CONVERT(A, B, WANT)                                                                        \
  {                                                                                                \
    el_##A got = el_##A##_from_##B(v);                                                             \
    LANES(SAME(got[i], WANT), #A " from " #B);                                                     \
  }
#define CONVERT_TO_BOOL(B)                                                                         \
  {                                                                                                \
    el_mask got = el_bool_from_##B(v);                                                             \
    LANES(got[i] == -(x[i] != 0), "bool from " #B);                                                \
  }
#define RANDOM_LANES(B, T)                                                                         \
  T x[EL_LANES];                                                                                   \
  for (int i = 0; i < EL_LANES; i++) x[i] = random_##B();                                          \
  el_##B v = el_load_##B(x);

#define TEST_FROM_FLOAT(B, T, OTHER, OTHER_T)                                                      \
  static void test_from_##B(void) {                                                                \
    RANDOM_LANES(B, T)                                                                             \
    CONVERT(OTHER, B, (OTHER_T)x[i])                                                               \
    CONVERT(i32, B, TO_i32(x[i]))                                                                  \
    CONVERT(u32, B, TO_u32(x[i]))                                                                  \
    CONVERT(i64, B, TO_i64(x[i]))                                                                  \
    CONVERT(u8, B, TO_u8(x[i]))                                                                    \
    CONVERT_TO_BOOL(B)                                                                             \
  }
TEST_FROM_FLOAT(f32, float, f64, double)
TEST_FROM_FLOAT(f64, double, f32, float)

static void test_from_i32(void) {
  RANDOM_LANES(i32, int32_t)
  CONVERT(f32, i32, (float)x[i])
  CONVERT(f64, i32, (double)x[i])
  CONVERT(u32, i32, (uint32_t)x[i])
  CONVERT(i64, i32, (int64_t)x[i])
  CONVERT(u8, i32, (uint8_t)x[i])
  CONVERT_TO_BOOL(i32)
}
static void test_from_u32(void) {
  RANDOM_LANES(u32, uint32_t)
  CONVERT(f32, u32, (float)x[i])
  CONVERT(f64, u32, (double)x[i])
  CONVERT(i32, u32, (int32_t)x[i])
  CONVERT(i64, u32, (int64_t)x[i])
  CONVERT(u8, u32, (uint8_t)x[i])
  CONVERT_TO_BOOL(u32)
}
static void test_from_i64(void) {
  RANDOM_LANES(i64, int64_t)
  CONVERT(f32, i64, (float)x[i])
  CONVERT(f64, i64, (double)x[i])
  CONVERT(i32, i64, (int32_t)x[i])
  CONVERT(u32, i64, (uint32_t)x[i])
  CONVERT(u8, i64, (uint8_t)x[i])
  CONVERT_TO_BOOL(i64)
}
static void test_from_u8(void) {
  RANDOM_LANES(u8, uint8_t)
  CONVERT(f32, u8, (float)x[i])
  CONVERT(f64, u8, (double)x[i])
  CONVERT(i32, u8, (int32_t)x[i])
  CONVERT(u32, u8, (uint32_t)x[i])
  CONVERT(i64, u8, (int64_t)x[i])
  CONVERT_TO_BOOL(u8)
}

// MARK: - Booleans and sequences

static void test_bool(void) {
  uint8_t x[EL_LANES], y[EL_LANES], out[EL_LANES];
  int any = 0, all = 1;
  uint64_t bias = random_bits() % 4;
  for (int i = 0; i < EL_LANES; i++) {
    x[i] = bias == 0 ? 0 : bias == 1 ? 1 : random_bool(), y[i] = random_bool();
    any |= x[i], all &= x[i];
  }
  el_mask v = el_load_bool(x), b = el_load_bool(y), c = el_splat_bool(1);
  CONVERT(f32, bool, (float)x[i])
  CONVERT(f64, bool, (double)x[i])
  CONVERT(i32, bool, (int32_t)x[i])
  CONVERT(u32, bool, (uint32_t)x[i])
  CONVERT(i64, bool, (int64_t)x[i])
  CONVERT(u8, bool, (uint8_t)x[i])
  EXPECT(el_any_bool(v) == any && el_all_bool(v) == all, "any, all");
#define CHECK_BOOL(CALL, WANT)                                                                     \
  el_store_bool(out, CALL);                                                                        \
  LANES(out[i] == (WANT), #CALL);
  CHECK_BOOL(el_and_bool(v, b), (x[i] & y[i]))
  CHECK_BOOL(el_or_bool(v, b), (x[i] | y[i]))
  CHECK_BOOL(el_xor_bool(v, b), (x[i] ^ y[i]))
  CHECK_BOOL(el_not_bool(v), !x[i])
  CHECK_BOOL(el_eq_bool(v, b), (x[i] == y[i]))
  CHECK_BOOL(el_ne_bool(v, b), (x[i] != y[i]))
  CHECK_BOOL(el_select_bool(v, b, c), (x[i] ? y[i] : 1))
}

static void test_iota(void) {
  el_i64 i64 = el_iota_i64(-5000000000);
  el_u32 u32 = el_iota_u32(UINT32_MAX - 2);
  el_i32 i32 = el_iota_i32(-3);
  el_f32 f32 = el_iota_f32(-1.5f);
  el_f64 f64 = el_iota_f64(2.25);
  LANES(i64[i] == -5000000000 + i, "iota i64");
  LANES(u32[i] == UINT32_MAX - 2 + (uint32_t)i, "iota u32");
  LANES(i32[i] == -3 + i, "iota i32");
  LANES(f32[i] == -1.5f + (float)i && f64[i] == 2.25 + i, "iota f32, f64");
  EXPECT(signbit(el_splat_f32(-0.0f)[1]) && signbit(el_splat_f64(-0.0)[1]), "splat -0");
}

int main(void) {
  for (int round = 0; round < 2000; round++) {
#define EACH(TEST) TEST(f32) TEST(f64) TEST(i32) TEST(u32) TEST(i64) TEST(u8)
#define RUN(D) test_common_##D(), test_from_##D();
    EACH(RUN)
    test_float_f32(), test_float_f64();
    test_integer_i32(), test_integer_u32(), test_integer_i64(), test_integer_u8();
    test_bool();
    if (round >= 20) continue;
#define RUN_MEMORY(D) test_memory_##D();
    EACH(RUN_MEMORY)
    test_memory_bool();
    test_iota();
  }
  printf("%d lanes, %d failures\n", EL_LANES, failures);
  return failures != 0;
}
