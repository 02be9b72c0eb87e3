// elbow_steps.h: many runs of a signature in one call, as a loop over a data set: small models take less time for a step than
// a caller in another language for a call.
#ifndef ELBOW_STEPS_H
#define ELBOW_STEPS_H

#include "elbow_model.h"

enum { EL_MOST_STEP_ARRAYS = 64 };

// A loop over batches, once all that the caller gave has been checked.
typedef struct el_loop {
  const el_signature *signature;
  long rows, batch;
  int64_t steps;
  const int64_t *order; // the rows that steps take; NULL for one after the other
  const void *inputs[EL_MOST_STEP_ARRAYS];
  int64_t row_bytes[EL_MOST_STEP_ARRAYS]; // of inputs that are data sets; 0 for those that every step takes whole
  char *outputs[EL_MOST_STEP_ARRAYS];
  int64_t output_bytes[EL_MOST_STEP_ARRAYS]; // of one step
} el_loop;

EL_MODEL int64_t el_dtype_byte_count(int32_t dtype) {
  switch (dtype) {
  case ELBOW_FLOAT64:
  case ELBOW_INT64: return 8;
  case ELBOW_UINT8:
  case ELBOW_BOOL: return 1;
  default: return 4;
  }
}

EL_MODEL int64_t el_step_bytes(int64_t bytes) { return (bytes + 63) / 64 * 64; }

// The extents of an input or output for a batch of this size, and whether they depend on it.
EL_MODEL int el_step_extents(const el_signature *signature, long batch, int32_t index, int32_t rank, int64_t *extents) {
  const long other = batch + 1;
  int64_t others[EL_LARGEST_RANK];
  signature->shape(&batch, index, extents);
  signature->shape(&other, index, others);
  int depends = 0;
  for (int32_t axis = 0; axis < rank; ++axis) depends = depends || extents[axis] != others[axis];
  return depends;
}

// Data sets have the batch as their first axis and nowhere else.
EL_MODEL elbow_status el_loop_input(elbow_model *model, el_loop *loop, const elbow_array *input, int32_t index) {
  const el_parameter *parameter = &loop->signature->inputs[index];
  int64_t extents[EL_LARGEST_RANK];
  const int is_data = el_step_extents(loop->signature, loop->batch, index, input->rank, extents);
  int fits = !is_data || extents[0] == loop->batch;
  int64_t bytes = el_dtype_byte_count(input->dtype);
  for (int32_t axis = 1; axis < input->rank; ++axis) {
    fits = fits && extents[axis] == input->shape[axis];
    bytes *= extents[axis];
  }
  if (!fits)
    return el_fail(model, ELBOW_BAD_ARGUMENT, "The input '%s' of '%s' does not have the batch as its first axis alone.",
                   parameter->name, loop->signature->name);
  loop->inputs[index] = input->data ? input->data : parameter->fallback;
  loop->row_bytes[index] = is_data ? bytes : 0;
  if (loop->inputs[index]) return ELBOW_OK;
  return el_fail(model, ELBOW_BAD_ARGUMENT, "The input '%s' of '%s' is not given.", parameter->name, loop->signature->name);
}

EL_MODEL elbow_status el_loop_output(elbow_model *model, el_loop *loop, const elbow_array *output, int32_t index) {
  const el_parameter *parameter = &loop->signature->outputs[index];
  int64_t extents[EL_LARGEST_RANK];
  const int32_t number = loop->signature->input_count + index;
  if (el_step_extents(loop->signature, loop->batch, number, parameter->rank, extents))
    return el_fail(model, ELBOW_BAD_ARGUMENT, "The output '%s' of '%s' depends on the batch, so steps cannot share an array.",
                   parameter->name, loop->signature->name);
  int fits = output->rank == parameter->rank + 1 && output->dtype == parameter->dtype && output->data && output->shape &&
             output->shape[0] == loop->steps;
  int64_t bytes = el_dtype_byte_count(parameter->dtype);
  for (int32_t axis = 0; fits && axis < parameter->rank; ++axis) {
    fits = output->shape[axis + 1] == extents[axis];
    bytes *= extents[axis];
  }
  if (!fits)
    return el_fail(model, ELBOW_BAD_ARGUMENT, "The array for all steps of the output '%s' of '%s' does not fit.",
                   parameter->name, loop->signature->name);
  loop->outputs[index] = (char *)output->data;
  loop->output_bytes[index] = bytes;
  return ELBOW_OK;
}

// Memory for the rows of a batch that do not lie together.
EL_MODEL elbow_status el_loop_reserve(elbow_model *model, const el_loop *loop) {
  int64_t bytes = 0;
  for (int32_t i = 0; i < loop->signature->input_count; ++i) bytes += el_step_bytes(loop->row_bytes[i] * loop->batch);
  if ((size_t)bytes <= model->gathered_byte_count) return ELBOW_OK;
  el_free(model->gathered);
  model->gathered = (char *)el_allocate((size_t)bytes);
  model->gathered_byte_count = model->gathered ? (size_t)bytes : 0;
  if (model->gathered) return ELBOW_OK;
  return el_fail(model, ELBOW_OUT_OF_MEMORY, "There is no memory for a batch of %lld bytes.", (long long)bytes);
}

// The batch of a step: where it lies, or copied together.
EL_MODEL void el_loop_batch(const elbow_model *model, const el_loop *loop, int64_t step, const void **batch) {
  char *gathered = model->gathered;
  for (int32_t i = 0; i < loop->signature->input_count; ++i) {
    const char *all = (const char *)loop->inputs[i];
    const int64_t bytes = loop->row_bytes[i];
    batch[i] = all;
    if (!bytes) continue;
    if (!loop->order) {
      batch[i] = all + step % (loop->rows / loop->batch) * loop->batch * bytes;
      continue;
    }
    const int64_t *rows = loop->order + step * loop->batch;
    for (long row = 0; row < loop->batch; ++row) memcpy(gathered + row * bytes, all + rows[row] * bytes, (size_t)bytes);
    batch[i] = gathered;
    gathered += el_step_bytes(bytes * loop->batch);
  }
}

EL_MODEL elbow_status el_loop_run(elbow_model *model, const el_loop *loop) {
  const void *inputs[EL_MOST_STEP_ARRAYS];
  void *outputs[EL_MOST_STEP_ARRAYS];
  for (int64_t step = 0; step < loop->steps; ++step) {
    el_loop_batch(model, loop, step, inputs);
    for (int32_t i = 0; i < loop->signature->output_count; ++i)
      outputs[i] = loop->outputs[i] + step * loop->output_bytes[i];
    const elbow_status status = loop->signature->run(model, &loop->batch, inputs, outputs);
    if (status != ELBOW_OK) return status;
  }
  return ELBOW_OK;
}

EL_MODEL elbow_status el_model_run_steps(const el_description *description, elbow_model *model, const char *name,
                                         const elbow_array *inputs, int32_t input_count, int64_t batch, int64_t steps,
                                         const int64_t *order, elbow_array *outputs, int32_t output_count) {
  elbow_status status;
  const el_signature *signature = el_find_signature(description, model, name, &status);
  if (!signature) return status;
  long symbols[EL_LARGEST_SYMBOLS];
  status = el_bind(model, signature, inputs, input_count, symbols);
  if (status != ELBOW_OK) return status;
  if (signature->symbol_count != 1 || input_count > EL_MOST_STEP_ARRAYS || output_count > EL_MOST_STEP_ARRAYS ||
      output_count != signature->output_count)
    return el_fail(model, ELBOW_BAD_ARGUMENT,
                   "Many steps of '%s', with %d symbolic extents and %d outputs, need one extent, the batch, and %d outputs.",
                   name, (int)signature->symbol_count, (int)signature->output_count, (int)output_count);
  if (output_count > 0 && !outputs) return el_fail(model, ELBOW_BAD_ARGUMENT, "The outputs of '%s' are NULL.", name);
  if (batch < 1 || batch > symbols[0] || steps < 1 || steps > EL_LARGEST_EXTENT / batch)
    return el_fail(model, ELBOW_BAD_ARGUMENT, "%lld steps with batches of %lld cannot be taken from %ld rows.",
                   (long long)steps, (long long)batch, symbols[0]);
  for (int64_t i = 0; order && i < steps * batch; ++i)
    if (order[i] < 0 || order[i] >= symbols[0])
      return el_fail(model, ELBOW_BAD_ARGUMENT, "The order names row %lld of %ld.", (long long)order[i], symbols[0]);
  el_loop loop = {.signature = signature, .rows = symbols[0], .batch = (long)batch, .steps = steps, .order = order};
  for (int32_t i = 0; status == ELBOW_OK && i < input_count; ++i) status = el_loop_input(model, &loop, &inputs[i], i);
  for (int32_t i = 0; status == ELBOW_OK && i < output_count; ++i) status = el_loop_output(model, &loop, &outputs[i], i);
  if (status == ELBOW_OK && order) status = el_loop_reserve(model, &loop);
  return status == ELBOW_OK ? el_loop_run(model, &loop) : status;
}

#endif
