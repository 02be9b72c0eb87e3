// Trains the Bayesian neural network on synthetic images and predicts with weights drawn from what it learned.
#include "check.h"
#include "cs20_bnn.h"

enum { BATCH = 100, STEPS = 200, CLASSES = 10 };

int main(void) {
  static uint8_t images[BATCH * 784];
  static int32_t labels[BATCH], classes[BATCH];
  make_images(BATCH, images, labels);

  const elbow_options options = {.struct_size = sizeof options, .threads = 2, .seed = 42};
  elbow_model *model = NULL;
  CHECK(cs20_bnn_create(&options, &model) == ELBOW_OK, "no model");

  // Each step draws its own weights, so losses are compared by means of twenty.
  const float dataset_size = 60000;
  float loss, nll, kl, first = 0, last = 0;
  for (int step = 0; step < STEPS; step++) {
    const elbow_status status = cs20_bnn_train(model, BATCH, images, labels, &dataset_size, NULL, &loss, &nll, &kl);
    CHECK(status == ELBOW_OK, "%s", cs20_bnn_last_error(model));
    CHECK(isfinite(loss) && kl >= 0, "loss %g, kl %g in step %d", loss, kl, step);
    if (step < 20) first += loss / 20;
    if (step >= STEPS - 20) last += loss / 20;
  }
  CHECK(last < first, "the loss went from %g to %g", first, last);

  static float probs[BATCH * CLASSES];
  CHECK(cs20_bnn_predict(model, BATCH, images, probs, classes) == ELBOW_OK, "%s", cs20_bnn_last_error(model));
  check_probabilities(probs, BATCH, CLASSES, "probs");

  cs20_bnn_destroy(model);
  printf("loss %.3f -> %.3f\nOK\n", first, last);
  return 0;
}
