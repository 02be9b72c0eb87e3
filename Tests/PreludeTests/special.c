// The functions of elbow_special.h at the points of special_values.h, against values of 50 digits.
//
// Fails where an f64 function is further from the truth than its bound, in units of 2^-53 relative to the
// value; where an f32 function is further than 0.51 units in the last place; where an edge is wrong; and
// where the bits of a result depend on the lane or on its neighbours.
#include "elbow_special.h"

#include <float.h>
#include <stdio.h>
#include <string.h>

#include "special_values.h"

static int failures = 0;

static double apply_f64(const char *name, const double *row, int arity, el_f64 (*call)(const el_f64 *), double other) {
  // The point in one lane, and something else in the others, then in another lane.
  double results[EL_LANES];
  for (int lane = 0; lane < EL_LANES; lane++) {
    el_f64 operands[3];
    for (int k = 0; k < arity; k++) {
      operands[k] = el_splat_f64(arity == 2 && !strcmp(name, "polygamma") && k == 0 ? row[0] : other);
      operands[k][lane] = row[k];
    }
    results[lane] = call(operands)[lane];
  }
  for (int lane = 1; lane < EL_LANES; lane++)
    if (memcmp(&results[0], &results[lane], sizeof(double))) {
      printf("%s depends on the lane at %g: %a, %a\n", name, row[0], results[0], results[lane]);
      failures++;
      break;
    }
  return results[0];
}

static float apply_f32(const double *row, int arity, el_f32 (*call)(const el_f32 *)) {
  el_f32 operands[3];
  for (int k = 0; k < arity; k++) operands[k] = el_splat_f32((float)row[k]);
  return call(operands)[0];
}

static double units_f32(float got, double want) {
  if (want != want) return got != got ? 0 : INFINITY;
  if (isinf((float)want) || isinf(got)) return got == (float)want ? 0 : INFINITY;
  int exponent;
  frexp(want, &exponent);
  double unit = ldexp(1, exponent - 24 < -149 ? -149 : exponent - 24);
  return fabs((double)got - want) / unit;
}

// `floor` is the size below which errors count absolutely: near a zero of the function.
#define CHECK(NAME, ARITY, BOUND, FLOOR, CALL)                                                     \
  static el_f64 call_##NAME##_f64(const el_f64 *v) { return el_##NAME##_f64 CALL; }                \
  static el_f32 call_##NAME##_f32(const el_f32 *v) { return el_##NAME##_f32 CALL; }                \
  static void check_##NAME(void) {                                                                 \
    double worst = 0, worst_f32 = 0, at = 0, at_second = 0;                                        \
    for (size_t i = 0; i < sizeof NAME##_values / sizeof *NAME##_values; i++) {                    \
      const double *row = NAME##_values[i];                                                        \
      double want = row[ARITY], got = apply_f64(#NAME, row, ARITY, call_##NAME##_f64, 0.75);       \
      double size = fabs(want) > FLOOR ? fabs(want) : FLOOR;                                       \
      double error = want == got ? 0 : fabs(got - want) / size / 0x1p-53;                          \
      if (!(error <= worst)) worst = error, at = row[0], at_second = row[ARITY - 1];               \
      double error_f32 = units_f32(apply_f32(row, ARITY, call_##NAME##_f32), want);                \
      if (!(error_f32 <= worst_f32)) worst_f32 = error_f32;                                        \
    }                                                                                              \
    int good = worst <= BOUND && worst_f32 <= 0.51;                                                \
    printf("%-18s %9.1f   f32 %5.3f ulp   at %.9g %.9g%s\n", #NAME, worst, worst_f32, at, at_second, \
           good ? "" : "  TOO FAR");                                                               \
    failures += !good;                                                                             \
  }

CHECK(lgamma, 1, 32, 0, (v[0]))
CHECK(digamma, 1, 8, 1, (v[0]))
CHECK(polygamma, 2, 16, 0, (v[0], v[1]))
CHECK(i0e, 1, 8, 0, (v[0]))
CHECK(i1e, 1, 8, 0, (v[0]))
CHECK(igamma, 2, 16, 0, (v[0], v[1]))
CHECK(igammac, 2, 16, 0, (v[0], v[1]))
CHECK(random_gamma_grad, 2, 32, 0, (v[0], v[1]))
CHECK(lbeta, 2, 64, 0.1, (v[0], v[1]))
CHECK(betainc, 3, 200, 0, (v[0], v[1], v[2]))
CHECK(ndtr, 1, 8, 0, (v[0]))
CHECK(betainc_grad_a, 3, 16000, 0.001, (v[0], v[1], v[2]))
CHECK(betainc_grad_b, 3, 16000, 0.001, (v[0], v[1], v[2]))

static void edge(const char *what, double got, double want) {
  if (got == want || (got != got && want != want)) return;
  printf("%s is %g, not %g\n", what, got, want);
  failures++;
}
#define EDGE(WANT, NAME, ...) edge(#NAME "(" #__VA_ARGS__ ")", el_##NAME##_f64(__VA_ARGS__)[0], WANT)
#define S el_splat_f64

static void check_edges(void) {
  EDGE(INFINITY, lgamma, S(0));
  EDGE(INFINITY, lgamma, S(-3));
  EDGE(INFINITY, lgamma, S(INFINITY));
  EDGE(NAN, lgamma, S(NAN));
  EDGE(NAN, digamma, S(0));
  EDGE(NAN, digamma, S(-2));
  EDGE(INFINITY, digamma, S(INFINITY));
  EDGE(INFINITY, polygamma, S(1), S(0));
  EDGE(NAN, polygamma, S(2), S(-0.5));
  EDGE(INFINITY, polygamma, S(1), S(-2));
  EDGE(0, polygamma, S(1), S(INFINITY));
  // pi^2 / 2 + 4.
  if (!(fabs(el_polygamma_f64(S(1), S(-0.5))[0] - 8.934802200544679309) < 1e-14)) printf("polygamma(1, -0.5)\n"), failures++;
  EDGE(0, igamma, S(2), S(0));
  EDGE(1, igammac, S(2), S(0));
  EDGE(1, igamma, S(2), S(INFINITY));
  EDGE(1, igamma, S(0), S(2));
  EDGE(NAN, igamma, S(-1), S(2));
  EDGE(NAN, igamma, S(1), S(-2));
  EDGE(NAN, igammac, S(NAN), S(2));
  EDGE(0, igamma, S(1e308), S(1e-308));
  EDGE(0.5, igamma, S(1e308), S(1e308));
  EDGE(1, igamma, S(1e-308), S(1e-308));
  EDGE(1, igamma, S(3), S(1e300));
  EDGE(0, igammac, S(1e6), S(1.5e6));
  EDGE(0, random_gamma_grad, S(2), S(0));
  EDGE(NAN, random_gamma_grad, S(-2), S(1));
  EDGE(INFINITY, lbeta, S(0), S(2));
  EDGE(NAN, lbeta, S(-1), S(2));
  EDGE(0, betainc, S(1), S(2), S(0));
  EDGE(1, betainc, S(1), S(2), S(1));
  EDGE(0, betainc, S(3), S(2), S(1e-300));
  EDGE(1, betainc, S(1e-308), S(1), S(0.5));
  EDGE(NAN, betainc, S(1), S(2), S(1.5));
  EDGE(NAN, betainc, S(0), S(2), S(0.5));
  EDGE(0, ndtr, S(-INFINITY));
  EDGE(1, ndtr, S(INFINITY));
  EDGE(0.5, ndtr, S(0));
  EDGE(NAN, ndtr, S(NAN));
  EDGE(0, i1e, S(0));
  EDGE(1, i0e, S(0));
  EDGE(0, i0e, S(INFINITY));
}

int main(void) {
  printf("%d lanes\n", EL_LANES);
  check_lgamma();
  check_digamma();
  check_polygamma();
  check_i0e();
  check_i1e();
  check_igamma();
  check_igammac();
  check_random_gamma_grad();
  check_lbeta();
  check_betainc();
  check_ndtr();
  check_betainc_grad_a();
  check_betainc_grad_b();
  check_edges();
  return failures != 0;
}
