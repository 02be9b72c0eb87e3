/* A model written by hand, to test the runtime without the compiler. The manifest comes from `manifest.h`, which the
 * tests write. Each macro that is asked for below makes it wrong in one way. */
#include <elbow.h>
#include <stdlib.h>
#include <string.h>

#include "manifest.h"

#ifndef TABLE_ABI_VERSION
#define TABLE_ABI_VERSION ELBOW_ABI_VERSION
#endif
#ifndef TABLE_SIZE
#define TABLE_SIZE sizeof(elbow_library)
#endif

typedef struct toy_state {
  float factor;
  float table[2];
  int64_t steps;
  uint64_t seed, counter;
} toy_state;

struct elbow_model {
  toy_state *state;
  void *owned;
  const char *error;
  int32_t shape_calls;
};

static elbow_status fail(elbow_model *model, elbow_status status, const char *error) {
  model->error = error;
  return status;
}

static elbow_status toy_initialize(elbow_model *model, uint64_t seed) {
  model->state->factor = 2;
  model->state->table[0] = 10;
  model->state->table[1] = 20;
  model->state->steps = 0;
  model->state->seed = seed;
  model->state->counter = 0;
  return ELBOW_OK;
}

static elbow_status toy_create(const elbow_options *options, elbow_model **result) {
#ifdef CREATE_STATUS
  return (elbow_status)(CREATE_STATUS);
#endif
  if (options->struct_size != sizeof(elbow_options)) return ELBOW_BAD_ARGUMENT;
  elbow_model *model = calloc(1, sizeof *model);
  if (!model) return ELBOW_OUT_OF_MEMORY;
  model->error = "";
  model->state = options->state;
  if ((uintptr_t)model->state % 64 != 0) return ELBOW_BAD_ARGUMENT;
  if (!model->state) {
    model->state = model->owned = calloc(1, sizeof(toy_state));
    toy_initialize(model, options->seed);
  }
  *result = model;
  return ELBOW_OK;
}

static void toy_destroy(elbow_model *model) {
  free(model->owned);
  free(model);
}

static elbow_status toy_output_shape(elbow_model *model, const char *signature, const elbow_array *inputs,
                                     int32_t input_count, int32_t index, int64_t *shape, int32_t capacity) {
  (void)input_count;
  model->shape_calls += 1;
  if (strcmp(signature, "scale") == 0) {
    if (index == 0 && capacity >= 2) {
      shape[0] = inputs[0].shape[0];
#ifdef BAD_SHAPE
      shape[1] = 4;
#else
      shape[1] = 3;
#endif
    } else if (index == 1 && capacity >= 1) {
      shape[0] = 2 * inputs[0].shape[0] + 1;
    } else {
      return fail(model, ELBOW_BAD_ARGUMENT, "there is no such output");
    }
  } else if (strcmp(signature, "state") == 0 && capacity >= 1) {
    shape[0] = 3;
  } else if (strcmp(signature, "pad") == 0 && capacity >= 1) {
    if (inputs[0].shape[0] < 2) return fail(model, ELBOW_BAD_ARGUMENT, "n + 1 must be at least 2");
    shape[0] = inputs[0].shape[0] - 2; /* none for two */
  }
  return ELBOW_OK;
}

/* out = factor * weights * x + bias, and a bool that is set at every odd place. */
static elbow_status run_scale(elbow_model *model, const elbow_array *inputs, elbow_array *outputs) {
  const float *x = inputs[0].data, *weights = inputs[1].data;
  float bias = inputs[2].data ? *(const float *)inputs[2].data : 0.5f;
  float *out = outputs[0].data;
  uint8_t *odd = outputs[1].data;
  for (int64_t i = 0; i < inputs[0].shape[0]; ++i)
    for (int64_t j = 0; j < 3; ++j) out[i * 3 + j] = model->state->factor * weights[i] * x[i * 3 + j] + bias;
  for (int64_t i = 0; i < outputs[1].shape[0]; ++i) odd[i] = i % 2;
  if (model->state->factor < 0) odd[0] = 7; /* not a boolean */
  model->state->steps += 1;
  return ELBOW_OK;
}

static elbow_status toy_run(elbow_model *model, const char *signature, const elbow_array *inputs, int32_t input_count,
                            elbow_array *outputs, int32_t output_count) {
  if (strcmp(signature, "scale") == 0 && input_count == 3 && output_count == 2)
    return run_scale(model, inputs, outputs);
  if (strcmp(signature, "fail") == 0) {
    int32_t status = *(const int32_t *)inputs[0].data;
    return fail(model, (elbow_status)status, status == ELBOW_NUMERICS ? "The loss is NaN at model.swift:7." : "");
  }
  if (strcmp(signature, "state") == 0) {
    int64_t *out = outputs[0].data;
    out[0] = (int64_t)model->state->seed;
    out[1] = (int64_t)model->state->counter++;
    out[2] = model->shape_calls;
    return ELBOW_OK;
  }
  if (strcmp(signature, "pad") == 0) return outputs[0].data && inputs[0].data ? ELBOW_OK : ELBOW_BAD_ARGUMENT;
  return fail(model, ELBOW_NOT_FOUND, "there is no such signature");
}

static void *find(elbow_model *model, const char *name, uint64_t byte_count) {
  if (strcmp(name, "factor") == 0 && byte_count == 4) return &model->state->factor;
  if (strcmp(name, "table") == 0 && byte_count == 8) return model->state->table;
  if (strcmp(name, "steps") == 0 && byte_count == 8) return &model->state->steps;
  model->error = "no such variable";
  return NULL;
}

static elbow_status toy_get_state(elbow_model *model, const char *name, void *data, uint64_t byte_count) {
  void *place = find(model, name, byte_count);
  if (!place) return ELBOW_NOT_FOUND;
  memcpy(data, place, byte_count);
  return ELBOW_OK;
}

static elbow_status toy_set_state(elbow_model *model, const char *name, const void *data, uint64_t byte_count) {
  void *place = find(model, name, byte_count);
  if (!place) return ELBOW_NOT_FOUND;
  memcpy(place, data, byte_count);
  return ELBOW_OK;
}

static void toy_get_random_state(elbow_model *model, uint64_t *seed, uint64_t *counter) {
  *seed = model->state->seed;
  *counter = model->state->counter;
}

static void toy_set_random_state(elbow_model *model, uint64_t seed, uint64_t counter) {
  model->state->seed = seed;
  model->state->counter = counter;
}

static elbow_status toy_set_threads(elbow_model *model, int32_t threads) {
  return threads > 1000 ? fail(model, ELBOW_THREADS, "1000 threads are enough") : ELBOW_OK;
}

static const char *toy_last_error(const elbow_model *model) { return model->error; }

static elbow_status toy_run_steps(elbow_model *model, const char *signature, const elbow_array *inputs, int32_t input_count,
                                  int64_t batch, int64_t steps, const int64_t *order, elbow_array *outputs,
                                  int32_t output_count) {
  (void)signature, (void)inputs, (void)input_count, (void)batch, (void)steps, (void)order, (void)outputs, (void)output_count;
  return fail(model, ELBOW_NOT_FOUND, "the toy takes one step at a time");
}

static const elbow_library table = {
    .abi_version = TABLE_ABI_VERSION,
    .struct_size = TABLE_SIZE,
    .manifest = MANIFEST_BYTES,
    .manifest_byte_count = MANIFEST_BYTE_COUNT,
    .state_byte_count = STATE_BYTE_COUNT,
    .create = toy_create,
    .destroy = toy_destroy,
    .initialize = toy_initialize,
    .output_shape = toy_output_shape,
#ifndef NULL_RUN
    .run = toy_run,
#endif
    .get_state = toy_get_state,
    .set_state = toy_set_state,
    .get_random_state = toy_get_random_state,
    .set_random_state = toy_set_random_state,
    .set_threads = toy_set_threads,
    .last_error = toy_last_error,
    .run_steps = toy_run_steps,
};

#ifdef MISSING_DEPENDENCY
extern int not_defined_anywhere;
int *const missing_dependency = &not_defined_anywhere;
#endif

#ifndef NO_SYMBOL
/* The symbol has the name of a type, which C does not allow a function. */
const elbow_library *elbow_get_library(void) {
#ifdef NULL_TABLE
  return NULL;
#else
  return &table;
#endif
}
#endif
