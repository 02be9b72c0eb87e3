// Trains the regression on a synthetic table of cars and predicts.
#include "check.h"
#include "cs20_regression.h"

enum { BATCH = 64, STEPS = 300, FEATURES = 7 };

int main(void) {
  // In the ranges of the auto-mpg table, of which the graph knows means and standard deviations.
  static const float low[FEATURES] = {3, 70, 46, 1600, 8, 70, 1}, high[FEATURES] = {8, 455, 230, 5140, 25, 82, 3};
  static float features[BATCH * FEATURES], labels[BATCH], mean[BATCH], stddev[BATCH];
  uint32_t state = 1;
  for (int i = 0; i < BATCH; i++) {
    labels[i] = 30;
    for (int j = 0; j < FEATURES; j++) {
      const float u = uniform(&state);
      features[i * FEATURES + j] = low[j] + (high[j] - low[j]) * u;
      labels[i] -= 2 * u;
    }
  }

  const elbow_options options = {.struct_size = sizeof options, .threads = 1, .seed = 42};
  elbow_model *model = NULL;
  CHECK(cs20_regression_create(&options, &model) == ELBOW_OK, "no model");

  float loss, nll, first = 0;
  for (int step = 0; step < STEPS; step++) {
    const elbow_status status = cs20_regression_train(model, BATCH, features, labels, NULL, &loss, &nll);
    CHECK(status == ELBOW_OK, "%s", cs20_regression_last_error(model));
    CHECK(isfinite(loss), "loss %g in step %d", loss, step);
    if (step == 0) first = loss;
  }
  CHECK(loss < 0.5f * first, "the loss went from %g to %g only", first, loss);

  CHECK(cs20_regression_predict(model, BATCH, features, mean, stddev) == ELBOW_OK, "%s",
        cs20_regression_last_error(model));
  check_finite(mean, BATCH, "mean");
  for (int i = 0; i < BATCH; i++) CHECK(stddev[i] == 1, "stddev[%d] is %g", i, stddev[i]);

  cs20_regression_destroy(model);
  printf("loss %.2f -> %.2f\nOK\n", first, loss);
  return 0;
}
