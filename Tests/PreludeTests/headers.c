// headers.c: all headers in one program that a team of threads runs, for compilers, dialects and C libraries that the other
// programs are not built with.
#include "elbow_contraction.h"
#include "elbow_dots.h"
#include "elbow_math.h"
#include "elbow_model.h"
#include "elbow_narrow.h"
#include "elbow_pair.h"
#include "elbow_random.h"
#include "elbow_special.h"
#include "elbow_steps.h"
#include "elbow_manifest.h"
#include "elbow_transpose.h"
#include "elbow_winograd.h"

enum { threads = 3 };

static void write_number(void *context, int thread, int count) {
  float *numbers = (float *)context;
  numbers[thread] = el_sum_f32(el_exp_f32(el_splat_f32((float)thread))) / EL_LANES;
  (void)count;
}

int main(void) {
  el_team *team = el_team_create(threads);
  float *numbers = (float *)el_allocate(threads * sizeof *numbers);
  if (!team || !numbers) return 1;
  el_team_run(team, write_number, numbers);
  const float expected[threads] = {1, 2.718281828f, 7.389056099f};
  int failures = 0;
  for (int i = 0; i < el_team_size(team); i++) {
    const float error = numbers[i] / expected[i] - 1;
    failures += !(error < 1e-6f && error > -1e-6f);
  }
  el_free(numbers);
  el_team_destroy(team);
  return failures;
}
