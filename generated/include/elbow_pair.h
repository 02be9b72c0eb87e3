// elbow_pair.h: numbers of two parts, on the vectors of elbow_vector.h.
//
// A power is the exponential of a product, which multiplies the product's relative error by its size: of x^300
// seven bits would be lost. A pair is the sum of two f64, of which the second is at most about half a unit in the
// last place of the first; its relative error is about 2^-65 after a logarithm, and 2^-78 after the other operations
// (T. J. Dekker 1971, "A floating-point technique for extending the available precision").
//
// Products that have to be exact are those of numbers of 26 bits, so that it does not matter whether the compiler
// fuses them with the addition that follows.
#ifndef ELBOW_PAIR_H
#define ELBOW_PAIR_H

#include "elbow_math.h"

typedef struct {
  el_f64 high, low;
} el_pair;

// The first 26 bits of a number.
EL_INLINE el_f64 el_leading_f64(el_f64 x) { return (el_f64)((el_i64)x & INT64_C(-0x8000000)); }

// a + b, nothing lost.
EL_INLINE el_pair el_pair_sum(el_f64 a, el_f64 b) {
  el_f64 sum = a + b, part = sum - a;
  return (el_pair){sum, (a - (sum - part)) + (b - part)};
}
// The same where a is the larger one.
EL_INLINE el_pair el_pair_ordered_sum(el_f64 a, el_f64 b) {
  el_f64 sum = a + b;
  return (el_pair){sum, b - (sum - a)};
}
EL_INLINE el_pair el_pair_product(el_f64 a, el_f64 b) {
  el_f64 first = el_leading_f64(a), second = el_leading_f64(b);
  return el_pair_ordered_sum(first * second, first * (b - second) + (a - first) * b);
}

EL_INLINE el_pair el_pair_add(el_pair a, el_pair b) {
  el_pair sum = el_pair_sum(a.high, b.high);
  return el_pair_ordered_sum(sum.high, sum.low + (a.low + b.low));
}
EL_INLINE el_pair el_pair_multiply(el_pair a, el_pair b) {
  el_pair product = el_pair_product(a.high, b.high);
  return el_pair_ordered_sum(product.high, product.low + (a.high * b.low + a.low * b.high));
}
EL_FUNCTION el_pair el_pair_divide(el_pair a, el_pair b) {
  el_f64 q = a.high / b.high, first = el_leading_f64(q), second = el_leading_f64(b.high);
  el_f64 rest = ((a.high - first * second) - first * (b.high - second)) - (q - first) * b.high;
  return el_pair_ordered_sum(q, (rest + (a.low - q * b.low)) / b.high);
}
EL_INLINE el_pair el_pair_select(el_mask m, el_pair a, el_pair b) {
  return (el_pair){el_select_f64(m, a.high, b.high), el_select_f64(m, a.low, b.low)};
}
EL_INLINE el_pair el_pair_of(el_f64 x) { return (el_pair){x, el_splat_f64(0)}; }

// log(x) for x >= 0: with x = 2^e m and s = (m - 1) / (m + 1), log(m) = 2 s (1 + s^2/3 + s^4/5 + ...), of which all
// but the first two terms are small enough for one part.
EL_FUNCTION el_pair el_pair_log(el_pair x) {
  el_i64 small = x.high < 0x1p-1022;
  el_f64 scaled = x.high * 0x1p52;
  el_i64 bits = (small & (el_i64)scaled) | (~small & (el_i64)x.high);
  el_i32 e = el_i32_from_i64((bits - INT64_C(0x3fe6a09e00000000)) >> 32) >> 20;
  el_f64 m = (el_f64)((el_u64)bits - ((el_u64)el_i64_from_i32(e) << 52));
  el_f64 n = el_f64_from_i32(e - (el_i32_from_i64(small) & 52));
  el_pair s = el_pair_divide(el_pair_of(m - 1.0), el_pair_sum(el_splat_f64(1), m)), z = el_pair_multiply(s, s);
  el_f64 tail = el_splat_f64(1.0 / 27);
  for (int k = 12; k >= 2; k--) tail = el_step_f64(tail, z.high, 1.0 / (2 * k + 1));
  el_pair third = {el_splat_f64(0x1.5555555555555p-2), el_splat_f64(0x1.5555555555555p-56)};
  el_pair series = el_pair_multiply(z, el_pair_add(third, el_pair_of(tail * z.high)));
  el_pair twice = {s.high + s.high, s.low + s.low};
  el_pair y = el_pair_add(twice, el_pair_multiply(twice, series));
  el_pair whole = el_pair_ordered_sum(n * 0x1.62e42fefa38p-1, n * 0x1.ef35793c7673p-45);
  y = el_pair_add(whole, (el_pair){y.high, y.low + x.low / x.high});
  return el_pair_select(el_eq_f64(x.high, el_splat_f64(0)), el_pair_of(el_splat_f64(-__builtin_inf())), y);
}

EL_FUNCTION el_f64 el_pair_exp(el_pair x) {
  el_f64 y = el_exp_f64(x.high);
  return y + y * x.low;
}

#endif
