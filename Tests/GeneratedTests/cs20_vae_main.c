// Trains the variational auto-encoder on synthetic images, encodes, decodes and samples.
#include "check.h"
#include "cs20_vae.h"

enum { BATCH = 100, STEPS = 60, SAMPLES = 100 };

int main(void) {
  static uint8_t images[BATCH * 784];
  make_images(BATCH, images, NULL);

  const elbow_options options = {.struct_size = sizeof options, .threads = 2, .seed = 42};
  elbow_model *model = NULL;
  CHECK(cs20_vae_create(&options, &model) == ELBOW_OK, "no model");

  float loss, nll, kl, first = 0;
  for (int step = 0; step < STEPS; step++) {
    // NULL: the learning rate's default value.
    const elbow_status status = cs20_vae_train(model, BATCH, images, NULL, &loss, &nll, &kl);
    CHECK(status == ELBOW_OK, "%s", cs20_vae_last_error(model));
    CHECK(isfinite(loss) && fabsf(loss - nll - kl) < 1e-3f * fabsf(loss), "loss %g, nll %g, kl %g", loss, nll, kl);
    if (step == 0) first = loss;
  }
  CHECK(loss < 0.8f * first, "the loss went from %g to %g only", first, loss);

  // The same losses without training, of fewer images than before: one library serves every batch size.
  CHECK(cs20_vae_evaluate(model, 7, images, &loss, &nll, &kl) == ELBOW_OK, "%s", cs20_vae_last_error(model));
  CHECK(isfinite(loss) && loss < 0.8f * first, "evaluated: %g", loss);

  static float mean[BATCH * 2], stddev[BATCH * 2], decoded[BATCH * 784], samples[SAMPLES * 784];
  CHECK(cs20_vae_encode(model, BATCH, images, mean, stddev) == ELBOW_OK, "%s", cs20_vae_last_error(model));
  check_finite(mean, BATCH * 2, "mean");
  check_range(stddev, BATCH * 2, 0, 100, "stddev");
  CHECK(cs20_vae_decode(model, BATCH, mean, decoded) == ELBOW_OK, "%s", cs20_vae_last_error(model));
  check_range(decoded, BATCH * 784, 0, 1, "decoded");
  CHECK(cs20_vae_sample(model, samples) == ELBOW_OK, "%s", cs20_vae_last_error(model));
  check_range(samples, SAMPLES * 784, 0, 1, "samples");

  cs20_vae_destroy(model);
  printf("loss %.2f -> %.2f\nOK\n", first, loss);
  return 0;
}
