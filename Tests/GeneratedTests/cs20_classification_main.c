// Trains the classifier on synthetic images and predicts their classes.
#include "check.h"
#include "cs20_classification.h"

enum { BATCH = 100, STEPS = 100, CLASSES = 10 };

int main(void) {
  static uint8_t images[BATCH * 784];
  static int32_t labels[BATCH], classes[BATCH];
  make_images(BATCH, images, labels);

  const elbow_options options = {.struct_size = sizeof options, .threads = 2, .seed = 42};
  elbow_model *model = NULL;
  CHECK(cs20_classification_create(&options, &model) == ELBOW_OK, "no model");

  float loss, nll, first = 0;
  for (int step = 0; step < STEPS; step++) {
    const elbow_status status = cs20_classification_train(model, BATCH, images, labels, NULL, &loss, &nll);
    CHECK(status == ELBOW_OK, "%s", cs20_classification_last_error(model));
    CHECK(isfinite(loss), "loss %g in step %d", loss, step);
    if (step == 0) first = loss;
  }
  CHECK(loss < 0.5f * first, "the loss went from %g to %g only", first, loss);

  static float probs[BATCH * CLASSES];
  CHECK(cs20_classification_predict(model, BATCH, images, probs, classes) == ELBOW_OK, "%s",
        cs20_classification_last_error(model));
  check_probabilities(probs, BATCH, CLASSES, "probs");
  int right = 0;
  for (int i = 0; i < BATCH; i++) right += classes[i] == labels[i];
  CHECK(right >= 90, "%d of %d classes are right", right, BATCH);

  cs20_classification_destroy(model);
  printf("loss %.3f -> %.3f\nOK\n", first, loss);
  return 0;
}
