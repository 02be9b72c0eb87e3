// elbow_special.h: the gamma and beta functions and their relatives, on the vectors of elbow_vector.h.
//
// All is computed in f64; the f32 functions round, so they are within 0.51 units in the last place wherever
// the f64 function keeps nine digits. Largest relative error of the f64 functions in units of 2^-53, as
// Tests/PreludeTests/special.c measured it against 50 digits at the points of special_values.h (AVX-512 and
// SSE2); "abs" is absolute, near a zero:
//
//     lgamma     25        igamma               7    betainc          107
//     digamma     6 abs    igammac              7    betainc_grad_a  8974 abs
//     polygamma  10        random_gamma_grad   14    betainc_grad_b  2628 abs
//     i0e, i1e    3        lbeta               10 abs    ndtr         2
//
// betainc is within 9 units, of 1, and so further off where it is a small rest of 1 above the mean.
//
// A value gives the same bits in whatever lane it is: a lane that has converged no longer changes.
// The algorithms are named at each function. Nothing here calls libm but for erfc.
#ifndef ELBOW_SPECIAL_H
#define ELBOW_SPECIAL_H

#include "elbow_pair.h"

#define EL_ROUNDED_1(NAME)                                                                         \
  EL_INLINE el_f32 el_##NAME##_f32(el_f32 x) { return el_f32_from_f64(el_##NAME##_f64(el_f64_from_f32(x))); }
#define EL_ROUNDED_2(NAME)                                                                         \
  EL_INLINE el_f32 el_##NAME##_f32(el_f32 x, el_f32 y) {                                           \
    return el_f32_from_f64(el_##NAME##_f64(el_f64_from_f32(x), el_f64_from_f32(y)));               \
  }
#define EL_ROUNDED_3(NAME)                                                                         \
  EL_INLINE el_f32 el_##NAME##_f32(el_f32 x, el_f32 y, el_f32 z) {                                 \
    return el_f32_from_f64(el_##NAME##_f64(el_f64_from_f32(x), el_f64_from_f32(y), el_f64_from_f32(z))); \
  }

EL_INLINE el_f64 el_horner_f64(el_f64 x, const double *coefficients, int count) {
  el_f64 sum = el_splat_f64(coefficients[count - 1]);
  for (int i = count - 2; i >= 0; i--) sum = el_step_f64(sum, x, coefficients[i]);
  return sum;
}
// The sum of coefficients times Chebyshev polynomials, by Clenshaw's recurrence.
EL_INLINE el_f64 el_chebyshev_f64(el_f64 x, const double *coefficients, int count) {
  el_f64 above = el_splat_f64(0), sum = el_splat_f64(0);
  for (int i = count - 1; i > 0; i--) {
    el_f64 next = el_fma_f64(x + x, sum, coefficients[i] - above);
    above = sum, sum = next;
  }
  return el_fma_f64(x, sum, coefficients[0] - above);
}

// MARK: - The normal distribution

// erfc(t) / 2 for t = -x / sqrt(2). Rounding t to y would move the tail by its square; what is lost, d, comes after:
// erfc(y + d) = erfc(y) - 2 d / sqrt(pi) e^(-y^2).
EL_FUNCTION el_f64 el_ndtr_f64(el_f64 x) {
  el_pair root = {el_splat_f64(-0x1.6a09e667f3bcdp-1), el_splat_f64(0x1.bdd3413b26456p-55)};
  el_pair t = el_pair_multiply(el_pair_of(el_clamp_f64(x, -40, 40)), root);
  return 0.5 * el_erfc_f64(t.high) - 0.56418958354775628695 * t.low * el_exp_f64(-(t.high * t.high));
}
EL_FUNCTION el_f32 el_ndtr_f32(el_f32 x) {
  el_f64 size = el_f64_from_f32(el_abs_f32(el_clamp_f32(x, -14.28f, 14.28f)));
  el_f64 y = 0.5 * el_narrow_erfc_f64(size * 0x1.6a09e667f3bcdp-1);
  return el_f32_from_f64(el_select_f64(el_gt_f32(x, el_splat_f32(0)), 1.0 - y, y));
}

// MARK: - The logarithm of gamma

// (log gamma(2 + t)) / t on [-1/2, 1/2], in powers of t.
static const double el_lgamma_near_two[] = {
    0x1.b0ee6072093cep-2, 0x1.4a34cc4a60fa6p-2, -0x1.13e001a557606p-4, 0x1.51322ac7d8483p-6,
    -0x1.e404fc218f683p-8, 0x1.7add6eadb6cbbp-9, -0x1.38ac5c2bf00bfp-10, 0x1.0b36af8630f5fp-11,
    -0x1.d3fd4c7f9fa26p-13, 0x1.a127b0f9ee692p-14, -0x1.78de594a1f5d8p-15, 0x1.580dcc735f957p-16,
    -0x1.3cbd0c34c2671p-17, 0x1.259814c96e3bdp-18, -0x1.11a54bc3cfe3cp-19, 0x1.0057bc58baf67p-20,
    -0x1.e46267845840ap-22, 0x1.c959188a8539dp-23, -0x1.98152dabaf411p-24, 0x1.8367966486352p-25,
    -0x1.0cfcd77c3ec5fp-25, 0x1.01127da9788f9p-26,
};
// B_2k / (2k (2k - 1)): log gamma(x) = (x - 1/2) log x - x + log(2 pi)/2 + sum c_k / x^(2k-1).
static const double el_stirling[] = {
    0.083333333333333333333, -0.0027777777777777777778, 0.00079365079365079365079, -0.0005952380952380952381,
    0.00084175084175084175084, -0.0019175269175269175269, 0.0064102564102564102564, -0.02955065359477124183,
};
#define EL_HALF_LOG_2PI 0.91893853320467274178

// The sum over k above, for x of at least 10.
EL_INLINE el_f64 el_stirling_f64(el_f64 x) {
  el_f64 r = 1.0 / x;
  return r * el_horner_f64(r * r, el_stirling, 8);
}
EL_INLINE el_f64 el_nan_f64(void) { return el_splat_f64(__builtin_nan("")); }
EL_INLINE el_f64 el_infinity_f64(void) { return el_splat_f64(__builtin_inf()); }

// gamma(x) = e^base up / down for 0 < x <= 10. The recurrence moves x to z in [3/2, 5/2]: gamma(x) is
// gamma(z) (x-1) (x-2) ... or gamma(z) / (x (x+1)).
EL_INLINE el_f64 el_gamma_base_f64(el_f64 x, el_f64 *up, el_f64 *down) {
  el_f64 z = x, product = el_splat_f64(1);
  for (int i = 0; i < 8; i++) {
    el_mask high = el_gt_f64(z, el_splat_f64(2.5));
    z = el_select_f64(high, z - 1.0, z);
    product = el_select_f64(high, product * z, product);
  }
  el_mask low = el_lt_f64(x, el_splat_f64(1.5)), lowest = el_lt_f64(x, el_splat_f64(0.5));
  el_f64 t = el_select_f64(lowest, x, el_select_f64(low, x - 1.0, z - 2.0));
  *up = product;
  *down = el_select_f64(lowest, x + x * x, el_select_f64(low, x, el_splat_f64(1)));
  return t * el_horner_f64(t, el_lgamma_near_two, 22);
}

// log gamma(x) for x > 0: the logarithm of that, or Stirling's series from 10 on.
EL_FUNCTION el_f64 el_lgamma_positive_f64(el_f64 x) {
  el_f64 up, down, base = el_gamma_base_f64(x, &up, &down);
  el_mask low = el_lt_f64(x, el_splat_f64(1.5));
  // log x near 1 is log1p(x - 1), which keeps the digits of the difference.
  el_f64 correction = el_log_f64(el_select_f64(low, down, up));
  el_f64 near = el_select_f64(low, base - correction, base + correction);
  el_f64 large = el_fma_f64(x - 0.5, el_log_f64(x), -x) + (EL_HALF_LOG_2PI + el_stirling_f64(x));
  // Beyond 1e17 the two products are equal to the last digit; x (log x - 1) is what is left.
  large = el_select_f64(el_gt_f64(x, el_splat_f64(1e17)), x * (el_log_f64(x) - 1.0), large);
  return el_select_f64(el_lt_f64(x, el_splat_f64(10)), near, large);
}

// sin(pi x) and cos(pi x), from the distance to the nearest integer; Taylor's series, |d| <= 1/2.
EL_FUNCTION el_f64 el_sinpi_f64(el_f64 x) {
  el_f64 n = el_round_f64(x), d = x - n;
  el_f64 z = (d * d) * -9.8696044010893586188, sum = el_splat_f64(1);
  for (int k = 12; k >= 1; k--) sum = 1.0 + sum * z / (double)(2 * k * (2 * k + 1));
  el_f64 half = n * 0.5;
  el_mask odd = el_ne_f64(el_round_f64(half), half);
  el_f64 y = 3.1415926535897932385 * d * sum;
  return el_select_f64(odd, -y, y);
}
EL_FUNCTION el_f64 el_cospi_f64(el_f64 x) {
  el_f64 n = el_round_f64(x), d = el_abs_f64(x - n);
  // cos(pi d) = sin(pi (1/2 - d)), which is exact near its zero.
  el_f64 y = el_sinpi_f64(0.5 - d);
  el_f64 half = n * 0.5;
  el_mask odd = el_ne_f64(el_round_f64(half), half);
  return el_select_f64(odd, -y, y);
}

// The logarithm of |gamma(x)|; by reflection below 0, where it is infinite at integers.
EL_OUTLINE el_f64 el_lgamma_f64(el_f64 x) {
  el_mask negative = el_lt_f64(x, el_splat_f64(0));
  el_f64 size = el_abs_f64(x);
  el_f64 y = el_lgamma_positive_f64(size);
  if (__builtin_expect(el_any_bool(negative), 0)) {
    // gamma(x) gamma(-x) = -pi / (x sin(pi x)).
    el_f64 product = el_abs_f64(size * el_sinpi_f64(size));
    el_f64 reflected = 1.1447298858494001741 - el_log_f64(product) - y;
    y = el_select_f64(negative, reflected, y);
  }
  y = el_select_f64(el_eq_f64(size, el_infinity_f64()), size, y);
  return el_select_f64(el_eq_f64(x, el_splat_f64(0)), el_infinity_f64(), y);
}
EL_ROUNDED_1(lgamma)

// MARK: - Its derivatives

// B_2k / (2k).
static const double el_digamma_series[] = {
    0.083333333333333333333, -0.0083333333333333333333, 0.003968253968253968254, -0.0041666666666666666667,
    0.0075757575757575757576, -0.021092796092796092796, 0.083333333333333333333, -0.44325980392156862745,
};

// The derivative of log gamma: the recurrence psi(x) = psi(x + 1) - 1/x up to 10, then the asymptotic series
// (Abramowitz and Stegun 6.3.18); reflection below 0. Not a number at 0, -1, -2, ...
EL_OUTLINE el_f64 el_digamma_f64(el_f64 x) {
  el_mask negative = el_le_f64(x, el_splat_f64(0));
  el_f64 z = el_select_f64(negative, 1.0 - x, x), sum = el_splat_f64(0);
  for (int i = 0; i < 10; i++) {
    el_mask low = el_lt_f64(z, el_splat_f64(10));
    if (!el_any_bool(low)) break;
    sum = el_select_f64(low, sum + 1.0 / z, sum);
    z = el_select_f64(low, z + 1.0, z);
  }
  el_f64 r = 1.0 / z, s = r * r;
  el_f64 y = el_fma_f64(-s, el_horner_f64(s, el_digamma_series, 8), el_axpy_f64(-0.5, r, el_log_f64(z))) - sum;
  if (__builtin_expect(el_any_bool(negative), 0)) {
    el_f64 sine = el_sinpi_f64(x);
    el_f64 reflected = y - 3.1415926535897932385 * el_cospi_f64(x) / sine;
    reflected = el_select_f64(el_eq_f64(sine, el_splat_f64(0)), el_nan_f64(), reflected);
    y = el_select_f64(negative, reflected, y);
  }
  return y;
}
EL_ROUNDED_1(digamma)

// The order-th derivative of digamma, order >= 1 and the same in all lanes, for x > 0; below, by reflection for
// order 1, else NaN. Up to
// 10 + order the recurrence, then the asymptotic series (Abramowitz and Stegun 6.4.11), both as
// (-1)^(order+1) order! times
//
//     sum_i (x + i)^-(order+1) + z^-order (1/order + 1/(2 z) + sum_k B_2k (2k+order-1)! / ((2k)! order! z^2k))
EL_OUTLINE el_f64 el_polygamma_f64(el_f64 orders, el_f64 x) {
  static const double bernoulli[] = {
      0.16666666666666666667, -0.033333333333333333333, 0.023809523809523809524, -0.033333333333333333333,
      0.075757575757575757576, -0.25311355311355311355, 1.1666666666666666667, -7.0921568627450980392,
      54.971177944862155388, -529.12424242424242424,
  };
  int order = (int)orders[0];
  el_mask turned = el_lt_f64(x, el_splat_f64(order == 1 ? 0 : -__builtin_inf()));
  el_f64 z = el_select_f64(turned, 1.0 - x, x), sum = el_splat_f64(0), start = el_splat_f64(10.0 + order);
  for (int i = 0; i < 10 + order; i++) {
    el_mask low = el_lt_f64(z, start);
    if (!el_any_bool(low)) break;
    el_f64 r = 1.0 / z, power = r;
    for (int k = 0; k < order; k++) power = power * r;
    sum = el_select_f64(low, sum + power, sum);
    z = el_select_f64(low, z + 1.0, z);
  }
  el_f64 r = 1.0 / z, s = r * r, power = el_splat_f64(1), tail = 1.0 / order + 0.5 * r, factor = el_splat_f64(1);
  for (int k = 0; k < order; k++) power = power * r;
  // The factor (2k+order-1)! / ((2k)! order!) is (order+1)/2 for k = 1.
  double ratio = 0.5 * (order + 1);
  for (int k = 1; k <= 10; k++) {
    factor = factor * s;
    tail = tail + bernoulli[k - 1] * ratio * factor;
    ratio *= (double)(2 * k + order) * (2 * k + order + 1) / ((2 * k + 1.0) * (2 * k + 2.0));
  }
  double factorial = order % 2 == 1 ? 1 : -1;
  for (int k = 2; k <= order; k++) factorial *= k;
  el_f64 y = factorial * (sum + power * tail);
  y = el_select_f64(el_eq_f64(x, el_infinity_f64()), el_splat_f64(0), y);
  y = el_select_f64(el_eq_f64(x, el_splat_f64(0)), el_infinity_f64() * (double)(order % 2 == 1 ? 1 : -1), y);
  if (el_any_bool(turned)) {
    el_f64 ratio_to_sine = 3.1415926535897932385 / el_sinpi_f64(x);
    y = el_select_f64(turned, ratio_to_sine * ratio_to_sine - y, y);
  }
  return el_select_f64(~turned & el_lt_f64(x, el_splat_f64(0)), el_nan_f64(), y);
}
EL_ROUNDED_2(polygamma)

// MARK: - Modified Bessel functions

// exp(-|x|) I_0(x) and I_1(x): up to 8 the power series in x^2/4, whose terms are all positive; beyond,
// Chebyshev sums for sqrt(x) times the function in 16/x - 1.
static const double el_i0_series[] = {
    0x1.0000000000000p+0, 0x1.0000000000000p+0, 0x1.0000000000000p-2, 0x1.c71c71c71c71cp-6,
    0x1.c71c71c71c71cp-10, 0x1.23456789abcdfp-14, 0x1.02e85c0898b71p-19, 0x1.522a43f65486ap-25,
    0x1.522a43f65486ap-31, 0x1.0b313289be0b9p-37, 0x1.5601885e63e5dp-44, 0x1.69ca9cf3b7f54p-51,
    0x1.4197a7f5154bcp-58, 0x1.e725594ee52e9p-66, 0x1.3e22d70ef3b5fp-73, 0x1.69f7da8510bcdp-81,
    0x1.69f7da8510bcdp-89, 0x1.40a2dc2460523p-97, 0x1.faaf2fa1c79e5p-106, 0x1.674f8e46c208cp-114,
    0x1.cbeaf38dc529fp-123, 0x1.0afb53e9cec0bp-131, 0x1.1a6d4e307528fp-140, 0x1.1159d2b18fe1fp-149,
    0x1.e5f504c9e358cp-159, 0x1.8e189760fbc74p-168, 0x1.2d843c1f0a6f9p-177, 0x1.a787875e855a5p-187,
};
static const double el_i1_series[] = {
    0x1.0000000000000p+0, 0x1.0000000000000p-1, 0x1.5555555555555p-4, 0x1.c71c71c71c71cp-8,
    0x1.6c16c16c16c17p-12, 0x1.845c8a0ce5129p-17, 0x1.27e4fb7789f5cp-22, 0x1.522a43f65486ap-28,
    0x1.2c9758daf5cd0p-34, 0x1.ab81ea75fcdf4p-41, 0x1.f17697cf1cf13p-48, 0x1.e2637bef9ff1ap-55,
    0x1.8bce58901a35ep-62, 0x1.165e7c2d153f3p-69, 0x1.53585cdcbfb10p-77, 0x1.69f7da8510bcdp-85,
    0x1.54ad09e6a6575p-93, 0x1.1d028acb00491p-101, 0x1.aaae78f4066a6p-110, 0x1.1f72d8389b3a3p-118,
    0x1.5e69de22df5cep-127, 0x1.84564b82a1184p-136, 0x1.88f11edf3ed4cp-145, 0x1.6c77c3976a829p-154,
    0x1.37033643c4b3bp-163, 0x1.e9f6e1b270f54p-173, 0x1.655a5a37c0843p-182, 0x1.e4089ab52ab05p-192,
};
static const double el_i0_far[] = {
    0x1.9be62aca809cbp-2, 0x1.b998ca2e59049p-9, 0x1.20fa378999e52p-14, 0x1.8412bc101c586p-19,
    0x1.b8007d9cd616ep-23, 0x1.8569280d6d56dp-26, 0x1.d2c64a9225b86p-29, 0x1.0f9ccc0f46f79p-31,
    0x1.a24feabe7ff6ap-37, -0x1.1511d083974f0p-35, -0x1.d0fd7357e73f6p-37, -0x1.f904303176ebcp-40,
    0x1.94347fa240a59p-41, 0x1.b1c8c6b879625p-42, 0x1.156ff0e86cbf8p-46, -0x1.75d99d09aa307p-45,
    -0x1.583fe841228dcp-47, 0x1.12a91c9a0631dp-48, 0x1.fee7da015aee5p-50, -0x1.8aef942432462p-52,
    -0x1.45ffc39a5e8adp-52, 0x1.3f63a3af2abe6p-55, 0x1.9b9d5c110fc80p-55, -0x1.692f02dabfccep-58,
    -0x1.03b4aa8a9e407p-57, 0x1.6e48b56608f90p-60,
};
static const double el_i1_far[] = {
    0x1.8ea18b55b1514p-2, -0x1.3fda053fcdb4cp-7, -0x1.cfd7f804aa9a6p-14, -0x1.048df49ca0373p-18,
    -0x1.0dbfd2e9e5443p-22, -0x1.c415394bb46c1p-26, -0x1.0790b9ad53528p-28, -0x1.334ca5423dd84p-31,
    -0x1.4dcf9d4504b92p-36, 0x1.1e1a1f158792fp-35, 0x1.f101f653c3d3cp-37, 0x1.1e7d3f64391cdp-39,
    -0x1.953e107682677p-41, -0x1.cbc458e780b2dp-42, -0x1.7a9482f94eb25p-46, 0x1.80d3c27f1e250p-45,
    0x1.776e17baa3f83p-47, -0x1.12db54e2d006ep-48, -0x1.0efcd830611bdp-49, 0x1.7d6a016edf28dp-52,
    0x1.559052c09da47p-52, -0x1.282cdecf54dbap-55, -0x1.aca238290314bp-55, 0x1.4a70867239a7ap-58,
    0x1.0ddc7620a9205p-57, -0x1.5a29b473f1663p-60,
};
EL_OUTLINE el_f64 el_i0e_f64(el_f64 x) {
  el_f64 a = el_abs_f64(x);
  el_mask near = el_le_f64(a, el_splat_f64(8));
  el_f64 small = el_select_f64(near, a, el_splat_f64(8)), large = el_select_f64(near, el_splat_f64(8), a);
  el_f64 y = el_exp_f64(-small) * el_horner_f64(small * small * 0.25, el_i0_series, 28);
  // The factor 8 is in the variable of the sum: g(8/x) = i0e(x) sqrt(x).
  el_f64 far = el_chebyshev_f64(16.0 / large - 1.0, el_i0_far, 26) * el_rsqrt_f64(large);
  return el_select_f64(el_is_nan_f64(x), x, el_select_f64(near, y, far));
}
EL_ROUNDED_1(i0e)
EL_OUTLINE el_f64 el_i1e_f64(el_f64 x) {
  el_f64 a = el_abs_f64(x);
  el_mask near = el_le_f64(a, el_splat_f64(8));
  el_f64 small = el_select_f64(near, a, el_splat_f64(8)), large = el_select_f64(near, el_splat_f64(8), a);
  el_f64 y = el_exp_f64(-small) * (0.5 * small) * el_horner_f64(small * small * 0.25, el_i1_series, 28);
  el_f64 far = el_chebyshev_f64(16.0 / large - 1.0, el_i1_far, 26) * el_rsqrt_f64(large);
  y = el_copysign_f64(el_select_f64(near, y, far), x);
  return el_select_f64(el_is_nan_f64(x), x, y);
}
EL_ROUNDED_1(i1e)

// MARK: - The incomplete gamma function

// log(1 + x) - x, for x > -1, without cancellation: with r = x / (2 + x), log(1 + x) = 2 (r + r^3/3 + ...).
EL_FUNCTION el_f64 el_log1pmx_f64(el_f64 x) {
  el_mask near = el_le_f64(el_abs_f64(x), el_splat_f64(0.5));
  el_f64 small = el_select_f64(near, x, el_splat_f64(0));
  el_f64 r = small / (2.0 + small), s = r * r, sum = el_splat_f64(1.0 / 37);
  for (int k = 17; k >= 1; k--) sum = el_step_f64(sum, s, 1.0 / (2 * k + 1));
  el_f64 exact = r * (2.0 * s * sum - small);
  return el_select_f64(near, exact, el_log1p_f64(x) - x);
}

// 1 / gamma(x + 1) for x >= 0; in lanes of the mask, for x of at least 10, (x/e)^x / gamma(x + 1), of which
// Stirling's series is left.
EL_INLINE el_f64 el_inverse_factorial_f64(el_mask large, el_f64 x) {
  el_f64 big = el_select_f64(large, x, el_splat_f64(10)), up, down;
  el_f64 small = el_select_f64(large, el_splat_f64(1), x), base = el_gamma_base_f64(small, &up, &down);
  el_f64 far = el_exp_f64(-el_stirling_f64(big)) * el_rsqrt_f64(6.2831853071795864769 * big);
  // gamma(x + 1) = x gamma(x), without the division where x may be 0.
  el_mask low = el_lt_f64(small, el_splat_f64(1.5)), lowest = el_lt_f64(small, el_splat_f64(0.5));
  el_f64 factor = el_select_f64(lowest, 1.0 + small, 1.0 / el_select_f64(low, el_splat_f64(1), small * up));
  return el_select_f64(large, far, el_exp_f64(-base) * factor);
}

// Exponents down to where powers are 0: `rough` is one in f64, and beyond that pairs may overflow.
EL_INLINE el_pair el_limited_exponent(el_f64 rough, el_pair exponent) {
  return el_pair_select(el_gt_f64(rough, el_splat_f64(-800)), exponent, el_pair_of(el_splat_f64(-800)));
}

// The exponent a log(x/a) + a - x of x^a e^-x (e/a)^a; in lanes outside of the mask without (e/a)^a.
EL_INLINE el_pair el_gamma_exponent_f64(el_mask large, el_f64 a, el_f64 x) {
  const el_f64 zero = el_splat_f64(0), one = el_splat_f64(1);
  el_pair ratio = el_pair_divide(el_pair_of(x), el_pair_of(el_select_f64(large, a, one))), log = el_pair_log(ratio);
  el_f64 rough = el_select_f64(large, a * (log.high + (1.0 - ratio.high)), a * log.high - x);
  el_pair distance = el_pair_sum(el_select_f64(large, a, zero), -x);
  return el_limited_exponent(rough, el_pair_add(el_pair_multiply(log, el_pair_of(a)), distance));
}

// x^a e^-x / gamma(a + 1), of which the powers cancel in the exponent (Didonato and Morris 1986, "Computation of
// the incomplete gamma function ratios and their inverse", put them together in the same way).
EL_FUNCTION el_f64 el_gamma_front_f64(el_f64 a, el_f64 x) {
  el_mask large = el_ge_f64(a, el_splat_f64(10));
  return el_pair_exp(el_gamma_exponent_f64(large, a, x)) * el_inverse_factorial_f64(large, a);
}

// N. M. Temme's uniform expansion (1979, "The asymptotic expansion of the incomplete gamma functions"; DLMF
// 8.12): Q = erfc(eta sqrt(a/2)) / 2 + R, with R = exp(-a eta^2/2) / sqrt(2 pi a) sum_k C_k(eta) / a^k and
// eta^2/2 = m - log(1 + m), x = a (1 + m). Used for a >= 64 and |m| <= 0.4; C_k in powers of eta.
#define EL_TEMME_FROM 64.0
#define EL_TEMME_WIDTH 0.4
static const double el_temme[7][19] = {
    {-0x1.5555555555555p-2, 0x1.5555555555555p-4, -0x1.e573ac901e574p-7, 0x1.2f684bda12f68p-10,
     0x1.71de3a556c734p-12, -0x1.76e06fec7273bp-13, 0x1.48c5892f7cd83p-15, -0x1.255370652afc1p-19,
     -0x1.f1b22f594c6b5p-20, 0x1.bd6d21e4b4109p-21, -0x1.7b5f9a2d0465cp-23, 0x1.ccf5ceb7f0d9fp-28,
     0x1.6097d55c37c1cp-27, -0x1.2d2197c7a2faap-28, 0x1.f6e66d24d5c8ap-31, -0x1.c0d9b6edf2b0bp-36,
     -0x1.0070a87340428p-34, 0x1.ac9475c463659p-36, -0x1.61ca701fd754ap-38},
    {-0x1.e573ac901e574p-10, -0x1.c71c71c71c71cp-9, 0x1.5ac056b015ac0p-9, -0x1.0394f6f09e723p-10,
     0x1.af83440e53dbcp-13, -0x1.af83440e53dbcp-22, -0x1.2fa4ae89e5af0p-16, 0x1.00a9cabd6b83ep-17,
     -0x1.b0bdfcc629cbap-20, 0x1.3f59230a8357cp-28, 0x1.280f2cde3f847p-23, -0x1.ee23d0cba8aeep-25,
     0x1.9aa7a30de114cp-27, -0x1.349fbca3a377bp-36, -0x1.1564ecff73d58p-30, 0x1.c9b434bf3c34ep-32,
     -0x1.78a5056f8ce45p-34},
    {0x1.0ee643b990ee6p-8, -0x1.5f7268edab4c8p-9, 0x1.948b0fcd6e9e0p-11, 0x1.0db20a88f4696p-19,
     -0x1.c253efaa1a932p-14, 0x1.bbf43daf4fe53p-15, -0x1.ac2d05890f2c3p-17, 0x1.26154ae39151dp-25,
     0x1.7058929663937p-20, -0x1.522cb05171911p-21, 0x1.32ac81c15d3d7p-23, -0x1.c24bd0e740a6cp-33,
     -0x1.e437343a46f5dp-27, 0x1.ac0d455e25360p-28, -0x1.77c5829460139p-30},
    {0x1.547d93b34e2b6p-11, 0x1.e13ce465fa859p-13, -0x1.ebfb188b7ca00p-12, 0x1.18b9b5bf2d984p-12,
     -0x1.3d2a3a29b5d9dp-14, -0x1.0152a1871f27ap-22, 0x1.73df462204ef4p-17, -0x1.7cd6f27b3f020p-18,
     0x1.7e0201539310ep-20, -0x1.ea23269c140a7p-36, -0x1.6c2dcffbefeefp-23, 0x1.5bde8ef4c4dc7p-24,
     -0x1.4853ced169327p-26},
    {-0x1.c3e0b02da7bf9p-11, 0x1.9b0ff6874f2c4p-11, -0x1.3999a85a4237ap-12, -0x1.88f2ae1def9d0p-20,
     0x1.16908b48ce058p-14, -0x1.4ce3fd902bcadp-15, 0x1.7db4c02846e81p-17, 0x1.13b3c5b7cb45ep-32,
     -0x1.c71c074985d3fp-20, 0x1.de37d9f09164cp-21, -0x1.ec676cf33153cp-23},
    {-0x1.6128ac5a4fa71p-12, -0x1.247604839c038p-14, 0x1.22be87360ef1fp-12, -0x1.a2042c5148e27p-13,
     0x1.1d1e9cb24760bp-14, 0x1.30bdcf208080ep-23, -0x1.c823fc1b3cc36p-17, 0x1.0d0e229150428p-17,
     -0x1.338eb19652fd9p-19},
    {0x1.168ef1b0931c8p-11, -0x1.36773bdb97b48p-11, 0x1.1c0950d3ecb9dp-12, 0x1.a8411da6cab49p-21,
     -0x1.5600945495b37p-14, 0x1.d6bdf83130dc1p-15, -0x1.3382f4cf48618p-16},
};
// The sum over k, and its derivative by eta and by 1/a.
EL_FUNCTION el_f64 el_temme_sum_f64(el_f64 a, el_f64 eta, el_f64 *by_eta, el_f64 *by_inverse) {
  el_f64 r = 1.0 / a, sum = el_splat_f64(0), slope = el_splat_f64(0), inverse = el_splat_f64(0);
  for (int k = 6; k >= 0; k--) {
    el_f64 c = el_splat_f64(0), d = el_splat_f64(0);
    for (int n = 18 - 2 * k; n >= 0; n--) {
      d = el_fma_f64(d, eta, c);
      c = el_step_f64(c, eta, el_temme[k][n]);
    }
    inverse = el_fma_f64(inverse, r, sum);
    sum = el_fma_f64(sum, r, c);
    slope = el_fma_f64(slope, r, d);
  }
  *by_eta = slope, *by_inverse = inverse;
  return sum;
}
EL_INLINE el_mask el_is_temme_f64(el_f64 a, el_f64 x) {
  return el_ge_f64(a, el_splat_f64(EL_TEMME_FROM)) & el_le_f64(el_abs_f64(x - a), EL_TEMME_WIDTH * a);
}
EL_FUNCTION el_f64 el_temme_eta_f64(el_f64 m) {
  return el_copysign_f64(el_sqrt_f64(-2.0 * el_log1pmx_f64(m)), m);
}

#define EL_MOST_TERMS 5000

// The series sum_n x^n / ((a+1) ... (a+n)) (DLMF 8.7.1) in the lanes of a mask, and its derivative by a.
EL_FUNCTION el_f64 el_gamma_series_f64(el_mask used, el_f64 a, el_f64 x, el_f64 *by_a) {
  el_f64 term = el_splat_f64(1), sum = term, fall = el_splat_f64(0), slope = fall, n = a;
  el_mask going = used;
  for (int i = 0; i < EL_MOST_TERMS && el_any_bool(going); i++) {
    n = n + 1.0;
    // term' = (term / n)' with fall = term': fall / n - term / n^2, times x.
    fall = (fall * x - term * x / n) / n;
    term = term * x / n;
    sum = el_select_f64(going, sum + term, sum);
    slope = el_select_f64(going, slope + fall, slope);
    going = going & (el_gt_f64(term, 0x1p-55 * sum) | el_gt_f64(-fall, -0x1p-55 * slope));
  }
  *by_a = slope;
  return sum;
}

// The h with Q(a, x) gamma(a) = x^a e^-x h in the lanes of a mask, for x of at least a and 1.1, and its derivative
// by a: Legendre's continued fraction 1/(x+1-a - 1(1-a)/(x+3-a - ...)) (DLMF 8.9.2) from the inside out, where errors
// shrink. How far is a bound on what 2^-56 takes, found by trying; from 64 on, x is beyond Temme's expansion.
EL_FUNCTION el_f64 el_gamma_fraction_f64(el_mask used, el_f64 a, el_f64 x, el_f64 *by_a) {
  el_f64 limited = el_select_f64(el_lt_f64(a, el_splat_f64(64)), a, el_splat_f64(64));
  el_f64 count = el_select_f64(used, el_floor_f64(10.0 + 105.0 / x + 0.45 * limited), el_splat_f64(0));
  el_f64 value = x + 1.0 - a + 2.0 * count, slope = el_splat_f64(-1);
  int most = 0;
  for (int lane = 0; lane < EL_LANES; lane++)
    if (count[lane] > most) most = (int)count[lane];
  for (int n = most; n >= 1; n--) {
    el_mask inside = el_ge_f64(count, el_splat_f64(n));
    el_f64 inner = (double)n * (a - (double)n) / value;
    slope = el_select_f64(inside, ((double)n - inner * slope) / value - 1.0, slope);
    value = el_select_f64(inside, (x - a + (2.0 * n - 1.0)) + inner, value);
  }
  *by_a = -slope / (value * value);
  return 1.0 / value;
}

// P(a, x) = integral of t^(a-1) e^-t from 0 to x over gamma(a), and Q = 1 - P, each without cancellation.
EL_OUTLINE el_f64 el_gamma_pair_f64(el_f64 a, el_f64 x, el_f64 *upper) {
  const el_f64 zero = el_splat_f64(0), one = el_splat_f64(1);
  el_mask regular = el_gt_f64(a, zero) & el_gt_f64(x, zero) & el_is_finite_f64(x) & el_is_finite_f64(a);
  a = el_select_f64(regular, a, el_select_f64(el_eq_f64(a, zero) & el_ge_f64(x, zero), zero, a));
  el_f64 safe_a = el_select_f64(regular, a, one), safe_x = el_select_f64(regular, x, one);
  el_mask temme = el_is_temme_f64(safe_a, safe_x) & regular;
  el_mask below = el_lt_f64(safe_x, safe_a) | el_le_f64(safe_x, el_splat_f64(1.1));
  el_mask series = regular & ~temme & below, fraction = regular & ~temme & ~below;
  // Small a and x: Q is small too, and P is close to 1.
  el_mask corner = series & el_lt_f64(safe_a, one) & el_le_f64(safe_x, el_splat_f64(1.1));
  el_f64 front = el_gamma_front_f64(safe_a, safe_x), p = zero, q = zero, unused;
  if (el_any_bool(series)) {
    el_f64 sum = el_gamma_series_f64(series, safe_a, el_select_f64(series, safe_x, zero), &unused);
    p = el_select_f64(series, front * sum, p);
    q = el_select_f64(series, 1.0 - p, q);
  }
  if (el_any_bool(corner)) {
    // Q = 1 - x^a / gamma(a+1) (1 + a sum_n (-x)^n / (n! (a+n))) (DLMF 8.7.3).
    el_f64 at = el_select_f64(corner, safe_x, zero), term = one, sum = zero;
    for (int n = 1; n < 22; n++) {
      term = term * -at / (double)n;
      sum = sum + term / (safe_a + (double)n);
    }
    el_f64 t = el_select_f64(el_lt_f64(safe_a, el_splat_f64(0.5)), safe_a, safe_a - 1.0);
    el_f64 gamma1 = t * el_horner_f64(t, el_lgamma_near_two, 22);
    gamma1 = el_select_f64(el_lt_f64(safe_a, el_splat_f64(0.5)), gamma1 - el_log1p_f64(safe_a), gamma1);
    el_f64 power = safe_a * el_log_f64(safe_x) - gamma1;
    q = el_select_f64(corner, -el_expm1_f64(power) - el_exp_f64(power) * safe_a * sum, q);
  }
  if (el_any_bool(fraction)) {
    el_f64 h = el_gamma_fraction_f64(fraction, el_select_f64(fraction, safe_a, one),
                                     el_select_f64(fraction, safe_x, el_splat_f64(4)), &unused);
    q = el_select_f64(fraction, front * safe_a * h, q);
    p = el_select_f64(fraction, 1.0 - q, p);
  }
  if (el_any_bool(temme)) {
    el_f64 at = el_select_f64(temme, safe_a, el_splat_f64(EL_TEMME_FROM));
    el_f64 m = el_select_f64(temme, (safe_x - safe_a) / safe_a, zero), by_inverse;
    el_f64 eta = el_temme_eta_f64(m), scaled = eta * el_sqrt_f64(0.5 * at);
    el_pair exponent = el_gamma_exponent_f64(temme, at, el_select_f64(temme, safe_x, at));
    el_f64 power = el_pair_exp(exponent);
    // The exponent is minus the square of erfc's argument; rounding that would move the tail by its square.
    el_pair square = el_pair_product(scaled, scaled);
    el_mask off_centre = el_gt_f64(square.high, el_splat_f64(0.25)) & el_lt_f64(at, el_splat_f64(0x1p40));
    el_f64 lost = ((exponent.high + square.high) + (exponent.low + square.low)) / (scaled + scaled);
    el_f64 rest = el_temme_sum_f64(at, eta, &unused, &by_inverse) * el_rsqrt_f64(6.2831853071795864769 * at);
    rest = power * (rest + el_select_f64(off_centre, 0.56418958354775628695 * lost, zero));
    q = el_select_f64(temme, 0.5 * el_erfc_f64(scaled) + rest, q);
    p = el_select_f64(temme, 0.5 * el_erfc_f64(-scaled) - rest, p);
  }
  // The edges: x = 0 or infinite, a = 0 or infinite; anything else is not a number.
  el_mask least = (el_eq_f64(x, zero) & el_gt_f64(a, zero)) | (el_eq_f64(a, el_infinity_f64()) & el_is_finite_f64(x));
  el_mask most = (el_eq_f64(x, el_infinity_f64()) & el_ge_f64(a, zero) & el_is_finite_f64(a)) |
                 (el_eq_f64(a, zero) & el_gt_f64(x, zero));
  el_f64 edge = el_select_f64(least, zero, el_select_f64(most, one, el_nan_f64()));
  edge = el_select_f64(el_lt_f64(x, zero), el_nan_f64(), edge);
  *upper = el_select_f64(regular, q, 1.0 - edge);
  return el_select_f64(regular, p, edge);
}
EL_FUNCTION el_f64 el_igamma_f64(el_f64 a, el_f64 x) {
  el_f64 upper;
  return el_gamma_pair_f64(a, x, &upper);
}
EL_FUNCTION el_f64 el_igammac_f64(el_f64 a, el_f64 x) {
  el_f64 upper;
  el_gamma_pair_f64(a, x, &upper);
  return upper;
}
EL_ROUNDED_2(igamma)
EL_ROUNDED_2(igammac)

// log(x) - digamma(a + 1), for large a by the ratio of x to a and what digamma(a + 1) is above log(a).
EL_FUNCTION el_f64 el_log_above_digamma_f64(el_f64 a, el_f64 x) {
  el_mask large = el_ge_f64(a, el_splat_f64(10));
  el_f64 big = el_select_f64(large, a, el_splat_f64(10)), r = 1.0 / big, s = r * r;
  el_f64 m = (x - big) * r, ratio = el_select_f64(el_lt_f64(m, el_splat_f64(-0.5)), el_log_f64(x * r), el_log1p_f64(m));
  el_f64 far = ratio - (0.5 * r - s * el_horner_f64(s, el_digamma_series, 8));
  return el_select_f64(large, far, el_log_f64(x) - el_digamma_f64(1.0 + el_select_f64(large, el_splat_f64(1), a)));
}

// dx/da on the curve P(a, x) = constant, -(dP/da) / (dP/dx): the gradient of a gamma variate by its shape
// (Figurnov, Mohamed, Mnih 2018, "Implicit reparameterization gradients"). Each of the three forms above is
// differentiated by a and divided by the density, so that nothing overflows.
EL_OUTLINE el_f64 el_random_gamma_grad_f64(el_f64 a, el_f64 x) {
  const el_f64 zero = el_splat_f64(0), one = el_splat_f64(1);
  el_mask regular = el_gt_f64(a, zero) & el_gt_f64(x, zero) & el_is_finite_f64(x) & el_is_finite_f64(a);
  el_f64 safe_a = el_select_f64(regular, a, one), safe_x = el_select_f64(regular, x, one);
  el_mask temme = el_is_temme_f64(safe_a, safe_x) & regular;
  el_mask below = el_lt_f64(safe_x, safe_a) | el_le_f64(safe_x, el_splat_f64(1.1));
  el_mask series = regular & ~temme & below, fraction = regular & ~temme & ~below;
  el_f64 result = el_nan_f64(), slope;
  // log(x) - digamma(a + 1); digamma(a) is 1/a less.
  el_f64 distance = el_log_above_digamma_f64(safe_a, safe_x);
  if (el_any_bool(series)) {
    el_f64 sum = el_gamma_series_f64(series, safe_a, el_select_f64(series, safe_x, zero), &slope);
    el_f64 value = -(safe_x / safe_a) * (sum * distance + slope);
    result = el_select_f64(series, value, result);
  }
  if (el_any_bool(fraction)) {
    el_f64 h = el_gamma_fraction_f64(fraction, el_select_f64(fraction, safe_a, one),
                                     el_select_f64(fraction, safe_x, el_splat_f64(4)), &slope);
    result = el_select_f64(fraction, safe_x * (h * (distance + 1.0 / safe_a) + slope), result);
  }
  if (el_any_bool(temme)) {
    el_f64 at = el_select_f64(temme, safe_a, el_splat_f64(EL_TEMME_FROM)), by_inverse;
    el_f64 m = el_select_f64(temme, (safe_x - safe_a) / safe_a, zero);
    el_f64 eta = el_temme_eta_f64(m), r = 1.0 / at;
    el_f64 sum = el_temme_sum_f64(at, eta, &slope, &by_inverse);
    // m / eta tends to 1.
    el_mask centre = el_eq_f64(eta, zero);
    el_f64 ratio = el_select_f64(centre, one, m / el_select_f64(centre, one, eta));
    // d eta / da = -m / (a eta); the common factor exp(-a eta^2/2) / sqrt(2 pi a) is a/x p(x) x / (a e^-s).
    el_f64 change = (0.5 * eta - ratio) - (sum * (el_log1p_f64(m) - 0.5 * r) - slope * ratio * r - by_inverse * r * r);
    el_f64 value = -(el_select_f64(temme, safe_x, one) * r) * el_exp_f64(el_stirling_f64(at)) * change;
    result = el_select_f64(temme, value, result);
  }
  return el_select_f64(regular, result, el_select_f64(el_eq_f64(x, zero) & el_gt_f64(a, zero), zero, el_nan_f64()));
}
EL_ROUNDED_2(random_gamma_grad)

// MARK: - The beta functions

// log B(a, b) = log gamma(a) + log gamma(b) - log gamma(a + b), for a, b > 0, with Stirling's formula put
// together before anything large is subtracted (Didonato and Morris 1992, "Algorithm 708", describes such forms).
EL_FUNCTION el_f64 el_lbeta_positive_f64(el_f64 a, el_f64 b) {
  const el_f64 ten = el_splat_f64(10);
  el_f64 low = el_select_f64(el_lt_f64(a, b), a, b), high = el_select_f64(el_lt_f64(a, b), b, a);
  el_mask both = el_ge_f64(low, ten), one = el_ge_f64(high, ten);
  el_f64 safe_low = el_select_f64(both, low, ten), safe_high = el_select_f64(one, high, ten);
  el_f64 total = low + safe_high;
  // log(high / total) = log1p(-low / total).
  el_f64 share = -el_log1p_f64(low / safe_high);
  el_f64 far = el_fma_f64(safe_high - 0.5, share, el_stirling_f64(safe_high) - el_stirling_f64(total));
  el_f64 two = far + (EL_HALF_LOG_2PI + el_stirling_f64(safe_low));
  two = el_axpy_f64(-0.5, el_log_f64(safe_low), el_fma_f64(safe_low, el_log_f64(safe_low / total), two));
  el_f64 mixed = el_fma_f64(low, 1.0 - el_log_f64(total), el_lgamma_positive_f64(low) + far);
  el_f64 small = el_select_f64(one, el_splat_f64(1), high);
  el_f64 none = el_lgamma_positive_f64(low) + el_lgamma_positive_f64(small) - el_lgamma_positive_f64(low + small);
  return el_select_f64(both, two, el_select_f64(one, mixed, none));
}
EL_OUTLINE el_f64 el_lbeta_f64(el_f64 a, el_f64 b) {
  const el_f64 zero = el_splat_f64(0), one = el_splat_f64(1);
  el_mask regular = el_gt_f64(a, zero) & el_gt_f64(b, zero) & el_is_finite_f64(a) & el_is_finite_f64(b);
  el_f64 y = el_lbeta_positive_f64(el_select_f64(regular, a, one), el_select_f64(regular, b, one));
  el_mask least = el_ge_f64(a, zero) & el_ge_f64(b, zero);
  el_mask is_zero = el_eq_f64(a, zero) | el_eq_f64(b, zero);
  el_f64 edge = el_select_f64(least, el_select_f64(is_zero, el_infinity_f64(), -el_infinity_f64()), el_nan_f64());
  return el_select_f64(regular, y, edge);
}
EL_ROUNDED_2(lbeta)

// x^a y^b / B(a, b) with y = 1 - x, where the smaller of x and y counts. The powers of Stirling's formulas for
// gamma(a + b), gamma(a) and gamma(b), as far as these are large, are put together with x^a and y^b (Didonato and
// Morris 1992, "Algorithm 708", do so for the exponents).
EL_FUNCTION el_f64 el_beta_front_f64(el_f64 a, el_f64 b, el_f64 x, el_f64 y) {
  const el_f64 zero = el_splat_f64(0), one = el_splat_f64(1), ten = el_splat_f64(10);
  el_pair n = el_pair_sum(a, b), none = el_pair_of(one);
  el_mask large_a = el_ge_f64(a, ten), large_b = el_ge_f64(b, ten), large = el_ge_f64(n.high, ten);
  el_mask upper = el_gt_f64(x, y);
  el_pair rest = el_pair_sum(one, el_select_f64(upper, -y, -x)), scale = el_pair_select(large, n, none);
  el_pair u = el_pair_multiply(el_pair_select(upper, rest, el_pair_of(x)), scale);
  el_pair v = el_pair_multiply(el_pair_select(upper, el_pair_of(y), rest), scale);
  u = el_pair_divide(u, el_pair_of(el_select_f64(large_a, a, one)));
  v = el_pair_divide(v, el_pair_of(el_select_f64(large_b, b, one)));
  el_pair log_u = el_pair_log(u), log_v = el_pair_log(v);
  el_pair exponent = el_pair_add(el_pair_multiply(log_u, el_pair_of(a)), el_pair_multiply(log_v, el_pair_of(b)));
  el_f64 single_a = el_select_f64(large & ~large_a, -a, zero), single_b = el_select_f64(large & ~large_b, -b, zero);
  exponent = el_pair_add(exponent, el_pair_sum(single_a, single_b));
  // What a + b lost moves gamma(a + b) by digamma times that.
  exponent.low = exponent.low + el_select_f64(large, zero, n.low * el_log_f64(n.high) - 0.5 * (n.low / n.high));
  exponent = el_limited_exponent((a * log_u.high + b * log_v.high) + (single_a + single_b), exponent);
  return el_pair_exp(exponent) * (a / n.high * b) *
         (el_inverse_factorial_f64(large_a, a) * el_inverse_factorial_f64(large_b, b) /
          el_inverse_factorial_f64(large, n.high));
}

// The f with I_x(a, b) = x^a y^b / (B(a, b) f), y = 1 - x, for x up to (a+1)/(a+b+2), with its derivatives by a and b
// if these are asked for: the even part of the continued fraction DLMF 8.17.22,
//
//     f = beta_0 + alpha_1 / (beta_1 + alpha_2 / (beta_2 + ...))
//     alpha_m = m (b-m) (a+m-1) (a+b+m-1) x^2 / (a+2m-1)^2
//     beta_m = m (a+m-1 + m y + b x) / (a+2m-1) + (a+m) (a y - b x + 1 + m (1+y)) / (a+2m+1)
//
// (Didonato and Morris 1992, BFRAC), by the recurrence of numerators and denominators. But for a y - b x, which is
// given, nothing in it is subtracted.
EL_FUNCTION el_f64 el_beta_fraction_f64(el_mask used, el_f64 a, el_f64 b, el_f64 x, el_f64 y, el_f64 distance,
                                      int derivatives, el_f64 *by_a, el_f64 *by_b) {
  const el_f64 zero = el_splat_f64(0), one = el_splat_f64(1);
  // p/q: [0] one step ago, [1] the last one; each with its derivatives.
  el_f64 next_a = a + 1.0, start = a * (distance + 1.0) / next_a;
  el_f64 start_a = start / a + (a * y - start) / next_a, start_b = -a * x / next_a;
  el_f64 p0 = one, p1 = start, q0 = zero, q1 = one, value = start;
  el_f64 pa0 = zero, pa1 = start_a, qa0 = zero, qa1 = zero, slope_a = start_a;
  el_f64 pb0 = zero, pb1 = start_b, qb0 = zero, qb1 = zero, slope_b = start_b;
  el_mask going = used;
  for (int i = 1; i < EL_MOST_TERMS && el_any_bool(going); i++) {
    double m = i;
    el_f64 top = a + (m - 1), middle = a + m, total = a + b + (m - 1);
    el_f64 r = 1.0 / (a + (2 * m - 1)), s = 1.0 / (a + (2 * m + 1)), share = m * top * (x * r) * (x * r);
    el_f64 alpha = share * total * (b - m);
    el_f64 inner = (top + (m * y + b * x)) * r, outer = (distance + (1.0 + m * (1.0 + y))) * s;
    el_f64 beta = m * inner + middle * outer;
    el_f64 p = beta * p1 + alpha * p0, q = beta * q1 + alpha * q0;
    el_mask little = el_lt_f64(el_abs_f64(q), el_splat_f64(0x1p-200)), big = el_gt_f64(el_abs_f64(q), el_splat_f64(0x1p200));
    el_f64 scale = el_select_f64(little, el_splat_f64(0x1p200), el_select_f64(big, el_splat_f64(0x1p-200), one));
    el_f64 next = p / q;
    el_mask still = el_gt_f64(el_abs_f64(next - value), 0x1p-53 * el_abs_f64(next));
    if (derivatives) {
      el_f64 alpha_a = share * (b - m) * (1.0 + total / top - 2.0 * total * r), alpha_b = share * (a + 2.0 * b - 1.0);
      el_f64 beta_a = m * r * (1.0 - inner) + outer + middle * s * (y - outer), beta_b = x * (m * r - middle * s);
      el_f64 pa = beta * pa1 + beta_a * p1 + alpha * pa0 + alpha_a * p0;
      el_f64 qa = beta * qa1 + beta_a * q1 + alpha * qa0 + alpha_a * q0;
      el_f64 pb = beta * pb1 + beta_b * p1 + alpha * pb0 + alpha_b * p0;
      el_f64 qb = beta * qb1 + beta_b * q1 + alpha * qb0 + alpha_b * q0;
      el_f64 change_a = (pa - next * qa) / q, change_b = (pb - next * qb) / q;
      // A derivative that is 0 never settles by its own measure.
      still = still | el_gt_f64(el_abs_f64(change_a - slope_a), 0x1p-50 * (el_abs_f64(change_a) + el_abs_f64(next))) |
              el_gt_f64(el_abs_f64(change_b - slope_b), 0x1p-50 * (el_abs_f64(change_b) + el_abs_f64(next)));
      pa0 = pa1 * scale, qa0 = qa1 * scale, pb0 = pb1 * scale, qb0 = qb1 * scale;
      pa1 = pa * scale, qa1 = qa * scale, pb1 = pb * scale, qb1 = qb * scale;
      slope_a = el_select_f64(going, change_a, slope_a);
      slope_b = el_select_f64(going, change_b, slope_b);
    }
    p0 = p1 * scale, q0 = q1 * scale, p1 = p * scale, q1 = q * scale;
    value = el_select_f64(going, next, value);
    going = going & still;
  }
  *by_a = slope_a, *by_b = slope_b;
  return value;
}

// I_x(a, b) for rest = 1 - x, and its derivatives by a and b if these are asked for.
EL_OUTLINE el_f64 el_beta_all_f64(el_f64 a, el_f64 b, el_f64 x, el_f64 rest, int derivatives, el_f64 *by_a,
                                 el_f64 *by_b) {
  const el_f64 zero = el_splat_f64(0), one = el_splat_f64(1);
  el_mask positive = el_gt_f64(a, zero) & el_gt_f64(b, zero) & el_is_finite_f64(a) & el_is_finite_f64(b);
  el_mask regular = positive & el_gt_f64(x, zero) & el_gt_f64(rest, zero);
  el_f64 p = el_select_f64(regular, a, one), q = el_select_f64(regular, b, one);
  el_f64 u = el_select_f64(regular, x, el_splat_f64(0.5)), v = el_select_f64(regular, rest, el_splat_f64(0.5));
  // The fraction converges below its mean; above, I_x(a, b) = 1 - I_1-x(b, a).
  el_mask turned = el_gt_f64(u, (p + 1.0) / (p + q + 2.0));
  el_f64 first = el_select_f64(turned, q, p), second = el_select_f64(turned, p, q);
  el_f64 at = el_select_f64(turned, v, u), other = el_select_f64(turned, u, v), slope1, slope2;
  // first other - second at, which is first - (first + second) at, or (first + second) other - second.
  el_mask exact = el_le_f64(at, other);
  el_pair product = el_pair_multiply(el_pair_sum(first, second), el_pair_of(el_select_f64(exact, at, other)));
  el_pair difference = el_pair_add(el_pair_of(el_select_f64(exact, first, -second)),
                                   (el_pair){el_select_f64(exact, -product.high, product.high),
                                             el_select_f64(exact, -product.low, product.low)});
  el_f64 front = el_beta_front_f64(first, second, at, other);
  el_f64 h = el_beta_fraction_f64(regular, first, second, at, other, difference.high, derivatives, &slope1, &slope2);
  el_f64 value = el_select_f64(el_eq_f64(front, zero), zero, front / h), y = el_select_f64(turned, 1.0 - value, value);
  if (derivatives) {
    el_f64 psi = el_digamma_f64(first + second);
    el_mask upper = el_gt_f64(at, other);
    el_f64 log_at = el_select_f64(upper, el_log1p_f64(-other), el_log_f64(at));
    el_f64 log_rest = el_select_f64(upper, el_log_f64(other), el_log1p_f64(-at));
    el_f64 d1 = value * (log_at - el_digamma_f64(first) + psi - slope1 / h);
    el_f64 d2 = value * (log_rest - el_digamma_f64(second) + psi - slope2 / h);
    el_f64 edge = el_select_f64(positive & el_ge_f64(x, zero) & el_le_f64(x, one), zero, el_nan_f64());
    *by_a = el_select_f64(regular, el_select_f64(turned, -d2, d1), edge);
    *by_b = el_select_f64(regular, el_select_f64(turned, -d1, d2), edge);
  }
  el_f64 edge = el_select_f64(el_eq_f64(x, zero), zero, el_select_f64(el_eq_f64(x, one), one, el_nan_f64()));
  return el_select_f64(regular, y, el_select_f64(positive, edge, el_nan_f64()));
}
EL_FUNCTION el_f64 el_betainc_f64(el_f64 a, el_f64 b, el_f64 x) {
  el_f64 by_a, by_b;
  return el_beta_all_f64(a, b, x, 1.0 - x, 0, &by_a, &by_b);
}
EL_FUNCTION el_f64 el_betainc_grad_a_f64(el_f64 a, el_f64 b, el_f64 x) {
  el_f64 by_a, by_b;
  el_beta_all_f64(a, b, x, 1.0 - x, 1, &by_a, &by_b);
  return by_a;
}
EL_FUNCTION el_f64 el_betainc_grad_b_f64(el_f64 a, el_f64 b, el_f64 x) {
  el_f64 by_a, by_b;
  el_beta_all_f64(a, b, x, 1.0 - x, 1, &by_a, &by_b);
  return by_b;
}
EL_ROUNDED_3(betainc)
EL_ROUNDED_3(betainc_grad_a)
EL_ROUNDED_3(betainc_grad_b)

// MARK: - Quantiles

// The x with P(a, x) = p and Q(a, x) = q, where p + q = 1 and the smaller of the two counts: Newton's method for
// log P, or log Q, over t = log x. Both are concave. P starts from x^a / gamma(a+1) >= P, below the root, and
// climbs without overshooting; Q starts at the mean.
EL_OUTLINE el_f64 el_gamma_quantile_f64(el_f64 a, el_f64 p, el_f64 q) {
  const el_f64 zero = el_splat_f64(0), one = el_splat_f64(1);
  el_mask regular = el_gt_f64(a, zero) & el_is_finite_f64(a) & el_gt_f64(p, zero) & el_gt_f64(q, zero);
  el_f64 safe_a = el_select_f64(regular, a, one);
  el_f64 low = el_select_f64(regular, p, el_splat_f64(0.5)), high = el_select_f64(regular, q, el_splat_f64(0.5));
  el_mask upper = el_gt_f64(low, high), going = regular;
  el_f64 target = el_log_f64(el_select_f64(upper, high, low));
  el_f64 t = (el_log_f64(low) + el_lgamma_positive_f64(1.0 + safe_a)) / safe_a, mean = el_log_f64(safe_a);
  t = el_select_f64(upper & el_gt_f64(mean, t), mean, t);
  for (int i = 0; i < 100 && el_any_bool(going); i++) {
    el_f64 x = el_exp_f64(t), over, under = el_gamma_pair_f64(safe_a, x, &over);
    el_f64 value = el_select_f64(upper, over, under), slope = safe_a * el_gamma_front_f64(safe_a, x);
    el_f64 step = (target - el_log_f64(value)) * value / slope;
    // Where the value underflows the step leads back to where it does not.
    step = el_select_f64(el_lt_f64(value, el_splat_f64(1e-305)), el_splat_f64(0.1), step);
    step = el_select_f64(upper, -step, step);
    step = el_select_f64(upper & el_gt_f64(step, el_splat_f64(2)), el_splat_f64(2), step);
    el_mask valid = el_is_finite_f64(step);
    el_mask last = el_le_f64(el_abs_f64(step), 0x1p-52 * (1.0 + el_abs_f64(t)));
    t = el_select_f64(going & valid, t + step, t);
    going = going & valid & ~last;
  }
  // Rounding t moves x by t: a step in x itself puts that right.
  el_f64 x = el_exp_f64(t), over, under = el_gamma_pair_f64(safe_a, x, &over);
  el_f64 step = el_select_f64(upper, over - high, low - under) / (safe_a * el_gamma_front_f64(safe_a, x));
  el_f64 y = x + x * el_select_f64(el_lt_f64(el_abs_f64(step), el_splat_f64(1e-6)), step, zero);
  el_f64 edge = el_select_f64(el_eq_f64(p, zero) & el_eq_f64(q, one), zero,
                              el_select_f64(el_eq_f64(q, zero) & el_eq_f64(p, one), el_infinity_f64(), el_nan_f64()));
  return el_select_f64(regular, y, el_select_f64(el_gt_f64(a, zero), edge, el_nan_f64()));
}
EL_INLINE el_f64 el_igammainv_f64(el_f64 a, el_f64 p) { return el_gamma_quantile_f64(a, p, 1.0 - p); }
EL_INLINE el_f64 el_igammacinv_f64(el_f64 a, el_f64 q) { return el_gamma_quantile_f64(a, 1.0 - q, q); }
EL_ROUNDED_2(igammainv)
EL_ROUNDED_2(igammacinv)

// The x with I_x(a, b) = p: the same over t = log(x / (1-x)), from the end that is nearer in probability.
EL_OUTLINE el_f64 el_betaincinv_f64(el_f64 a, el_f64 b, el_f64 p) {
  const el_f64 zero = el_splat_f64(0), one = el_splat_f64(1);
  el_mask positive = el_gt_f64(a, zero) & el_gt_f64(b, zero) & el_is_finite_f64(a) & el_is_finite_f64(b);
  el_mask regular = positive & el_gt_f64(p, zero) & el_lt_f64(p, one);
  el_f64 safe_a = el_select_f64(regular, a, one), safe_b = el_select_f64(regular, b, one);
  el_f64 safe_p = el_select_f64(regular, p, el_splat_f64(0.5));
  el_mask upper = el_gt_f64(safe_p, el_splat_f64(0.5)), going = regular;
  el_f64 first = el_select_f64(upper, safe_b, safe_a), second = el_select_f64(upper, safe_a, safe_b);
  el_f64 target = el_log_f64(el_select_f64(upper, 1.0 - safe_p, safe_p)), unused_a, unused_b;
  el_f64 t = (target + el_log_f64(first) + el_lbeta_positive_f64(first, second)) / first;
  for (int i = 0; i < 100 && el_any_bool(going); i++) {
    el_f64 x = 1.0 / (1.0 + el_exp_f64(-t)), rest = 1.0 / (1.0 + el_exp_f64(t));
    el_f64 value = el_beta_all_f64(first, second, x, rest, 0, &unused_a, &unused_b);
    el_f64 slope = el_beta_front_f64(first, second, x, rest);
    el_f64 step = (target - el_log_f64(value)) * value / slope;
    step = el_select_f64(el_lt_f64(value, el_splat_f64(1e-305)), el_splat_f64(0.1), step);
    el_mask valid = regular & el_is_finite_f64(step);
    el_mask last = el_le_f64(el_abs_f64(step), 0x1p-52 * (1.0 + el_abs_f64(t)));
    t = el_select_f64(going & valid, t + step, t);
    going = going & valid & ~last;
  }
  // Rounding t moves x by t: a step in x itself puts that right.
  el_f64 x = 1.0 / (1.0 + el_exp_f64(-t)), rest = 1.0 / (1.0 + el_exp_f64(t));
  el_f64 value = el_beta_all_f64(first, second, x, rest, 0, &unused_a, &unused_b);
  el_f64 step = (el_select_f64(upper, 1.0 - safe_p, safe_p) - value) / el_beta_front_f64(first, second, x, rest);
  step = x * rest * el_select_f64(el_lt_f64(el_abs_f64(step), el_splat_f64(1e-6)), step, zero);
  el_f64 y = el_select_f64(upper, rest - step, x + step);
  el_f64 edge = el_select_f64(el_eq_f64(p, zero), zero, el_select_f64(el_eq_f64(p, one), one, el_nan_f64()));
  return el_select_f64(regular, y, el_select_f64(positive, edge, el_nan_f64()));
}
EL_ROUNDED_3(betaincinv)

// MARK: - Discrete variates by inversion
//
// The smallest k with P(X <= k) >= u: from the mean's cdf step by step, which takes about as many steps as the
// standard deviation has units.

#define EL_MOST_STEPS 1000000

EL_OUTLINE el_f64 el_poisson_quantile_f64(el_f64 u, el_f64 rate) {
  const el_f64 zero = el_splat_f64(0);
  el_mask regular = el_gt_f64(rate, zero) & el_is_finite_f64(rate) & el_ge_f64(u, zero) & el_lt_f64(u, el_splat_f64(1));
  el_f64 mean = el_select_f64(regular, rate, el_splat_f64(1)), k = el_floor_f64(mean);
  el_f64 cdf = el_igammac_f64(k + 1.0, mean), mass = el_gamma_front_f64(k, mean);
  el_mask down = regular & el_ge_f64(cdf - mass, u) & el_gt_f64(k, zero), up = regular & el_lt_f64(cdf, u);
  for (int i = 0; i < EL_MOST_STEPS && el_any_bool(down); i++) {
    cdf = el_select_f64(down, cdf - mass, cdf);
    mass = el_select_f64(down, mass * k / mean, mass);
    k = el_select_f64(down, k - 1.0, k);
    down = down & el_ge_f64(cdf - mass, u) & el_gt_f64(k, zero);
  }
  for (int i = 0; i < EL_MOST_STEPS && el_any_bool(up); i++) {
    k = el_select_f64(up, k + 1.0, k);
    mass = el_select_f64(up, mass * mean / k, mass);
    cdf = el_select_f64(up, cdf + mass, cdf);
    up = up & el_lt_f64(cdf, u) & el_gt_f64(mass, el_splat_f64(1e-20));
  }
  return el_select_f64(regular, k, el_select_f64(el_eq_f64(rate, zero), zero, el_nan_f64()));
}
EL_ROUNDED_2(poisson_quantile)

EL_OUTLINE el_f64 el_binomial_quantile_f64(el_f64 u, el_f64 count, el_f64 p) {
  const el_f64 zero = el_splat_f64(0), one = el_splat_f64(1);
  el_mask regular = el_gt_f64(p, zero) & el_lt_f64(p, one) & el_ge_f64(count, one) & el_is_finite_f64(count);
  regular = regular & el_ge_f64(u, zero) & el_lt_f64(u, one);
  el_f64 n = el_select_f64(regular, el_floor_f64(count), one), safe = el_select_f64(regular, p, el_splat_f64(0.5));
  el_f64 rest = 1.0 - safe, k = el_floor_f64(n * safe);
  // At k = n the cdf is 1.
  k = el_select_f64(el_ge_f64(k, n), n - 1.0, k);
  el_f64 cdf = el_betainc_f64(n - k, k + 1.0, rest);
  el_f64 mass = el_beta_front_f64(k + 1.0, n - k + 1.0, safe, rest) / ((n + 1.0) * safe * rest);
  el_mask down = regular & el_ge_f64(cdf - mass, u) & el_gt_f64(k, zero), up = regular & el_lt_f64(cdf, u);
  for (int i = 0; i < EL_MOST_STEPS && el_any_bool(down); i++) {
    cdf = el_select_f64(down, cdf - mass, cdf);
    mass = el_select_f64(down, mass * (k * rest) / ((n - k + 1.0) * safe), mass);
    k = el_select_f64(down, k - 1.0, k);
    down = down & el_ge_f64(cdf - mass, u) & el_gt_f64(k, zero);
  }
  for (int i = 0; i < EL_MOST_STEPS && el_any_bool(up); i++) {
    mass = el_select_f64(up, mass * ((n - k) * safe) / ((k + 1.0) * rest), mass);
    k = el_select_f64(up, k + 1.0, k);
    cdf = el_select_f64(up, cdf + mass, cdf);
    up = up & el_lt_f64(cdf, u) & el_lt_f64(k, n);
  }
  el_mask certain = el_ge_f64(count, zero) & (el_eq_f64(p, one) | el_lt_f64(count, one));
  el_f64 edge = el_select_f64(certain, el_floor_f64(count), el_select_f64(el_eq_f64(p, zero), zero, el_nan_f64()));
  return el_select_f64(regular, k, edge);
}
EL_ROUNDED_3(binomial_quantile)

#endif
