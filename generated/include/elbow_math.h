// elbow_math.h: elementary functions on the vectors of elbow_vector.h.
//
// Special values are libm's (signed zeros, infinities, NaN, subnormals). A value gives the same bits
// in whatever lane it is. Where f32 needs more bits than it has, it goes through f64 lanes; only sines
// of huge arguments, whose lanes are rare, call libm, as do the f64 functions marked "libm" below.
//
// Largest distance from the true value in units in the last place, as Tests/PreludeTests/accuracy.c
// measured it for AVX-512 and for SSE2 (the larger of the two; f32: every 31st of all bit patterns, f64:
// 20 million numbers):
//
//             f32    f64                   f32    f64                   f32    f64
//     exp     1.01   0.97          sin     0.57   1.06          erf     1.28   libm
//     expm1   1.65   1.93          cos     0.57   1.06          erfc    0.51   libm
//     log     0.93   0.80          tan     1.45   libm          pow     0.51   libm
//     log1p   0.96   1.31          atan    0.51   libm          sqrt    0.5    0.5
//     tanh    1.47   2.23          sinh    0.51   libm          rsqrt   1.5    1.5
//                                  cosh    0.51   libm
//
// floor, ceil, round (half to even), trunc, sign and copysign are exact.
//
// The polynomials are minimax fits made for this file with Remez's exchange in 50 digits. The forms are
// those of fdlibm (the splitting of logarithms by s = f/(2+f)) and of W. J. Cody and W. Waite, Software
// Manual for the Elementary Functions (1980) (reduction by multiples of ln 2 and pi/2 in pieces).
// A product and a sum are one operation, rounded once, where it says so (el_fma, el_step, el_axpy), and two elsewhere: no
// compiler may choose (elbow_vector.h).
#ifndef ELBOW_MATH_H
#define ELBOW_MATH_H

#include "elbow_vector.h"

#include <math.h>

// MARK: - Multiply-adds with a constant

// p x + c, a step of Horner's rule.
EL_INLINE el_f32 el_step_f32(el_f32 p, el_f32 x, float c) { return el_fma_f32(p, x, el_splat_f32(c)); }
EL_INLINE el_f64 el_step_f64(el_f64 p, el_f64 x, double c) { return el_fma_f64(p, x, el_splat_f64(c)); }
// a x + y for a number a.
EL_INLINE el_f32 el_axpy_f32(float a, el_f32 x, el_f32 y) { return el_fma_f32(el_splat_f32(a), x, y); }
EL_INLINE el_f64 el_axpy_f64(double a, el_f64 x, el_f64 y) { return el_fma_f64(el_splat_f64(a), x, y); }

// MARK: - Square roots

// Applies an intrinsic to each of the registers that hold a vector.
#define EL_DEFINE_BY_REGISTER(NAME, D, REGISTER, CALL)                                             \
  EL_INLINE el_##D NAME(el_##D v) {                                                                \
    REGISTER part[sizeof(el_##D) / sizeof(REGISTER)];                                              \
    __builtin_memcpy(part, &v, sizeof v);                                                          \
    EL_UNROLL for (unsigned i = 0; i < sizeof(el_##D) / sizeof(REGISTER); i++) part[i] = CALL(part[i]); \
    __builtin_memcpy(&v, part, sizeof v);                                                          \
    return v;                                                                                      \
  }
// The same without registers: lane by lane.
#define EL_DEFINE_BY_LANE(NAME, D, CALL)                                                           \
  EL_INLINE el_##D NAME(el_##D v) {                                                                \
    EL_UNROLL for (int i = 0; i < EL_LANES; i++) v[i] = CALL(v[i]);                                \
    return v;                                                                                      \
  }

#if EL_LANES == 16 && defined(__AVX512F__)
EL_DEFINE_BY_REGISTER(el_sqrt_f32, f32, __m512, _mm512_sqrt_ps)
EL_DEFINE_BY_REGISTER(el_sqrt_f64, f64, __m512d, _mm512_sqrt_pd)
#elif EL_LANES == 8 && defined(__AVX__)
EL_DEFINE_BY_REGISTER(el_sqrt_f32, f32, __m256, _mm256_sqrt_ps)
EL_DEFINE_BY_REGISTER(el_sqrt_f64, f64, __m256d, _mm256_sqrt_pd)
#elif defined(__SSE2__)
EL_DEFINE_BY_REGISTER(el_sqrt_f32, f32, __m128, _mm_sqrt_ps)
EL_DEFINE_BY_REGISTER(el_sqrt_f64, f64, __m128d, _mm_sqrt_pd)
#elif defined(__aarch64__) && defined(__ARM_NEON)
EL_DEFINE_BY_REGISTER(el_sqrt_f32, f32, float32x4_t, vsqrtq_f32)
EL_DEFINE_BY_REGISTER(el_sqrt_f64, f64, float64x2_t, vsqrtq_f64)
#else
EL_DEFINE_BY_LANE(el_sqrt_f32, f32, __builtin_sqrtf)
EL_DEFINE_BY_LANE(el_sqrt_f64, f64, __builtin_sqrt)
#endif

EL_INLINE el_f32 el_rsqrt_f32(el_f32 x) { return 1.0f / el_sqrt_f32(x); }
EL_INLINE el_f64 el_rsqrt_f64(el_f64 x) { return 1.0 / el_sqrt_f64(x); }

// MARK: - Signs and rounding

EL_INLINE el_f32 el_copysign_f32(el_f32 size, el_f32 sign) {
  return (el_f32)(((el_i32)size & INT32_MAX) | ((el_i32)sign & INT32_MIN));
}
EL_INLINE el_f64 el_copysign_f64(el_f64 size, el_f64 sign) {
  return (el_f64)(((el_i64)size & INT64_MAX) | ((el_i64)sign & INT64_MIN));
}

// -1, 0 or 1; NaN for NaN.
EL_INLINE el_f32 el_sign_f32(el_f32 x) {
  el_f32 one = el_copysign_f32(el_splat_f32(1), x);
  return el_select_f32(el_gt_f32(el_abs_f32(x), el_splat_f32(0)), one, x);
}
EL_INLINE el_f64 el_sign_f64(el_f64 x) {
  el_f64 one = el_copysign_f64(el_splat_f64(1), x);
  return el_select_f64(el_gt_f64(el_abs_f64(x), el_splat_f64(0)), one, x);
}

#if EL_LANES == 16 && defined(__AVX512F__)
#define EL_ROUND_FLOOR(v) _mm512_roundscale_ps(v, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC)
#define EL_ROUND_CEIL(v) _mm512_roundscale_ps(v, _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC)
#define EL_ROUND_EVEN(v) _mm512_roundscale_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)
#define EL_ROUND_TRUNC(v) _mm512_roundscale_ps(v, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC)
EL_DEFINE_BY_REGISTER(el_floor_f32, f32, __m512, EL_ROUND_FLOOR)
EL_DEFINE_BY_REGISTER(el_ceil_f32, f32, __m512, EL_ROUND_CEIL)
EL_DEFINE_BY_REGISTER(el_round_f32, f32, __m512, EL_ROUND_EVEN)
EL_DEFINE_BY_REGISTER(el_trunc_f32, f32, __m512, EL_ROUND_TRUNC)
#undef EL_ROUND_FLOOR
#undef EL_ROUND_CEIL
#undef EL_ROUND_EVEN
#undef EL_ROUND_TRUNC
#define EL_ROUND_FLOOR(v) _mm512_roundscale_pd(v, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC)
#define EL_ROUND_CEIL(v) _mm512_roundscale_pd(v, _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC)
#define EL_ROUND_EVEN(v) _mm512_roundscale_pd(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)
#define EL_ROUND_TRUNC(v) _mm512_roundscale_pd(v, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC)
EL_DEFINE_BY_REGISTER(el_floor_f64, f64, __m512d, EL_ROUND_FLOOR)
EL_DEFINE_BY_REGISTER(el_ceil_f64, f64, __m512d, EL_ROUND_CEIL)
EL_DEFINE_BY_REGISTER(el_round_f64, f64, __m512d, EL_ROUND_EVEN)
EL_DEFINE_BY_REGISTER(el_trunc_f64, f64, __m512d, EL_ROUND_TRUNC)
#undef EL_ROUND_FLOOR
#undef EL_ROUND_CEIL
#undef EL_ROUND_EVEN
#undef EL_ROUND_TRUNC
#elif EL_LANES == 8 && defined(__AVX__)
#define EL_ROUND_EVEN_F32(v) _mm256_round_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)
#define EL_ROUND_TRUNC_F32(v) _mm256_round_ps(v, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC)
#define EL_ROUND_EVEN_F64(v) _mm256_round_pd(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)
#define EL_ROUND_TRUNC_F64(v) _mm256_round_pd(v, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC)
EL_DEFINE_BY_REGISTER(el_floor_f32, f32, __m256, _mm256_floor_ps)
EL_DEFINE_BY_REGISTER(el_ceil_f32, f32, __m256, _mm256_ceil_ps)
EL_DEFINE_BY_REGISTER(el_round_f32, f32, __m256, EL_ROUND_EVEN_F32)
EL_DEFINE_BY_REGISTER(el_trunc_f32, f32, __m256, EL_ROUND_TRUNC_F32)
EL_DEFINE_BY_REGISTER(el_floor_f64, f64, __m256d, _mm256_floor_pd)
EL_DEFINE_BY_REGISTER(el_ceil_f64, f64, __m256d, _mm256_ceil_pd)
EL_DEFINE_BY_REGISTER(el_round_f64, f64, __m256d, EL_ROUND_EVEN_F64)
EL_DEFINE_BY_REGISTER(el_trunc_f64, f64, __m256d, EL_ROUND_TRUNC_F64)
#undef EL_ROUND_EVEN_F32
#undef EL_ROUND_TRUNC_F32
#undef EL_ROUND_EVEN_F64
#undef EL_ROUND_TRUNC_F64
#elif defined(__aarch64__) && defined(__ARM_NEON)
EL_DEFINE_BY_REGISTER(el_floor_f32, f32, float32x4_t, vrndmq_f32)
EL_DEFINE_BY_REGISTER(el_ceil_f32, f32, float32x4_t, vrndpq_f32)
EL_DEFINE_BY_REGISTER(el_round_f32, f32, float32x4_t, vrndnq_f32)
EL_DEFINE_BY_REGISTER(el_trunc_f32, f32, float32x4_t, vrndq_f32)
EL_DEFINE_BY_REGISTER(el_floor_f64, f64, float64x2_t, vrndmq_f64)
EL_DEFINE_BY_REGISTER(el_ceil_f64, f64, float64x2_t, vrndpq_f64)
EL_DEFINE_BY_REGISTER(el_round_f64, f64, float64x2_t, vrndnq_f64)
EL_DEFINE_BY_REGISTER(el_trunc_f64, f64, float64x2_t, vrndq_f64)
#else
// Adding and subtracting the number whose unit in the last place is 1 rounds to an integer, half to
// even; larger numbers are integers already. The sign comes last, for zeros.
#define EL_DEFINE_ROUNDING(D, BIG)                                                                 \
  EL_INLINE el_##D el_round_##D(el_##D x) {                                                        \
    el_##D size = el_abs_##D(x), rounded = (size + BIG) - BIG;                                     \
    return el_select_##D(el_lt_##D(size, el_splat_##D(BIG)), el_copysign_##D(rounded, x), x);      \
  }                                                                                                \
  EL_INLINE el_##D el_floor_##D(el_##D x) {                                                        \
    el_##D near = el_round_##D(x);                                                                 \
    el_##D below = near - el_select_##D(el_gt_##D(near, x), el_splat_##D(1), el_splat_##D(0));     \
    return el_copysign_##D(below, x);                                                              \
  }                                                                                                \
  EL_INLINE el_##D el_ceil_##D(el_##D x) { return -el_floor_##D(-x); }                             \
  EL_INLINE el_##D el_trunc_##D(el_##D x) { return el_copysign_##D(el_floor_##D(el_abs_##D(x)), x); }
EL_DEFINE_ROUNDING(f32, 0x1p23f)
EL_DEFINE_ROUNDING(f64, 0x1p52)
#undef EL_DEFINE_ROUNDING
#endif

// MARK: - Exponentials
//
// x = n ln2 + r with |r| <= ln2/2, and e^x = 2^n e^r. The magic number 1.5 * 2^23 (2^52) makes the
// addition round to an integer, whose bits then stand at the bottom of the sum.

// 2^n for n in the range of normal exponents.
EL_INLINE el_f32 el_power_of_two_f32(el_i32 n) { return (el_f32)((el_u32)(n + 127) << 23); }
EL_INLINE el_f64 el_power_of_two_f64(el_i64 n) { return (el_f64)((el_u64)(n + 1023) << 52); }

// The whole number n nearest x / ln2, also as an integer, and the rest r.
EL_INLINE el_f32 el_reduce_exp_f32(el_f32 x, el_f32 *n, el_i32 *whole) {
  const float magic = 0x1.8p23f;
  el_f32 shifted = el_step_f32(el_splat_f32(0x1.715476p+0f), x, magic);
  *n = shifted - magic;
  *whole = (el_i32)shifted - 0x4b400000;
  el_f32 r = el_axpy_f32(-0x1.62e4p-1f, *n, x);
  return el_axpy_f32(-0x1.7f7d1cp-20f, *n, r);
}
EL_INLINE el_f64 el_reduce_exp_f64(el_f64 x, el_f64 *n, el_i64 *whole) {
  const double magic = 0x1.8p52;
  el_f64 shifted = el_step_f64(el_splat_f64(0x1.71547652b82fep+0), x, magic);
  *n = shifted - magic;
  *whole = (el_i64)shifted - INT64_C(0x4338000000000000);
  el_f64 r = el_axpy_f64(-0x1.62e42fefa38p-1, *n, x);
  return el_axpy_f64(-0x1.ef35793c7673p-45, *n, r);
}

// e^r - 1 on the reduced range.
EL_INLINE el_f32 el_expm1_reduced_f32(el_f32 r) {
  el_f32 q = el_step_f32(el_splat_f32(0x1.6ac01ep-10f), r, 0x1.122e2ap-7f);
  q = el_step_f32(q, r, 0x1.555796p-5f);
  q = el_step_f32(q, r, 0x1.5554a8p-3f);
  q = el_step_f32(q, r, 0x1.fffffep-2f);
  return el_fma_f32(r * r, q, r);
}
EL_INLINE el_f64 el_expm1_reduced_f64(el_f64 r) {
  el_f64 q = el_step_f64(el_splat_f64(0x1.1f298d527c7eap-29), r, 0x1.af5d4ef73ca56p-26);
  q = el_step_f64(q, r, 0x1.27e5030de8688p-22);
  q = el_step_f64(q, r, 0x1.71ddf925b68bfp-19);
  q = el_step_f64(q, r, 0x1.a01a01999493fp-16);
  q = el_step_f64(q, r, 0x1.a01a01af9abd3p-13);
  q = el_step_f64(q, r, 0x1.6c16c16c17515p-10);
  q = el_step_f64(q, r, 0x1.111111110f71fp-7);
  q = el_step_f64(q, r, 0x1.5555555555558p-5);
  q = el_step_f64(q, r, 0x1.5555555555559p-3);
  q = el_step_f64(q, r, 0.5);
  return el_fma_f64(r * r, q, r);
}

// Numbers limited to a range; NaN stays.
EL_INLINE el_f32 el_clamp_f32(el_f32 x, float low, float high) {
#if EL_ZMM
  // Of a NaN and a number these instructions take the second operand.
  x = (el_f32)_mm512_min_ps((__m512)el_splat_f32(high), (__m512)x);
  return (el_f32)_mm512_max_ps((__m512)el_splat_f32(low), (__m512)x);
#else
  x = el_select_f32(el_gt_f32(x, el_splat_f32(high)), el_splat_f32(high), x);
  return el_select_f32(el_lt_f32(x, el_splat_f32(low)), el_splat_f32(low), x);
#endif
}
EL_INLINE el_f64 el_clamp_f64(el_f64 x, double low, double high) {
  x = el_select_f64(el_gt_f64(x, el_splat_f64(high)), el_splat_f64(high), x);
  return el_select_f64(el_lt_f64(x, el_splat_f64(low)), el_splat_f64(low), x);
}

EL_FUNCTION el_f32 el_exp_f32(el_f32 x) {
  el_f32 n;
  el_i32 whole;
  el_f32 r = el_reduce_exp_f32(el_clamp_f32(x, -104.0f, 89.0f), &n, &whole);
  el_f32 q = el_step_f32(el_splat_f32(0x1.6ad1c8p-10f), r, 0x1.123f34p-7f);
  q = el_step_f32(q, r, 0x1.55584ep-5f);
  q = el_step_f32(q, r, 0x1.55548ap-3f);
  q = el_step_f32(q, r, 0x1.fffffcp-2f);
  el_f32 y = el_fma_f32(r * r, q, r) + 1.0f;
#if EL_ZMM
  return (el_f32)_mm512_scalef_ps((__m512)y, (__m512)n);
#else
  // Two steps: neither power of two leaves the range of normal numbers, and only the second product
  // can round.
  el_i32 half = whole >> 1;
  return y * el_power_of_two_f32(half) * el_power_of_two_f32(whole - half);
#endif
}

EL_FUNCTION el_f64 el_exp_f64(el_f64 x) {
  el_f64 n;
  el_i64 whole;
  el_f64 r = el_reduce_exp_f64(el_clamp_f64(x, -746.0, 710.0), &n, &whole);
  el_f64 y = el_expm1_reduced_f64(r) + 1.0;
  el_i64 half = el_i64_from_i32(el_i32_from_i64(whole) >> 1);
  return y * el_power_of_two_f64(half) * el_power_of_two_f64(whole - half);
}

// 2 (2^(n-1) (e^r - 1) + (2^(n-1) - 1/2)), so that no power overflows before the result does.
EL_FUNCTION el_f32 el_expm1_f32(el_f32 x) {
  el_f32 n;
  el_i32 whole;
  el_f32 r = el_reduce_exp_f32(el_clamp_f32(x, -20.0f, 89.0f), &n, &whole);
  el_f32 power = el_power_of_two_f32(whole - 1);
  el_f32 y = 2.0f * el_fma_f32(el_expm1_reduced_f32(r), power, power - 0.5f);
  return el_select_f32(el_lt_f32(el_abs_f32(x), el_splat_f32(0x1p-30f)), x, y);
}
EL_FUNCTION el_f64 el_expm1_f64(el_f64 x) {
  el_f64 n;
  el_i64 whole;
  el_f64 r = el_reduce_exp_f64(el_clamp_f64(x, -40.0, 710.0), &n, &whole);
  el_f64 power = el_power_of_two_f64(whole - 1);
  el_f64 y = 2.0 * el_fma_f64(el_expm1_reduced_f64(r), power, power - 0.5);
  return el_select_f64(el_lt_f64(el_abs_f64(x), el_splat_f64(0x1p-60)), x, y);
}

// Up to 0.55 an odd polynomial; beyond, 1 - 2 / (e^2a + 1).
EL_FUNCTION el_f32 el_tanh_f32(el_f32 x) {
  el_f32 a = el_abs_f32(x), z = x * x;
  el_f32 p = el_step_f32(el_splat_f32(-0x1.9921bcp-8f), z, 0x1.58e51ap-6f);
  p = el_step_f32(p, z, -0x1.b91e7ep-5f);
  p = el_step_f32(p, z, 0x1.110ceep-3f);
  p = el_step_f32(p, z, -0x1.55554ap-2f);
  el_f32 near = el_fma_f32(a * z, p, a);
  el_f32 n;
  el_i32 whole;
  el_f32 twice = a + a, high = el_splat_f32(20);
  el_f32 r = el_reduce_exp_f32(el_select_f32(el_gt_f32(twice, high), high, twice), &n, &whole);
  el_f32 e = (el_expm1_reduced_f32(r) + 1.0f) * el_power_of_two_f32(whole);
  el_f32 far = 1.0f - 2.0f / (e + 1.0f);
  return el_copysign_f32(el_select_f32(el_lt_f32(a, el_splat_f32(0.55f)), near, far), x);
}
// tanh a = t / (t + 2) with t = e^2a - 1, less what the sum lost: 1 / (t + 2) is (1 - tanh a) / 2. From
// t = 2 on the loss does not matter.
EL_FUNCTION el_f64 el_tanh_f64(el_f64 x) {
  el_f64 n;
  el_i64 whole;
  el_f64 a = el_abs_f64(x);
  el_f64 r = el_reduce_exp_f64(el_clamp_f64(a + a, 0.0, 40.0), &n, &whole);
  el_f64 power = el_power_of_two_f64(whole);
  el_f64 t = el_fma_f64(el_expm1_reduced_f64(r), power, power - 1.0);
  el_f64 sum = t + 2.0, y = t / sum;
  el_f64 lost = (el_f64)((el_i64)(t - (sum - 2.0)) & (t < 2.0));
  return el_copysign_f64(el_fma_f64(-(y * lost), 0.5 - 0.5 * y, y), x);
}

// MARK: - Logarithms

// log(1 + f) - n ln2 for f in [-0.25, 0.5]: the last step of both logarithms. The exponent comes
// negated because 0 - (+0) keeps the sign of a zero, where adding would lose it.
EL_INLINE el_f32 el_log_reduced_f32(el_f32 f, el_f32 n) {
  el_f32 p = el_step_f32(el_splat_f32(-0x1.7970bap-5f), f, 0x1.b20d02p-4f);
  p = el_step_f32(p, f, -0x1.0e969ap-3f);
  p = el_step_f32(p, f, 0x1.28775ep-3f);
  p = el_step_f32(p, f, -0x1.54d682p-3f);
  p = el_step_f32(p, f, 0x1.9967080p-3f);
  p = el_step_f32(p, f, -0x1.000082p-2f);
  p = el_step_f32(p, f, 0x1.5555acp-2f);
  p = el_step_f32(p, f, -0.5f);
  el_f32 y = el_fma_f32(f * f, p, n * -0x1.7f7d1cp-20f);
  return el_axpy_f32(-0x1.62e4p-1f, n, y + f);
}

EL_FUNCTION el_f32 el_log_f32(el_f32 x) {
#if EL_ZMM
  // The hardware's mantissa and exponent bring subnormals, zeros, infinities and NaN right.
  __m512 m = _mm512_getmant_ps((__m512)x, _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_nan);
  el_f32 n = (el_f32)_mm512_getexp_ps(m) - (el_f32)_mm512_getexp_ps((__m512)x);
  return el_log_reduced_f32((el_f32)m - 1.0f, n);
#else
  el_mask small = el_lt_f32(x, el_splat_f32(0x1p-126f));
  el_i32 bits = (el_i32)el_select_f32(small, x * 0x1p23f, x);
  el_i32 e = (bits - 0x3f400000) >> 23;
  el_f32 m = (el_f32)((el_u32)bits - ((el_u32)e << 23));
  el_f32 n = el_f32_from_i32((small & 23) - e);
  el_f32 y = el_log_reduced_f32(m - 1.0f, n);
  // Zero, negative numbers, infinity, NaN.
  y = el_select_f32(el_lt_f32(x, el_splat_f32(__builtin_inff())), y, x);
  y = el_select_f32(el_lt_f32(x, el_splat_f32(0)), el_splat_f32(__builtin_nanf("")), y);
  return el_select_f32(el_eq_f32(x, el_splat_f32(0)), el_splat_f32(-__builtin_inff()), y);
#endif
}

// With 1 + x = 2^n (1 + f): f = x 2^-n - (1 - 2^-n), exact but for the last subtraction.
EL_FUNCTION el_f32 el_log1p_f32(el_f32 x) {
  el_f32 u = x + 1.0f;
#if EL_ZMM
  __m512 m = _mm512_getmant_ps((__m512)u, _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_nan);
  el_f32 n = (el_f32)_mm512_getexp_ps(m) - (el_f32)_mm512_getexp_ps((__m512)u);
  el_f32 f = (el_f32)_mm512_scalef_ps((__m512)x, (__m512)n) -
             (1.0f - (el_f32)_mm512_scalef_ps((__m512)el_splat_f32(1), (__m512)n));
  // The exponent is infinite for x = -1 and infinity, and is minus the logarithm there.
  return el_select_f32(el_is_finite_f32(n), el_log_reduced_f32(f, n), -n);
#else
  el_i32 e = ((el_i32)u - 0x3f400000) >> 23;
  el_f32 scaled = (el_f32)((el_u32)x - ((el_u32)e << 23));
  el_i32 exponent = 127 - e;
  el_f32 power = (el_f32)((exponent & (exponent > 0)) << 23);
  el_f32 y = el_log_reduced_f32(scaled - (1.0f - power), el_f32_from_i32(-e));
  y = el_select_f32(el_lt_f32(x, el_splat_f32(__builtin_inff())), y, x);
  y = el_select_f32(el_lt_f32(x, el_splat_f32(-1)), el_splat_f32(__builtin_nanf("")), y);
  return el_select_f32(el_eq_f32(x, el_splat_f32(-1)), el_splat_f32(-__builtin_inff()), y);
#endif
}

// log1p of numbers from 0 to 1, as of a sigmoid's exponential: one polynomial, (log(1 + x) - x) / x^2, fitted to the least relative
// error of the whole.
EL_FUNCTION el_f32 el_log1p_unit_f32(el_f32 x) {
  el_f32 p = el_step_f32(el_splat_f32(-0x1.b2f55ep-9f), x, 0x1.4b081ep-6f);
  p = el_step_f32(p, x, -0x1.d8630ep-5f);
  p = el_step_f32(p, x, 0x1.b579b8p-4f);
  p = el_step_f32(p, x, -0x1.3a7a7ep-3f);
  p = el_step_f32(p, x, 0x1.935c9ep-3f);
  p = el_step_f32(p, x, -0x1.ff26e0p-3f);
  p = el_step_f32(p, x, 0x1.554df0p-2f);
  p = el_step_f32(p, x, -0x1.ffffd2p-2f);
  return el_fma_f32(x * x, p, x);
}

// As fdlibm: with s = f/(2+f), log(1+f) = f - (f^2/2 - s (f^2/2 + R(s^2))).
EL_INLINE el_f64 el_log_reduced_f64(el_f64 f, el_f64 n) {
  el_f64 s = f / (f + 2.0), z = s * s;
  el_f64 p = el_step_f64(el_splat_f64(0x1.2f260edc96ed7p-3), z, 0x1.399ea7f0a8728p-3);
  p = el_step_f64(p, z, 0x1.74665bac94655p-3);
  p = el_step_f64(p, z, 0x1.c71c5185e8941p-3);
  p = el_step_f64(p, z, 0x1.249249428785bp-2);
  p = el_step_f64(p, z, 0x1.999999997f3f7p-2);
  p = el_step_f64(p, z, 0x1.5555555555594p-1);
  el_f64 half = (f * f) * 0.5;
  el_f64 low = el_axpy_f64(-0x1.ef35793c7673p-45, n, s * el_fma_f64(p, z, half));
  return el_axpy_f64(-0x1.62e42fefa38p-1, n, f - (half - low));
}

EL_FUNCTION el_f64 el_log_f64(el_f64 x) {
  el_i64 small = x < 0x1p-1022;
  el_f64 scaled = x * 0x1p52;
  el_i64 bits = (small & (el_i64)scaled) | (~small & (el_i64)x);
  // The exponent fits 32 bits, where shifts by the sign are cheap on every machine.
  el_i32 e = el_i32_from_i64((bits - INT64_C(0x3fe6a09e00000000)) >> 32) >> 20;
  el_f64 m = (el_f64)((el_u64)bits - ((el_u64)el_i64_from_i32(e) << 52));
  el_f64 n = el_f64_from_i32((el_i32_from_i64(small) & 52) - e);
  el_f64 y = el_log_reduced_f64(m - 1.0, n);
  y = el_select_f64(el_lt_f64(x, el_splat_f64(__builtin_inf())), y, x);
  y = el_select_f64(el_lt_f64(x, el_splat_f64(0)), el_splat_f64(__builtin_nan("")), y);
  return el_select_f64(el_eq_f64(x, el_splat_f64(0)), el_splat_f64(-__builtin_inf()), y);
}

EL_FUNCTION el_f64 el_log1p_f64(el_f64 x) {
  el_f64 u = x + 1.0;
  el_i32 e = el_i32_from_i64(((el_i64)u - INT64_C(0x3fe6a09e00000000)) >> 32) >> 20;
  el_f64 scaled = (el_f64)((el_u64)x - ((el_u64)el_i64_from_i32(e) << 52));
  el_i32 exponent = 1023 - e;
  el_f64 power = (el_f64)(el_i64_from_i32(exponent & (exponent > 0)) << 52);
  el_f64 y = el_log_reduced_f64(scaled - (1.0 - power), el_f64_from_i32(-e));
  y = el_select_f64(el_lt_f64(x, el_splat_f64(__builtin_inf())), y, x);
  y = el_select_f64(el_lt_f64(x, el_splat_f64(-1)), el_splat_f64(__builtin_nan("")), y);
  return el_select_f64(el_eq_f64(x, el_splat_f64(-1)), el_splat_f64(-__builtin_inf()), y);
}

// MARK: - Hyperbolic functions

EL_FUNCTION el_f32 el_sinh_f32(el_f32 x) {
  el_f64 t = el_expm1_f64(el_f64_from_f32(el_abs_f32(el_clamp_f32(x, -100.0f, 100.0f))));
  el_f32 y = el_f32_from_f64(0.5 * (t + t / (t + 1.0)));
  return el_copysign_f32(y, x);
}
EL_FUNCTION el_f32 el_cosh_f32(el_f32 x) {
  el_f64 t = el_exp_f64(el_f64_from_f32(el_abs_f32(el_clamp_f32(x, -100.0f, 100.0f))));
  return el_f32_from_f64(0.5 * (t + 1.0 / t));
}
EL_DEFINE_BY_LANE(el_sinh_f64, f64, sinh)
EL_DEFINE_BY_LANE(el_cosh_f64, f64, cosh)

// MARK: - Trigonometric functions
//
// x = n pi/2 + r in f64: for |x| < 2^20 the product of n and the 33-bit high piece is exact, and what
// is left is good to 2^-66. Lanes beyond that ask libm.

#define EL_TRIG_LIMIT 0x1p20f

EL_INLINE el_f64 el_reduce_trig(el_f32 x, el_i64 *quadrant) {
  const double magic = 0x1.8p52;
  el_f64 wide = el_f64_from_f32(x);
  el_f64 shifted = el_step_f64(el_splat_f64(0x1.45f306dc9c883p-1), wide, magic);
  el_f64 n = shifted - magic;
  *quadrant = (el_i64)shifted;
  el_f64 r = el_axpy_f64(-0x1.921fb544p+0, n, wide);
  return el_axpy_f64(-0x1.0b4611a626331p-34, n, r);
}
EL_INLINE el_f64 el_sin_reduced(el_f64 r) {
  el_f64 z = r * r;
  el_f64 p = el_step_f64(el_splat_f64(0x1.6cb8095e135a6p-19), z, -0x1.a00f11e10a63cp-13);
  p = el_step_f64(p, z, 0x1.111107e1d2bb0p-7);
  p = el_step_f64(p, z, -0x1.5555554bb47c5p-3);
  return el_fma_f64(r * z, p, r);
}
EL_INLINE el_f64 el_cos_reduced(el_f64 r) {
  el_f64 z = r * r;
  el_f64 p = el_step_f64(el_splat_f64(-0x1.240b0724afa14p-22), z, 0x1.a0107eb80b058p-16);
  p = el_step_f64(p, z, -0x1.6c16b79614a51p-10);
  p = el_step_f64(p, z, 0x1.5555554e4d738p-5);
  return el_fma_f64(z * z, p, 1.0 - 0.5 * z);
}
// The sine a number of quadrants further on: odd quadrants take the cosine, the next two change sign.
EL_FUNCTION el_f32 el_sin_quadrant(el_f64 r, el_i64 quadrant) {
  el_i64 odd = -(quadrant & 1);
  el_i64 bits = (odd & (el_i64)el_cos_reduced(r)) | (~odd & (el_i64)el_sin_reduced(r));
  return el_f32_from_f64((el_f64)(bits ^ (el_i64)((el_u64)(quadrant & 2) << 62)));
}

// Replaces the lanes that the reduction does not serve: large, infinite and NaN.
#define EL_LARGE_TRIG(D, x, y, CALL)                                                               \
  do {                                                                                             \
    el_mask large = el_not_bool(el_lt_##D(el_abs_##D(x), el_splat_##D(EL_TRIG_LIMIT)));            \
    if (__builtin_expect(el_any_bool(large), 0))                                                   \
      for (int i = 0; i < EL_LANES; i++)                                                           \
        if (large[i]) y[i] = CALL(x[i]);                                                           \
  } while (0)

EL_FUNCTION el_f32 el_sin_f32(el_f32 x) {
  el_i64 quadrant;
  el_f64 r = el_reduce_trig(x, &quadrant);
  el_f32 y = el_sin_quadrant(r, quadrant);
  y = el_select_f32(el_lt_f32(el_abs_f32(x), el_splat_f32(0x1p-30f)), x, y);
  EL_LARGE_TRIG(f32, x, y, sinf);
  return y;
}
EL_FUNCTION el_f32 el_cos_f32(el_f32 x) {
  el_i64 quadrant;
  el_f64 r = el_reduce_trig(x, &quadrant);
  el_f32 y = el_sin_quadrant(r, quadrant + 1);
  EL_LARGE_TRIG(f32, x, y, cosf);
  return y;
}
EL_FUNCTION el_f32 el_tan_f32(el_f32 x) {
  el_i64 quadrant;
  el_f64 r = el_reduce_trig(x, &quadrant);
  el_f64 s = el_sin_reduced(r), c = el_cos_reduced(r);
  el_i64 odd = -(quadrant & 1);
  el_f64 over = (el_f64)((odd & (el_i64)-c) | (~odd & (el_i64)s));
  el_f64 under = (el_f64)((odd & (el_i64)s) | (~odd & (el_i64)c));
  el_f32 y = el_f32_from_f64(over / under);
  y = el_select_f32(el_lt_f32(el_abs_f32(x), el_splat_f32(0x1p-30f)), x, y);
  EL_LARGE_TRIG(f32, x, y, tanf);
  return y;
}

// For results in f64 the remainder has a low part: x = n pi/2 + r + low, good to 2^-101, from pi/2 in
// pieces of 33, 33 and 53 bits. What rounding leaves of a difference or sum is Knuth's.
EL_FUNCTION el_f64 el_reduce_trig_f64(el_f64 x, el_i64 *quadrant, el_f64 *low) {
  const double magic = 0x1.8p52;
  el_f64 shifted = el_step_f64(el_splat_f64(0x1.45f306dc9c883p-1), x, magic);
  el_f64 n = shifted - magic;
  *quadrant = (el_i64)shifted;
  el_f64 a = el_axpy_f64(-0x1.921fb544p+0, n, x), b = n * 0x1.0b4611a6p-34;
  el_f64 difference = a - b, lost = difference - a;
  el_f64 rest = el_axpy_f64(-0x1.3198a2e037073p-69, n, (a - (difference - lost)) - (b + lost));
  el_f64 r = difference + rest, gained = r - difference;
  *low = (difference - (r - gained)) + (rest - gained);
  return r;
}
EL_INLINE el_f64 el_sin_pair(el_f64 r, el_f64 low) {
  el_f64 z = r * r;
  el_f64 p = el_step_f64(el_splat_f64(0x1.5d9300fc2b6edp-33), z, -0x1.ae5e663a8eea1p-26);
  p = el_step_f64(p, z, 0x1.71de3577b6974p-19);
  p = el_step_f64(p, z, -0x1.a01a019c11995p-13);
  p = el_step_f64(p, z, 0x1.111111110f87ap-7);
  p = el_step_f64(p, z, -0x1.5555555555549p-3);
  return r + el_fma_f64(r * z, p, low * (1.0 - 0.5 * z));
}
EL_INLINE el_f64 el_cos_pair(el_f64 r, el_f64 low) {
  el_f64 z = r * r;
  el_f64 p = el_step_f64(el_splat_f64(-0x1.8fae9c74084f9p-37), z, 0x1.1ee9ebe927e38p-29);
  p = el_step_f64(p, z, -0x1.27e4f809f0984p-22);
  p = el_step_f64(p, z, 0x1.a01a019cb1bdap-16);
  p = el_step_f64(p, z, -0x1.6c16c16c1517ep-10);
  p = el_step_f64(p, z, 0x1.555555555554cp-5);
  el_f64 half = 0.5 * z, first = 1.0 - half;
  return first + (((1.0 - first) - half) + el_fma_f64(z * z, p, -(r * low)));
}
EL_FUNCTION el_f64 el_sin_pair_quadrant(el_f64 r, el_f64 low, el_i64 quadrant) {
  el_i64 odd = -(quadrant & 1);
  el_i64 bits = (odd & (el_i64)el_cos_pair(r, low)) | (~odd & (el_i64)el_sin_pair(r, low));
  return (el_f64)(bits ^ (el_i64)((el_u64)(quadrant & 2) << 62));
}

EL_FUNCTION el_f64 el_sin_f64(el_f64 x) {
  el_i64 quadrant;
  el_f64 low, r = el_reduce_trig_f64(x, &quadrant, &low);
  el_f64 y = el_sin_pair_quadrant(r, low, quadrant);
  y = el_select_f64(el_lt_f64(el_abs_f64(x), el_splat_f64(0x1p-27)), x, y);
  EL_LARGE_TRIG(f64, x, y, sin);
  return y;
}
EL_FUNCTION el_f64 el_cos_f64(el_f64 x) {
  el_i64 quadrant;
  el_f64 low, r = el_reduce_trig_f64(x, &quadrant, &low);
  el_f64 y = el_sin_pair_quadrant(r, low, quadrant + 1);
  EL_LARGE_TRIG(f64, x, y, cos);
  return y;
}
EL_DEFINE_BY_LANE(el_tan_f64, f64, tan)

// atan a = pi/2 - atan 1/a for a > 1.
EL_FUNCTION el_f32 el_atan_f32(el_f32 x) {
  el_f64 a = el_f64_from_f32(el_abs_f32(x));
  el_mask far = el_gt_f32(el_abs_f32(x), el_splat_f32(1));
  el_f64 t = el_select_f64(far, 1.0 / a, a), z = t * t;
  el_f64 p = el_step_f64(el_splat_f64(-0x1.6df6d6d7fed74p-11), z, 0x1.42e05b82bd176p-8);
  p = el_step_f64(p, z, -0x1.0b10391f7ee75p-6);
  p = el_step_f64(p, z, 0x1.1a6f5ad55269ap-5);
  p = el_step_f64(p, z, -0x1.be9a0c3fc1de3p-5);
  p = el_step_f64(p, z, 0x1.29592f4afb799p-4);
  p = el_step_f64(p, z, -0x1.700b4f1e05002p-4);
  p = el_step_f64(p, z, 0x1.c66e5571b9b19p-4);
  p = el_step_f64(p, z, -0x1.248a2d324bb6ap-3);
  p = el_step_f64(p, z, 0x1.999937fa4708dp-3);
  p = el_step_f64(p, z, -0x1.5555548756ebfp-2);
  el_f64 y = el_fma_f64(t * z, p, t);
  y = el_select_f64(far, 0x1.921fb54442d18p+0 - y, y);
  return el_copysign_f32(el_f32_from_f64(y), x);
}
EL_DEFINE_BY_LANE(el_atan_f64, f64, atan)

// MARK: - Error functions

// Up to 0.92 an odd polynomial; beyond, 1 - e^g with g the logarithm of erfc.
EL_FUNCTION el_f32 el_erf_f32(el_f32 x) {
  el_f32 a = el_abs_f32(x), z = x * x;
  el_f32 p = el_step_f32(el_splat_f32(-0x1.384cbep-11f), z, 0x1.46d176p-8f);
  p = el_step_f32(p, z, -0x1.b67ae2p-6f);
  p = el_step_f32(p, z, 0x1.ce197ap-4f);
  p = el_step_f32(p, z, -0x1.8126e2p-2f);
  p = el_step_f32(p, z, 0x1.06eba6p-3f);
  el_f32 near = el_fma_f32(x, p, x);
  el_f32 b = el_clamp_f32(a, 0.0f, 4.0f);
  el_f32 g = el_step_f32(el_splat_f32(-0x1.62296ep-16f), b, 0x1.c7b45ep-12f);
  g = el_step_f32(g, b, -0x1.1162dap-8f);
  g = el_step_f32(g, b, 0x1.9b9252p-6f);
  g = el_step_f32(g, b, -0x1.bb84e8p-4f);
  g = el_step_f32(g, b, -0x1.4445fap-1f);
  g = el_step_f32(g, b, -0x1.2127e6p+0f);
  g = el_step_f32(g, b, 0x1.6e57c8p-13f);
  el_f32 far = el_copysign_f32(1.0f - el_exp_f32(g), x);
  return el_select_f32(el_lt_f32(a, el_splat_f32(0.92f)), near, far);
}

// erfc(a) for a from 0 to 10.1 and results of f32: e^(-a^2) (P(q) / (1 + 2a)) with q = (a-4)/(a+4), in f64 so that the
// square keeps its bits. The exponent is a difference, not the negative: that would turn a NaN's sign, and of the product
// of two NaN with different signs compilers take either, one for the first registers and the other for the rest.
EL_FUNCTION el_f64 el_narrow_erfc_f64(el_f64 a) {
  el_f64 q = (a - 4.0) / (a + 4.0);
  el_f64 p = el_step_f64(el_splat_f64(-0x1.509236545925cp-11), q, -0x1.29f166bd9a430p-10);
  p = el_step_f64(p, q, 0x1.4a870fabf44c6p-8);
  p = el_step_f64(p, q, -0x1.068adba704edbp-6);
  p = el_step_f64(p, q, 0x1.30ebf3fb9da22p-5);
  p = el_step_f64(p, q, -0x1.0fc9e8605c6b4p-4);
  p = el_step_f64(p, q, 0x1.7fe1ec43bda38p-4);
  p = el_step_f64(p, q, -0x1.9dd9d23f565a4p-4);
  p = el_step_f64(p, q, 0x1.16edc0df15b8bp-4);
  p = el_step_f64(p, q, 0x1.f7f5ae9ed2510p-7);
  p = el_step_f64(p, q, -0x1.1df1aef1bc471p-3);
  p = el_step_f64(p, q, 0x1.3ba5916f1c822p+0);
  return el_exp_f64(0.0 - a * a) * p / (a + a + 1.0);
}
EL_FUNCTION el_f32 el_erfc_f32(el_f32 x) {
  el_f64 y = el_narrow_erfc_f64(el_f64_from_f32(el_abs_f32(el_clamp_f32(x, -10.1f, 10.1f))));
  y = el_select_f64(el_lt_f32(x, el_splat_f32(0)), 2.0 - y, y);
  return el_f32_from_f64(y);
}
EL_DEFINE_BY_LANE(el_erf_f64, f64, erf)
EL_DEFINE_BY_LANE(el_erfc_f64, f64, erfc)

// MARK: - Powers

// e^(y log |x|) in f64, with the sign of x for odd y and the cases of C's pow.
EL_FUNCTION el_f32 el_pow_f32(el_f32 x, el_f32 y) {
  el_f64 power = el_f64_from_f32(y) * el_log_f64(el_f64_from_f32(el_abs_f32(x)));
  el_f32 size = el_f32_from_f64(el_exp_f64(power));
  el_f32 half = y * 0.5f;
  el_mask whole = el_eq_f32(el_trunc_f32(y), y);
  el_mask odd = whole & el_ne_f32(el_trunc_f32(half), half);
  el_f32 result = (el_f32)((el_i32)size | ((el_i32)x & odd & INT32_MIN));
  el_mask undefined = el_lt_f32(x, el_splat_f32(0)) & el_is_finite_f32(x) & ~whole;
  result = el_select_f32(undefined, el_splat_f32(__builtin_nanf("")), result);
  el_mask endless = el_eq_f32(el_abs_f32(y), el_splat_f32(__builtin_inff()));
  el_mask unit = el_eq_f32(el_abs_f32(x), el_splat_f32(1));
  el_mask one = el_eq_f32(x, el_splat_f32(1)) | el_eq_f32(y, el_splat_f32(0)) | (unit & endless);
  return el_select_f32(one, el_splat_f32(1), result);
}
EL_FUNCTION el_f64 el_pow_f64(el_f64 x, el_f64 y) {
  for (int i = 0; i < EL_LANES; i++) x[i] = pow(x[i], y[i]);
  return x;
}

#undef EL_DEFINE_BY_REGISTER
#undef EL_DEFINE_BY_LANE
// Powers of integers by repeated multiplication, wrapping around; 0 for negative exponents.
#define EL_INTEGER_POWER(D, BITS)                                                                  \
  EL_INLINE el_##D el_pow_##D(el_##D base, el_##D exponent) {                                      \
    el_##D result = el_splat_##D(1), rest = exponent;                                              \
    for (int bit = 0; bit < BITS; bit++) {                                                         \
      el_mask odd = el_ne_##D(rest & el_splat_##D(1), el_splat_##D(0));                            \
      result = el_select_##D(odd, el_mul_##D(result, base), result);                               \
      base = el_mul_##D(base, base);                                                               \
      rest = el_shr_##D(rest, el_splat_##D(1));                                                    \
    }                                                                                              \
    return el_select_##D(el_lt_##D(exponent, el_splat_##D(0)), el_splat_##D(0), result);           \
  }
EL_INTEGER_POWER(i32, 31)
EL_INTEGER_POWER(u32, 32)
EL_INTEGER_POWER(i64, 63)
EL_INTEGER_POWER(u8, 8)

#endif
