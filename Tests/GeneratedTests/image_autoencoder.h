// image_autoencoder.h: what the convolutional auto-encoders' programs do: a few steps of training on synthetic images, which
// lower the loss, and images that are decoded and drawn. VAE(name) is the model's function of that name, CODE_SIZE the size of
// its latent space, FALL how far the loss has to fall.
#include "check.h"

enum { BATCH = 16, STEPS = 12, DRAWN = 64 };

int main(void) {
  static uint8_t images[BATCH * 784];
  make_images(BATCH, images, NULL);

  const elbow_options options = {.struct_size = sizeof options, .threads = 2, .seed = 42};
  elbow_model *model = NULL;
  CHECK(VAE(create)(&options, &model) == ELBOW_OK, "no model");

  const float rate = 1e-3f;
  float loss = 0, nll = 0, kl = 0, first = 0;
  for (int step = 0; step < STEPS; step++) {
    CHECK(VAE(train)(model, BATCH, images, &rate, &loss, &nll, &kl) == ELBOW_OK, "%s", VAE(last_error)(model));
    CHECK(isfinite(loss) && fabsf(loss - nll - kl) < 1e-3f * loss, "loss %g, nll %g, kl %g", loss, nll, kl);
    if (step == 0) first = loss;
  }
  CHECK(loss < FALL * first, "the loss went from %g to %g only", first, loss);

  static float codes[BATCH * CODE_SIZE], decoded[BATCH * 784], drawn[DRAWN * 784], weights[BATCH];
  CHECK(VAE(decode)(model, BATCH, codes, decoded) == ELBOW_OK, "%s", VAE(last_error)(model));
  check_range(decoded, BATCH * 784, 0, 1, "decoded");
  for (int i = 0; i < 784; i++) CHECK(decoded[i] == decoded[784 + i], "equal codes have other images");
  CHECK(VAE(sample)(model, drawn) == ELBOW_OK, "%s", VAE(last_error)(model));
  check_range(drawn, DRAWN * 784, 0, 1, "drawn");
  CHECK(VAE(importance)(model, BATCH, images, weights) == ELBOW_OK, "%s", VAE(last_error)(model));
  check_finite(weights, BATCH, "weights");

  VAE(destroy)(model);
  printf("loss %.3f -> %.3f\nOK\n", first, loss);
  return 0;
}
