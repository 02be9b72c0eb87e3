// flow.h: what the programs of the flows do: train on points around two centres, which makes them likelier, and draw some.
// FLOW(name) is the model's function of that name.
#include "check.h"

enum { BATCH = 100, STEPS = 200, DRAWN = 1000 };

int main(void) {
  static float points[BATCH * 2];
  uint32_t state = 1;
  for (int i = 0; i < BATCH; i++) {
    points[2 * i] = (i % 2 ? 2.0f : 0.5f) + uniform(&state);
    points[2 * i + 1] = (i % 2 ? 1.0f : 2.0f) + 0.5f * uniform(&state);
  }

  const elbow_options options = {.struct_size = sizeof options, .threads = 2, .seed = 42};
  elbow_model *model = NULL;
  CHECK(FLOW(create)(&options, &model) == ELBOW_OK, "no model");

  const float rate = 1e-3f;
  float loss = 0, first = 0;
  for (int step = 0; step < STEPS; step++) {
    CHECK(FLOW(train)(model, BATCH, points, &rate, &loss) == ELBOW_OK, "%s", FLOW(last_error)(model));
    CHECK(isfinite(loss), "loss %g in step %d", loss, step);
    if (step == 0) first = loss;
  }
  CHECK(loss < first - 0.1f, "the loss went from %g to %g only", first, loss);

  static float log_prob[BATCH], drawn[DRAWN * 2];
  CHECK(FLOW(log_prob)(model, BATCH, points, log_prob) == ELBOW_OK, "%s", FLOW(last_error)(model));
  check_finite(log_prob, BATCH, "log_prob");
  CHECK(FLOW(sample)(model, drawn) == ELBOW_OK, "%s", FLOW(last_error)(model));
  check_finite(drawn, DRAWN * 2, "drawn");

  FLOW(destroy)(model);
  printf("loss %.3f -> %.3f\nOK\n", first, loss);
  return 0;
}
