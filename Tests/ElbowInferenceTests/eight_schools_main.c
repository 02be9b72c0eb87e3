// Draws from the posterior of eight schools, with the emitted C and nothing else.
#include <stdio.h>
#include <stdlib.h>

#include "eight_schools.h"

enum { CHAINS = 4, DRAWS = 500, COUNT = 10 };

int main(void) {
  static double positions[CHAINS * DRAWS * COUNT], last[CHAINS * COUNT], metrics[CHAINS * COUNT], steps[CHAINS];
  static elbow_draw statistics[CHAINS * DRAWS];
  int64_t counts[CHAINS], iterations[CHAINS];
  const double y[] = {28, 8, -3, 7, -1, 1, 18, 12}, sigma[] = {15, 10, 16, 11, 9, 11, 10, 18};
  elbow_model *model;
  if (eight_schools_create(NULL, &model) != ELBOW_OK) return 1;

  const int64_t count[] = {COUNT}, schools[] = {8};
  elbow_array inputs[] = {
      {NULL, count, 1, ELBOW_FLOAT64}, {(void *)sigma, schools, 1, ELBOW_FLOAT64}, {(void *)y, schools, 1, ELBOW_FLOAT64}};
  const elbow_sampler_options options = {
      .struct_size = sizeof options, .chains = CHAINS, .warmup = 500, .draws = DRAWS, .seed = 1, .target_acceptance = 0.95};
  elbow_chains chains = {.struct_size = sizeof chains,
                         .positions = positions,
                         .statistics = statistics,
                         .draw_counts = counts,
                         .last_positions = last,
                         .step_sizes = steps,
                         .inverse_metrics = metrics,
                         .iterations = iterations};
  if (eight_schools_draw_chains(model, "log_density", inputs, 3, &options, &chains) != ELBOW_OK) {
    fprintf(stderr, "%s\n", eight_schools_last_error(model));
    return 1;
  }
  double mean = 0;
  for (int draw = 0; draw < CHAINS * DRAWS; ++draw) {
    double mu, tau, theta[8];
    if (eight_schools_constrain(model, positions + draw * COUNT, &mu, &tau, theta) != ELBOW_OK) return 1;
    mean += mu / (CHAINS * DRAWS);
  }
  printf("%.3f\n", mean);

  // What cannot be is refused.
  elbow_sampler_options bad = options;
  bad.target_acceptance = 2;
  if (eight_schools_draw_chains(model, "log_density", inputs, 3, &bad, &chains) != ELBOW_BAD_ARGUMENT) return 2;
  if (eight_schools_draw_chains(model, "constrain", inputs, 1, &options, &chains) != ELBOW_BAD_ARGUMENT) return 3;
  chains.positions = NULL;
  if (eight_schools_draw_chains(model, "log_density", inputs, 3, &options, &chains) != ELBOW_BAD_ARGUMENT) return 4;
  eight_schools_destroy(model);
  return 0;
}
