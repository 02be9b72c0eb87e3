// Prints the losses of the variational auto-encoder's first steps and of a sample's mean brightness: what machines are
// compared by.
#include "check.h"
#include "cs20_vae.h"

enum { BATCH = 64, STEPS = 5, SAMPLES = 100 };

int main(void) {
  static uint8_t images[BATCH * 784];
  make_images(BATCH, images, NULL);

  const elbow_options options = {.struct_size = sizeof options, .threads = 2, .seed = 7};
  elbow_model *model = NULL;
  CHECK(cs20_vae_create(&options, &model) == ELBOW_OK, "no model");
  for (int step = 0; step < STEPS; step++) {
    float loss, nll, kl;
    const elbow_status status = cs20_vae_train(model, BATCH, images, NULL, &loss, &nll, &kl);
    CHECK(status == ELBOW_OK, "%s", cs20_vae_last_error(model));
    printf("%.9g\n%.9g\n", loss, kl);
  }
  static float samples[SAMPLES * 784];
  CHECK(cs20_vae_sample(model, samples) == ELBOW_OK, "%s", cs20_vae_last_error(model));
  double total = 0;
  for (int i = 0; i < SAMPLES * 784; i++) total += samples[i];
  printf("%.9g\n", total / (SAMPLES * 784));
  cs20_vae_destroy(model);
  return 0;
}
