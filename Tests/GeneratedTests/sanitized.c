// Runs everything that a model can run, for compilers' sanitizers to look at: every signature for several batches and numbers of
// threads, with arrays of exactly the bytes that they need, its variables, many steps in one call, and sizes that have to be
// refused. Says nothing about results.
//
// Compiled with -DELBOW_SHARED_LIBRARY, the model's C, and an inputs.h that has what its manifest says.
#include <limits.h>
#include <string.h>

#include "check.h"

enum { MOST_RANK = 32, MOST_ARRAYS = 64, MOST_SYMBOLS = 16 };

typedef struct {
  const char *name;
  int32_t dtype, rank, has_default;
} array_kind;

// The shapes of inputs, for given values of the symbols.
typedef void shapes_function(const uint64_t *symbols, int64_t (*shapes)[MOST_RANK]);

typedef struct {
  const char *name;
  const array_kind *inputs, *outputs;
  int32_t input_count, output_count, symbol_count;
  shapes_function *shapes;
} signature_kind;

typedef struct {
  const char *name;
  uint64_t byte_count;
} variable_kind;

// Defines `signatures`, `signature_count`, `variables` and `variable_count`.
#include "inputs.h"

// What the sanitizers are asked for, unless the environment says otherwise: memory that is not to be had is the model's to tell.
__attribute__((used)) const char *__asan_default_options(void) {
  return "allocator_may_return_null=1:max_allocation_size_mb=1024:detect_stack_use_after_return=1:strict_string_checks=1";
}
__attribute__((used)) const char *__tsan_default_options(void) {
  return "allocator_may_return_null=1:max_allocation_size_mb=1024:halt_on_error=1";
}
__attribute__((used)) const char *__ubsan_default_options(void) { return "print_stacktrace=1"; }

static const elbow_library *library;
static elbow_model *model;
static uint32_t randomness = 1;

static size_t size_of(int32_t dtype) {
  switch (dtype) {
  case ELBOW_FLOAT64:
  case ELBOW_INT64: return 8;
  case ELBOW_UINT8:
  case ELBOW_BOOL: return 1;
  default: return 4;
  }
}

// MARK: - Arrays

// An array, alone in a block of memory that ends where it does.
typedef struct {
  void *block;
  int64_t shape[MOST_RANK];
  elbow_array array;
  size_t byte_count;
} owned;

static void fill(void *data, int32_t dtype, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const float value = uniform(&randomness);
    const int whole = (int)(7 * value);
    switch (dtype) {
    case ELBOW_FLOAT32: ((float *)data)[i] = value; break;
    case ELBOW_FLOAT64: ((double *)data)[i] = (double)value; break;
    case ELBOW_INT32: ((int32_t *)data)[i] = whole; break;
    case ELBOW_INT64: ((int64_t *)data)[i] = whole; break;
    case ELBOW_UINT32: ((uint32_t *)data)[i] = (uint32_t)whole; break;
    case ELBOW_BOOL: ((uint8_t *)data)[i] = whole > 2; break;
    default: ((uint8_t *)data)[i] = (uint8_t)whole;
    }
  }
}

// An array that begins `shift` elements into its block, so that it is aligned to one element alone.
static void make(owned *result, int32_t dtype, int32_t rank, const int64_t *shape, size_t shift) {
  size_t count = 1;
  for (int32_t axis = 0; axis < rank; axis++) count *= (size_t)(result->shape[axis] = shape[axis]);
  result->byte_count = count * size_of(dtype);
  result->block = malloc(result->byte_count + shift * size_of(dtype));
  CHECK(result->block != NULL, "no memory for an array of %zu elements", count);
  char *data = (char *)result->block + shift * size_of(dtype);
  result->array = (elbow_array){data, result->shape, rank, dtype};
  fill(data, dtype, count);
}

// The inputs of a signature; those that have a default value are left out where `shift` is 0.
static void make_inputs(const signature_kind *signature, const uint64_t *symbols, size_t shift, owned *result,
                        elbow_array *arrays) {
  int64_t shapes[MOST_ARRAYS][MOST_RANK];
  signature->shapes(symbols, shapes);
  for (int32_t i = 0; i < signature->input_count; i++) {
    const array_kind *input = &signature->inputs[i];
    make(&result[i], input->dtype, input->rank, shapes[i], shift);
    arrays[i] = result[i].array;
    if (input->has_default && shift == 0) arrays[i].data = NULL;
  }
}

// Arrays that have the shapes of a signature's inputs, and no elements.
static void describe_inputs(const signature_kind *signature, const uint64_t *symbols, int64_t (*shapes)[MOST_RANK],
                            elbow_array *arrays) {
  signature->shapes(symbols, shapes);
  for (int32_t i = 0; i < signature->input_count; i++)
    arrays[i] = (elbow_array){NULL, shapes[i], signature->inputs[i].rank, signature->inputs[i].dtype};
}

static void free_all(owned *arrays, int32_t count) {
  for (int32_t i = 0; i < count; i++) free(arrays[i].block);
}

// The shapes of all outputs; 0 if these sizes are refused.
static int output_shapes(const signature_kind *signature, const uint64_t *symbols, int64_t (*shapes)[MOST_RANK]) {
  int64_t input_shapes[MOST_ARRAYS][MOST_RANK];
  elbow_array inputs[MOST_ARRAYS];
  describe_inputs(signature, symbols, input_shapes, inputs);
  for (int32_t i = 0; i < signature->output_count; i++) {
    // No more room than there are extents.
    const int32_t rank = signature->outputs[i].rank;
    int64_t *shape = malloc((size_t)rank * sizeof *shape);
    const elbow_status status =
        library->output_shape(model, signature->name, inputs, signature->input_count, i, shape, rank);
    if (rank > 0 && status == ELBOW_OK) memcpy(shapes[i], shape, (size_t)rank * sizeof *shape);
    free(shape);
    if (status == ELBOW_OK) continue;
    CHECK((status == ELBOW_BAD_ARGUMENT || status == ELBOW_OUT_OF_MEMORY) && library->last_error(model)[0],
          "%s: status %d", signature->name, status);
    return 0;
  }
  return 1;
}

// MARK: - Runs

static int run(const signature_kind *signature, const uint64_t *symbols, size_t shift) {
  int64_t shapes[MOST_ARRAYS][MOST_RANK];
  if (!output_shapes(signature, symbols, shapes)) return 0;
  owned inputs[MOST_ARRAYS], outputs[MOST_ARRAYS];
  elbow_array input_arrays[MOST_ARRAYS], output_arrays[MOST_ARRAYS];
  make_inputs(signature, symbols, shift, inputs, input_arrays);
  for (int32_t i = 0; i < signature->output_count; i++) {
    make(&outputs[i], signature->outputs[i].dtype, signature->outputs[i].rank, shapes[i], shift);
    output_arrays[i] = outputs[i].array;
  }
  const elbow_status status = library->run(model, signature->name, input_arrays, signature->input_count, output_arrays,
                                           signature->output_count);
  // Sizes that only a run refuses are those of signatures without outputs.
  CHECK(status == ELBOW_OK || (status == ELBOW_BAD_ARGUMENT && signature->output_count == 0), "%s: status %d, %s",
        signature->name, status, library->last_error(model));
  free_all(inputs, signature->input_count);
  free_all(outputs, signature->output_count);
  return status == ELBOW_OK;
}

// Whether inputs lead with the batch or do not depend on it, and outputs do not.
static int has_steps(const signature_kind *signature, uint64_t batch) {
  if (signature->symbol_count != 1) return 0;
  const uint64_t more = batch + 1;
  int64_t a[MOST_ARRAYS][MOST_RANK], b[MOST_ARRAYS][MOST_RANK];
  signature->shapes(&batch, a);
  signature->shapes(&more, b);
  for (int32_t i = 0; i < signature->input_count; i++)
    for (int32_t axis = 0; axis < signature->inputs[i].rank; axis++) {
      if (a[i][axis] == b[i][axis]) continue;
      if (axis > 0 || a[i][axis] != (int64_t)batch) return 0;
    }
  if (!output_shapes(signature, &batch, a) || !output_shapes(signature, &more, b)) return 0;
  for (int32_t i = 0; i < signature->output_count; i++)
    for (int32_t axis = 0; axis < signature->outputs[i].rank; axis++)
      if (a[i][axis] != b[i][axis]) return 0;
  return 1;
}

static int run_steps(const signature_kind *signature, int in_order) {
  enum { ROWS = 17, BATCH = 5, STEPS = 4 };
  const uint64_t rows = ROWS;
  int64_t shapes[MOST_ARRAYS][MOST_RANK];
  if (!has_steps(signature, BATCH) || !has_steps(signature, ROWS) || !output_shapes(signature, &rows, shapes)) return 0;
  owned inputs[MOST_ARRAYS], outputs[MOST_ARRAYS];
  elbow_array input_arrays[MOST_ARRAYS], output_arrays[MOST_ARRAYS];
  make_inputs(signature, &rows, 1, inputs, input_arrays);
  for (int32_t i = 0; i < signature->output_count; i++) {
    const array_kind *output = &signature->outputs[i];
    int64_t shape[MOST_RANK + 1] = {STEPS};
    memcpy(shape + 1, shapes[i], (size_t)output->rank * sizeof *shape);
    make(&outputs[i], output->dtype, output->rank + 1, shape, 0);
    output_arrays[i] = outputs[i].array;
  }
  int64_t *order = malloc(BATCH * STEPS * sizeof *order);
  for (int i = 0; i < BATCH * STEPS; i++) order[i] = (i * 7 + 3) % ROWS;
#define STEP(batch, steps)                                                                                               \
  library->run_steps(model, signature->name, input_arrays, signature->input_count, batch, steps, in_order ? NULL : order, \
                     output_arrays, signature->output_count)
  CHECK(STEP(BATCH, STEPS) == ELBOW_OK, "%s, steps: %s", signature->name, library->last_error(model));
  const int64_t wrong[] = {INT64_MIN, -1, 0, INT64_C(1) << 31, INT64_C(1) << 62, INT64_MAX};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    CHECK(STEP(wrong[i], STEPS) != ELBOW_OK, "%s: batches of %lld", signature->name, (long long)wrong[i]);
    // An order has to be as long as the caller says.
    if (in_order && signature->output_count > 0)
      CHECK(STEP(BATCH, wrong[i]) != ELBOW_OK, "%s: %lld steps", signature->name, (long long)wrong[i]);
    order[1] = wrong[i];
    CHECK(in_order || wrong[i] == 0 || STEP(BATCH, STEPS) != ELBOW_OK, "%s: row %lld", signature->name, (long long)wrong[i]);
  }
#undef STEP
  free(order);
  free_all(inputs, signature->input_count);
  free_all(outputs, signature->output_count);
  return 1;
}

// MARK: - What is refused

static void refuse(const signature_kind *signature) {
  if (signature->symbol_count == 0) return;
  const int64_t extents[] = {0, -1, INT64_C(1) << 22, INT64_C(1) << 31, INT64_C(1) << 40, (INT64_C(1) << 40) + 1,
                             INT64_C(1) << 62, INT64_MAX, INT64_MIN};
  for (size_t i = 0; i < sizeof extents / sizeof *extents; i++)
    for (int32_t large = -1; large < signature->symbol_count; large++) {
      // One symbol, or all.
      uint64_t symbols[MOST_SYMBOLS];
      for (int32_t s = 0; s < signature->symbol_count; s++) symbols[s] = large < 0 || s == large ? (uint64_t)extents[i] : 3;
      int64_t shapes[MOST_ARRAYS][MOST_RANK], results[MOST_ARRAYS][MOST_RANK] = {{0}};
      (void)output_shapes(signature, symbols, results);
      elbow_array inputs[MOST_ARRAYS], outputs[MOST_ARRAYS];
      describe_inputs(signature, symbols, shapes, inputs);
      for (int32_t k = 0; k < signature->output_count; k++)
        outputs[k] = (elbow_array){NULL, results[k], signature->outputs[k].rank, signature->outputs[k].dtype};
      // Where the sizes are possible ones, it is the missing elements that are refused.
      const elbow_status status =
          library->run(model, signature->name, inputs, signature->input_count, outputs, signature->output_count);
      CHECK(status != ELBOW_OK && library->last_error(model)[0], "%s: an extent of %lld is not refused", signature->name,
            (long long)extents[i]);
    }
}

// MARK: - Everything

// Reads every variable and writes what it was.
static void copy_state(void) {
  for (int32_t i = 0; i < variable_count; i++) {
    void *data = malloc((size_t)variables[i].byte_count);
    CHECK(library->get_state(model, variables[i].name, data, variables[i].byte_count) == ELBOW_OK, "%s: %s",
          variables[i].name, library->last_error(model));
    CHECK(library->set_state(model, variables[i].name, data, variables[i].byte_count) == ELBOW_OK, "%s: %s",
          variables[i].name, library->last_error(model));
    CHECK(library->set_state(model, variables[i].name, data, variables[i].byte_count + 1) != ELBOW_OK, "%s: a byte too many",
          variables[i].name);
    free(data);
  }
  uint64_t seed, counter;
  library->get_random_state(model, &seed, &counter);
  library->set_random_state(model, seed, counter);
}

typedef struct {
  long runs, loops, silent; // signatures none of whose sizes could be run
} counts;

static void run_all(int32_t threads, int owns_state, counts *total) {
  static const uint64_t batches[] = {1, 2, 17, 100};
  enum { BATCH_COUNT = sizeof batches / sizeof *batches };
  void *state = NULL;
  if (owns_state) {
    const size_t byte_count = (size_t)library->state_byte_count;
    CHECK(posix_memalign(&state, 64, byte_count) == 0, "no memory for the state");
    memset(state, 0, byte_count);
  }
  const elbow_options options = {.struct_size = sizeof options, .threads = threads, .seed = 5, .state = state};
  CHECK(library->create(&options, &model) == ELBOW_OK, "no model");
  CHECK(library->initialize(model, 5) == ELBOW_OK, "%s", library->last_error(model));
  for (int32_t i = 0; i < signature_count; i++) {
    const signature_kind *signature = &signatures[i];
    long runs = 0;
    for (int batch = 0; batch < BATCH_COUNT; batch++) {
      uint64_t symbols[MOST_SYMBOLS];
      for (int32_t s = 0; s < signature->symbol_count; s++) symbols[s] = batches[(batch + s) % BATCH_COUNT];
      for (size_t shift = 0; shift < 2; shift++) runs += run(signature, symbols, shift);
      if (signature->symbol_count == 0) break;
    }
    refuse(signature);
    for (int in_order = 0; in_order < 2; in_order++) total->loops += run_steps(signature, in_order);
    if (runs == 0) printf("%s was not run.\n", signature->name);
    total->runs += runs;
    total->silent += runs == 0;
  }
  copy_state();
  CHECK(library->set_threads(model, threads == 1 ? 2 : 1) == ELBOW_OK, "%s", library->last_error(model));
  library->destroy(model);
  free(state);
}

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  library = elbow_get_library();
  CHECK(library->abi_version == ELBOW_ABI_VERSION && library->struct_size == sizeof *library, "another interface");
  counts total = {0, 0, 0};
  run_all(1, 0, &total);
  run_all(3, 1, &total);
  printf("%ld runs, %ld loops, %ld signatures that no size fits\nOK\n", total.runs, total.loops, total.silent);
  return 0;
}
