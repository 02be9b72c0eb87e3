// Prints the losses of some training steps and a checksum of all variables after them: what builds of the same C by other
// compilers, for other processors and on other numbers of threads have to agree on, to the bit.
//
// Compiled with MODEL, the prefix of the model's functions, MODEL_HEADER, STATE_BYTES and one of FEEDS_IMAGES, FEEDS_LABELLED,
// FEEDS_POINTS and FEEDS_FEATURES. Arguments: threads, batch, steps.
#include MODEL_HEADER
#include "check.h"

#include <stdlib.h>
#include <string.h>

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)
#define CALL(name) JOIN(MODEL, name)

enum { MOST_ROWS = 300, MOST_OUTPUTS = 4 };

static uint8_t images[MOST_ROWS * 784];
static int32_t labels[MOST_ROWS];
static float features[MOST_ROWS * 8];

// The 64-bit FNV-1a checksum.
static uint64_t checksum(const void *data, size_t count) {
  uint64_t hash = UINT64_C(0xcbf29ce484222325);
  for (size_t i = 0; i < count; i++) hash = (hash ^ ((const uint8_t *)data)[i]) * UINT64_C(0x100000001b3);
  return hash;
}

int main(int count, char **arguments) {
  CHECK(count == 4, "threads, batch, steps");
  const int threads = atoi(arguments[1]), steps = atoi(arguments[3]);
  const int64_t batch = atoi(arguments[2]);
  CHECK(batch > 0 && batch <= MOST_ROWS, "a batch of 1 to %d", MOST_ROWS);
  make_images(MOST_ROWS, images, labels);
  for (int i = 0; i < MOST_ROWS * 8; i++) features[i] = (float)((i * 7919) % 1013) / 500.0f - 1.0f;

  void *const state = aligned_alloc(64, (STATE_BYTES + 63) / 64 * 64);
  CHECK(state != NULL, "no memory");
  memset(state, 0, STATE_BYTES);
  const elbow_options options = {.struct_size = sizeof options, .threads = threads, .seed = 7, .state = state};
  elbow_model *model = NULL;
  CHECK(CALL(create)(&options, &model) == ELBOW_OK, "no model");
  CHECK(CALL(initialize)(model, 7) == ELBOW_OK, "%s", CALL(last_error)(model));

#if defined(FEEDS_IMAGES) || defined(FEEDS_LABELLED)
  const int64_t shape[3] = {batch, 28, 28};
  elbow_array inputs[4] = {{images, shape, 3, ELBOW_UINT8}};
#elif defined(FEEDS_POINTS)
  const int64_t shape[2] = {batch, 2};
  elbow_array inputs[4] = {{features, shape, 2, ELBOW_FLOAT32}};
#else
  const int64_t shape[2] = {batch, 7}, column[2] = {batch, 1};
  elbow_array inputs[4] = {{features, shape, 2, ELBOW_FLOAT32}, {features, column, 2, ELBOW_FLOAT32}};
#endif
  int given = 1;
#if defined(FEEDS_LABELLED)
  inputs[1] = (elbow_array){labels, shape, 1, ELBOW_INT32};
  given = 2;
#elif defined(FEEDS_FEATURES)
  given = 2;
#endif
  // Scalars that have a default value.
  for (int i = given; i < INPUTS; i++) inputs[i] = (elbow_array){NULL, shape, 0, ELBOW_FLOAT32};
  for (int step = 0; step < steps; step++) {
    float values[MOST_OUTPUTS];
    elbow_array outputs[MOST_OUTPUTS];
    for (int i = 0; i < OUTPUTS; i++) outputs[i] = (elbow_array){&values[i], shape, 0, ELBOW_FLOAT32};
    CHECK(CALL(run)(model, "train", inputs, INPUTS, outputs, OUTPUTS) == ELBOW_OK, "%s", CALL(last_error)(model));
    printf("%a ", values[0]);
  }
  printf("%016llx\n", (unsigned long long)checksum(state, STATE_BYTES));
  CALL(destroy)(model);
  free(state);
  return 0;
}
