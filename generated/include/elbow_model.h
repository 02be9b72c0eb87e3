// elbow_model.h: what every compiled model does alike behind its C interface: handles, state, threads, working memory, and
// the checks of what a caller passes. The emitted code describes the model in tables; nothing here is writable but handles.
#ifndef ELBOW_MODEL_H
#define ELBOW_MODEL_H

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "elbow.h"
#include "elbow_threads.h"

#define EL_MODEL static inline __attribute__((unused))

// The largest rank and number of symbols that any signature has.
enum { EL_LARGEST_RANK = 32, EL_LARGEST_SYMBOLS = 16 };

// The largest extent of an axis, so that the sizes made of it do not overflow: rows of 512 bytes where a long has 32 bits.
#if LONG_MAX > INT32_MAX
#define EL_LARGEST_EXTENT (INT64_C(1) << 40)
#else
#define EL_LARGEST_EXTENT (INT64_C(1) << 22)
#endif

// The largest size in bytes, and the largest number that indices are computed of: exact as a double, and with room in a long for
// what rounding up to tiles and lines adds.
#if LONG_MAX > INT32_MAX
#define EL_LARGEST_SIZE 0x1p53
#else
#define EL_LARGEST_SIZE 0x1.fp30
#endif

typedef struct el_variable {
  const char *name;
  uint64_t offset, byte_count; // within the state
} el_variable;

typedef struct el_parameter {
  const char *name;
  int32_t dtype, rank;
  const void *fallback; // the value where none is given; NULL for none
} el_parameter;

typedef struct el_symbol {
  int32_t input, axis; // the extent that gives the symbol its value
} el_symbol;

typedef struct el_signature {
  const char *name;
  const el_parameter *inputs, *outputs;
  const el_symbol *symbols;
  int32_t input_count, output_count, symbol_count;
  // The extents of inputs and, numbered after them, of outputs, for given values of the symbols.
  void (*shape)(const long *symbols, int32_t index, int64_t *extents);
  // Refuses values of the symbols that sizes cannot be computed of; NULL where there are none. Runs do so too.
  elbow_status (*check)(elbow_model *model, const long *symbols);
  elbow_status (*run)(elbow_model *model, const long *symbols, const void *const *inputs, void *const *outputs);
} el_signature;

typedef struct el_description {
  const el_variable *variables;
  const el_signature *const *signatures;
  int32_t variable_count, signature_count;
  uint64_t state_byte_count;
  elbow_status (*initialize)(elbow_model *model); // gives every variable its first value
} el_description;

// The head of the state; the variables follow.
typedef struct el_random_state {
  uint64_t seed, counter;
} el_random_state;

// The first number of every handle, until it is destroyed.
#define EL_MODEL_MAGIC UINT64_C(0x6c65646f6d776f62)

struct elbow_model {
  uint64_t magic;
  const el_description *description;
  char *state, *owned_state;
  el_team *team;
  char *arena, *tiles;
  size_t arena_byte_count, tile_byte_count; // of all threads
  char *gathered;                           // the batch of a step, when a data set's rows are taken in some order
  size_t gathered_byte_count;
  int failed_node;                          // of a check-numerics build: the first operation that went wrong, or -1
  char error[512];
};

EL_MODEL elbow_status el_fail(elbow_model *model, elbow_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
EL_MODEL elbow_status el_fail(elbow_model *model, elbow_status status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(model->error, sizeof model->error, format, arguments);
  va_end(arguments);
  return status;
}

// Why a handle is not one of the model's, in a sentence; NULL where it is. One that was destroyed is told only as long as
// nothing else lies where it was.
EL_MODEL const char *el_handle_mistake(const el_description *description, const elbow_model *model) {
  if (!model) return "The handle is NULL.";
  if (model->magic != EL_MODEL_MAGIC) return "The handle has been destroyed, or was never made.";
  if (model->description != description) return "The handle is another model's.";
  return NULL;
}

EL_MODEL int el_is_handle(const el_description *description, const elbow_model *model) {
  return !el_handle_mistake(description, model);
}

EL_MODEL void el_model_destroy(const el_description *description, elbow_model *model) {
  if (!el_is_handle(description, model)) return;
  model->magic = 0;
  if (model->team) el_team_destroy(model->team);
  el_free(model->arena);
  el_free(model->tiles);
  el_free(model->gathered);
  el_free(model->owned_state);
  el_free(model);
}

EL_MODEL int el_thread_count(int32_t wish) {
#ifdef ELBOW_NO_THREADS
  (void)wish;
  return 1;
#elif !defined(_SC_NPROCESSORS_ONLN)
  return wish < 1 ? 1 : wish > 256 ? 256 : wish;
#else
  if (wish > 0) return wish > 256 ? 256 : wish;
  const long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online < 1 ? 1 : online > 256 ? 256 : (int)online;
#endif
}

EL_MODEL elbow_status el_model_set_threads(const el_description *description, elbow_model *model, int32_t threads) {
  if (!el_is_handle(description, model)) return ELBOW_BAD_ARGUMENT;
  if (threads < 0) return el_fail(model, ELBOW_BAD_ARGUMENT, "The number of threads, %d, is negative.", (int)threads);
  const int wish = el_thread_count(threads);
  if (model->team && el_team_size(model->team) == wish) return ELBOW_OK;
  el_team *team = el_team_create(wish);
  if (!team) return el_fail(model, ELBOW_OUT_OF_MEMORY, "There is no memory for %d threads.", wish);
  if (model->team) el_team_destroy(model->team);
  model->team = team;
  return ELBOW_OK;
}

EL_MODEL el_random_state *el_random(const elbow_model *model) { return (el_random_state *)(void *)model->state; }

EL_MODEL void el_model_get_random_state(const el_description *description, elbow_model *model, uint64_t *seed,
                                        uint64_t *counter) {
  const el_random_state random = el_is_handle(description, model) ? *el_random(model) : (el_random_state){0, 0};
  if (seed) *seed = random.seed;
  if (counter) *counter = random.counter;
}

EL_MODEL void el_model_set_random_state(const el_description *description, elbow_model *model, uint64_t seed,
                                        uint64_t counter) {
  if (el_is_handle(description, model)) *el_random(model) = (el_random_state){seed, counter};
}

EL_MODEL elbow_status el_model_initialize(const el_description *description, elbow_model *model, uint64_t seed) {
  if (!el_is_handle(description, model)) return ELBOW_BAD_ARGUMENT;
  memset(model->state, 0, (size_t)description->state_byte_count);
  *el_random(model) = (el_random_state){seed, 0};
  const elbow_status status = description->initialize(model);
  *el_random(model) = (el_random_state){seed, 0};
  return status;
}

EL_MODEL elbow_status el_model_create(const el_description *description, const elbow_options *options,
                                      elbow_model **result) {
  if (!result) return ELBOW_BAD_ARGUMENT;
  *result = NULL;
  elbow_options chosen = {.struct_size = sizeof(elbow_options)};
  if (options) {
    if (options->struct_size < sizeof(elbow_options)) return ELBOW_BAD_ARGUMENT;
    chosen = *options;
  }
  if ((uintptr_t)chosen.state % 64 != 0) return ELBOW_BAD_ARGUMENT;
  elbow_model *model = (elbow_model *)el_allocate(sizeof *model);
  if (!model) return ELBOW_OUT_OF_MEMORY;
  model->magic = EL_MODEL_MAGIC;
  model->description = description;
  model->failed_node = -1;
  model->state = (char *)chosen.state;
  const size_t byte_count = (size_t)description->state_byte_count;
  if (!model->state && byte_count == description->state_byte_count)
    model->state = model->owned_state = (char *)el_allocate(byte_count);
  elbow_status status = model->state ? el_model_set_threads(description, model, chosen.threads) : ELBOW_OUT_OF_MEMORY;
  if (status == ELBOW_OK && model->owned_state) status = el_model_initialize(description, model, chosen.seed);
  if (status != ELBOW_OK) {
    el_model_destroy(description, model);
    return status;
  }
  *result = model;
  return ELBOW_OK;
}

EL_MODEL const char *el_model_last_error(const el_description *description, const elbow_model *model) {
  const char *mistake = el_handle_mistake(description, model);
  return mistake ? mistake : model->error;
}

// A variable of that name and size, whose elements are at `data`.
EL_MODEL const el_variable *el_find_variable(const el_description *description, elbow_model *model, const char *name,
                                             const void *data, uint64_t byte_count, elbow_status *status) {
  *status = ELBOW_BAD_ARGUMENT;
  if (!el_is_handle(description, model)) return NULL;
  if (!name || (!data && byte_count > 0)) {
    el_fail(model, ELBOW_BAD_ARGUMENT, "The variable's %s is NULL.", name ? "data" : "name");
    return NULL;
  }
  for (int32_t i = 0; i < description->variable_count; ++i) {
    const el_variable *variable = &description->variables[i];
    if (strcmp(variable->name, name) != 0) continue;
    *status = ELBOW_OK;
    if (variable->byte_count != byte_count)
      *status = el_fail(model, ELBOW_BAD_ARGUMENT, "The variable '%s' takes %llu bytes, not %llu.", name,
                        (unsigned long long)variable->byte_count, (unsigned long long)byte_count);
    return variable;
  }
  *status = el_fail(model, ELBOW_NOT_FOUND, "There is no variable '%s'.", name);
  return NULL;
}

EL_MODEL elbow_status el_model_get_state(const el_description *description, elbow_model *model, const char *name, void *data,
                                         uint64_t byte_count) {
  elbow_status status;
  const el_variable *variable = el_find_variable(description, model, name, data, byte_count, &status);
  if (status == ELBOW_OK && byte_count) memcpy(data, model->state + variable->offset, (size_t)byte_count);
  return status;
}

EL_MODEL elbow_status el_model_set_state(const el_description *description, elbow_model *model, const char *name,
                                         const void *data, uint64_t byte_count) {
  elbow_status status;
  const el_variable *variable = el_find_variable(description, model, name, data, byte_count, &status);
  if (status == ELBOW_OK && byte_count) memcpy(model->state + variable->offset, data, (size_t)byte_count);
  return status;
}

EL_MODEL const el_signature *el_find_signature(const el_description *description, elbow_model *model, const char *name,
                                               elbow_status *status) {
  *status = ELBOW_BAD_ARGUMENT;
  if (!el_is_handle(description, model)) return NULL;
  if (!name) {
    el_fail(model, ELBOW_BAD_ARGUMENT, "The signature's name is NULL.");
    return NULL;
  }
  *status = ELBOW_OK;
  for (int32_t i = 0; i < description->signature_count; ++i)
    if (strcmp(description->signatures[i]->name, name) == 0) return description->signatures[i];
  *status = el_fail(model, ELBOW_NOT_FOUND, "There is no signature '%s'.", name);
  return NULL;
}

// Checks the extents that the symbols stand for.
EL_MODEL elbow_status el_check_symbols(elbow_model *model, const el_signature *signature, const long *symbols) {
  for (int32_t i = 0; i < signature->symbol_count; ++i) {
    const el_symbol *symbol = &signature->symbols[i];
    if (symbols[i] < 1 || symbols[i] > EL_LARGEST_EXTENT)
      return el_fail(model, ELBOW_BAD_ARGUMENT, "Axis %d of the input '%s' has the extent %ld, which is not from 1 to %lld.",
                     (int)symbol->axis, signature->inputs[symbol->input].name, symbols[i], (long long)EL_LARGEST_EXTENT);
  }
  return ELBOW_OK;
}

// Finds the values of the symbols and checks every input against them.
EL_MODEL elbow_status el_bind(elbow_model *model, const el_signature *signature, const elbow_array *inputs, int32_t count,
                              long *symbols) {
  if (count != signature->input_count)
    return el_fail(model, ELBOW_BAD_ARGUMENT, "'%s' takes %d inputs, not %d.", signature->name, (int)signature->input_count,
                   (int)count);
  if (count > 0 && !inputs) return el_fail(model, ELBOW_BAD_ARGUMENT, "The inputs of '%s' are NULL.", signature->name);
  for (int32_t i = 0; i < count; ++i) {
    const el_parameter *input = &signature->inputs[i];
    if (inputs[i].rank > 0 && !inputs[i].shape)
      return el_fail(model, ELBOW_BAD_ARGUMENT, "The shape of the input '%s' of '%s' is NULL.", input->name, signature->name);
    if (inputs[i].rank != input->rank || inputs[i].dtype != input->dtype)
      return el_fail(model, ELBOW_BAD_ARGUMENT, "The input '%s' of '%s' has rank %d and dtype %d, not %d and %d.", input->name,
                     signature->name, (int)input->rank, (int)input->dtype, (int)inputs[i].rank, (int)inputs[i].dtype);
  }
  for (int32_t i = 0; i < signature->symbol_count; ++i) {
    const int64_t extent = inputs[signature->symbols[i].input].shape[signature->symbols[i].axis];
    // A long may be shorter; what does not fit is too large for either.
    symbols[i] = extent > EL_LARGEST_EXTENT ? (long)EL_LARGEST_EXTENT + 1 : extent < 0 ? -1 : (long)extent;
  }
  const elbow_status status = el_check_symbols(model, signature, symbols);
  if (status != ELBOW_OK) return status;
  for (int32_t i = 0; i < count; ++i) {
    int64_t extents[EL_LARGEST_RANK];
    signature->shape(symbols, i, extents);
    for (int32_t axis = 0; axis < inputs[i].rank; ++axis)
      if (inputs[i].shape[axis] != extents[axis])
        return el_fail(model, ELBOW_BAD_ARGUMENT, "Axis %d of the input '%s' has the extent %lld, but must have %lld.",
                       (int)axis, signature->inputs[i].name, (long long)inputs[i].shape[axis], (long long)extents[axis]);
  }
  return ELBOW_OK;
}

EL_MODEL elbow_status el_model_output_shape(const el_description *description, elbow_model *model, const char *name,
                                            const elbow_array *inputs, int32_t count, int32_t index, int64_t *shape,
                                            int32_t capacity) {
  elbow_status status;
  const el_signature *signature = el_find_signature(description, model, name, &status);
  if (!signature) return status;
  if (index < 0 || index >= signature->output_count || capacity < signature->outputs[index].rank)
    return el_fail(model, ELBOW_BAD_ARGUMENT, "'%s' has no output %d of rank %d or less.", name, (int)index, (int)capacity);
  if (!shape && signature->outputs[index].rank > 0)
    return el_fail(model, ELBOW_BAD_ARGUMENT, "The place for the shape of output %d of '%s' is NULL.", (int)index, name);
  long symbols[EL_LARGEST_SYMBOLS];
  status = el_bind(model, signature, inputs, count, symbols);
  if (status == ELBOW_OK && signature->check) status = signature->check(model, symbols);
  if (status == ELBOW_OK) signature->shape(symbols, signature->input_count + index, shape);
  return status;
}

// Runs a signature on arrays whose shapes follow from the symbols. Inputs that are NULL are given their default values.
EL_MODEL elbow_status el_run(elbow_model *model, const el_signature *signature, const long *symbols, const void **inputs,
                             void *const *outputs) {
  for (int32_t i = 0; i < signature->input_count; ++i) {
    if (!inputs[i]) inputs[i] = signature->inputs[i].fallback;
    if (!inputs[i])
      return el_fail(model, ELBOW_BAD_ARGUMENT, "The input '%s' of '%s' is NULL and has no default value.",
                     signature->inputs[i].name, signature->name);
  }
  for (int32_t i = 0; i < signature->output_count; ++i)
    if (!outputs[i])
      return el_fail(model, ELBOW_BAD_ARGUMENT, "The output '%s' of '%s' is NULL.", signature->outputs[i].name,
                     signature->name);
  return signature->run(model, symbols, inputs, outputs);
}

// What a signature's own function does.
EL_MODEL elbow_status el_call(const el_description *description, elbow_model *model, const el_signature *signature,
                              const long *symbols, const void **inputs, void *const *outputs) {
  if (!el_is_handle(description, model)) return ELBOW_BAD_ARGUMENT;
  const elbow_status status = el_check_symbols(model, signature, symbols);
  return status == ELBOW_OK ? el_run(model, signature, symbols, inputs, outputs) : status;
}

EL_MODEL elbow_status el_model_run(const el_description *description, elbow_model *model, const char *name,
                                   const elbow_array *inputs, int32_t input_count, elbow_array *outputs,
                                   int32_t output_count) {
  enum { EL_LARGEST_COUNT = 1024 };
  elbow_status status;
  const el_signature *signature = el_find_signature(description, model, name, &status);
  if (!signature) return status;
  long symbols[EL_LARGEST_SYMBOLS];
  status = el_bind(model, signature, inputs, input_count, symbols);
  if (status != ELBOW_OK) return status;
  if (output_count != signature->output_count || input_count > EL_LARGEST_COUNT || output_count > EL_LARGEST_COUNT)
    return el_fail(model, ELBOW_BAD_ARGUMENT, "'%s' gives %d outputs, not %d.", name, (int)signature->output_count,
                   (int)output_count);
  if (output_count > 0 && !outputs) return el_fail(model, ELBOW_BAD_ARGUMENT, "The outputs of '%s' are NULL.", name);
  const void *sources[EL_LARGEST_COUNT];
  void *targets[EL_LARGEST_COUNT];
  for (int32_t i = 0; i < input_count; ++i) sources[i] = inputs[i].data;
  for (int32_t i = 0; i < output_count; ++i) {
    const el_parameter *output = &signature->outputs[i];
    int64_t extents[EL_LARGEST_RANK];
    signature->shape(symbols, input_count + i, extents);
    int fits = outputs[i].rank == output->rank && outputs[i].dtype == output->dtype && (outputs[i].shape || !output->rank);
    for (int32_t axis = 0; fits && axis < output->rank; ++axis) fits = outputs[i].shape[axis] == extents[axis];
    if (!fits) return el_fail(model, ELBOW_BAD_ARGUMENT, "The array for the output '%s' of '%s' does not fit.", output->name, name);
    targets[i] = outputs[i].data;
  }
  return el_run(model, signature, symbols, sources, targets);
}

// Working memory of at least these sizes; what was there is lost.
EL_MODEL elbow_status el_reserve(elbow_model *model, size_t arena, size_t tiles) {
  if (arena > model->arena_byte_count) {
    el_free(model->arena);
    model->arena = (char *)el_allocate(arena);
    model->arena_byte_count = model->arena ? arena : 0;
  }
  if (tiles > model->tile_byte_count) {
    el_free(model->tiles);
    model->tiles = (char *)el_allocate(tiles);
    model->tile_byte_count = model->tiles ? tiles : 0;
  }
  if (arena > model->arena_byte_count || tiles > model->tile_byte_count)
    return el_fail(model, ELBOW_OUT_OF_MEMORY, "There is no memory for %zu bytes to work in.", arena + tiles);
  return ELBOW_OK;
}

// Sizes of memory; what is more than there can be stays more than there can be.
EL_MODEL size_t el_bytes_sum(size_t a, size_t b) { return a + b < a ? SIZE_MAX : a + b; }
EL_MODEL size_t el_bytes_product(size_t a, size_t b) { return b && a > SIZE_MAX / b ? SIZE_MAX : a * b; }
EL_MODEL size_t el_align(int64_t bytes) {
  const uint64_t size = ((uint64_t)bytes + 63) / 64 * 64;
  return size > SIZE_MAX ? SIZE_MAX : (size_t)size;
}

// whole * part / parts, where the product may be more than a long holds; part is from 0 to parts.
EL_MODEL long el_part(long whole, long part, long parts) {
  long product;
  if (!__builtin_mul_overflow(whole, part, &product)) return product / parts;
#ifdef __SIZEOF_INT128__
  __extension__ typedef __int128 wide;
  return (long)((wide)whole * part / parts);
#else
  return (long)((int64_t)whole * part / parts);
#endif
}

// Where the share of a thread begins when `extent` steps are divided in multiples of `grain`.
EL_MODEL long el_share(long extent, long grain, int thread, int threads) {
  const long at = el_part((extent + grain - 1) / grain, thread, threads) * grain;
  return at < extent ? at : extent;
}

// How many slices a batch is cut into for sums over it, each of at least `least` rows.
EL_MODEL long el_slice_count(long rows, long least, long most) {
  const long slices = (rows + least - 1) / least;
  return slices < 1 ? 1 : slices > most ? most : slices;
}

EL_MODEL int64_t el_larger(int64_t a, int64_t b) { return a > b ? a : b; }
EL_MODEL long el_smaller(long a, long b) { return a < b ? a : b; }

// Division that rounds down; the divisor is positive.
EL_MODEL long el_floor_quotient(long a, long b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }
EL_MODEL long el_floor_remainder(long a, long b) { return a - el_floor_quotient(a, b) * b; }

// How many tiles of at most `largest` rows a batch is cut into: a multiple of the threads where it is long enough.
EL_MODEL long el_tile_count(long rows, long largest, int threads) {
  long tiles = (rows + largest - 1) / largest;
  if (rows >= 8L * threads) tiles = (tiles + threads - 1) / threads * threads;
  return tiles < 1 ? 1 : tiles;
}

#endif
