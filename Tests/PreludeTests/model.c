// model.c: the C interface of a model that was written by hand: handles, names, arrays and sizes that are wrong are refused in
// a sentence, a forked child goes on by itself, threads that cannot be started are done without, and where there is no memory
// nothing is lost.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#ifndef ELBOW_NO_THREADS
#include <pthread.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

// Calls of the system that can fail, of which one does: the one with the number 0 when they are counted down.
static long countdown = -1;
static int fails(void) { return countdown >= 0 && countdown-- == 0; }

static void *failing_aligned_alloc(size_t alignment, size_t size) { return fails() ? NULL : aligned_alloc(alignment, size); }
#define aligned_alloc failing_aligned_alloc
#ifndef ELBOW_NO_THREADS
static int failing_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument) {
  return fails() ? 11 : pthread_create(thread, attributes, start, argument);
}
#define pthread_create failing_pthread_create
#endif

#include "elbow_steps.h"

// The address sanitizer ends a program that asks for too much, unless it is told to behave like others.
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "allocator_may_return_null=1"; }

// MARK: - The model: y = factor x + bias on as many threads as there are, and how many that were

static void affine_shape(const long *symbols, int32_t index, int64_t *extents) {
  if (index == 0 || index == 2) extents[0] = symbols[0], extents[1] = 2;
  if (index == 3) extents[0] = 1;
}

typedef struct {
  const float *x, *factor, *bias;
  float *y;
  long rows;
  int32_t counts[256];
} affine_frame;

static void affine_body(void *context, int thread, int threads) {
  affine_frame *f = (affine_frame *)context;
  f->counts[thread] = 1;
  for (long i = el_share(f->rows, 1, thread, threads); i < el_share(f->rows, 1, thread + 1, threads); i++)
    for (long j = 0; j < 2; j++) f->y[2 * i + j] = *f->factor * f->x[2 * i + j] + f->bias[j];
}

static elbow_status affine_run(elbow_model *model, const long *symbols, const void *const *inputs, void *const *outputs) {
  affine_frame frame = {.rows = symbols[0]};
  frame.x = (const float *)inputs[0];
  frame.factor = (const float *)inputs[1];
  frame.bias = (const float *)(void *)(model->state + 64);
  frame.y = (float *)outputs[0];
  // More than any machine has, for many rows.
  const elbow_status status = el_reserve(model, symbols[0] > 1000 ? SIZE_MAX - 4096 : (size_t)symbols[0] * 64, 64);
  if (status != ELBOW_OK) return status;
  if (el_team_size(model->team) > 1)
    el_team_run(model->team, affine_body, &frame);
  else
    affine_body(&frame, 0, 1);
  int32_t *count = (int32_t *)outputs[1];
  *count = 0;
  for (int i = 0; i < 256; i++) *count += frame.counts[i];
  return ELBOW_OK;
}

// factor times the sum of the rows.
static void sum_shape(const long *symbols, int32_t index, int64_t *extents) {
  if (index == 0) extents[0] = symbols[0], extents[1] = 2;
  if (index == 2) extents[0] = 2;
}

static elbow_status sum_run(elbow_model *model, const long *symbols, const void *const *inputs, void *const *outputs) {
  const elbow_status status = el_reserve(model, 8192, 8192);
  if (status != ELBOW_OK) return status;
  const float *x = (const float *)inputs[0], *factor = (const float *)inputs[1];
  float *sum = (float *)outputs[0];
  sum[0] = sum[1] = 0;
  for (long i = 0; i < 2 * symbols[0]; i++) sum[i % 2] += *factor * x[i];
  return ELBOW_OK;
}

static const float factor_default[] = {3};
static const el_parameter affine_inputs[] = {{"x", ELBOW_FLOAT32, 2, NULL}, {"factor", ELBOW_FLOAT32, 0, factor_default}};
static const el_parameter affine_outputs[] = {{"y", ELBOW_FLOAT32, 2, NULL}, {"threads", ELBOW_INT32, 1, NULL}};
static const el_symbol affine_symbols[] = {{0, 0}};
static const el_signature affine = {"affine", affine_inputs, affine_outputs, affine_symbols, 2, 2, 1, affine_shape, NULL, affine_run};
static const el_parameter sum_outputs[] = {{"sum", ELBOW_FLOAT32, 1, NULL}};
static const el_signature sum = {"sum", affine_inputs, sum_outputs, affine_symbols, 2, 1, 1, sum_shape, NULL, sum_run};
static const el_signature *const signatures[] = {&affine, &sum};
static const el_variable variables[] = {{"bias", 64, 8}};

static elbow_status first_values(elbow_model *model) {
  float *bias = (float *)(void *)(model->state + 64);
  bias[0] = 1, bias[1] = 2;
  return ELBOW_OK;
}

static const el_description description = {variables, signatures, 1, 2, 128, first_values};
static const el_description other = {variables, signatures, 1, 2, 128, first_values};

// MARK: - Checks

static int failures;

static void expect_that(int condition, const char *what, int line, const char *said) {
  if (condition) return;
  failures++;
  printf("line %d: %s; the last error is '%s'\n", line, what, said);
}
#define EXPECT(condition) expect_that(condition, #condition, __LINE__, "")
// A call that is refused with a sentence which has these words in it.
#define REFUSED(status, words)                                                                                               \
  do {                                                                                                                       \
    const elbow_status given = (status);                                                                                     \
    const char *said = el_model_last_error(&description, model);                                                             \
    expect_that(given == ELBOW_BAD_ARGUMENT && strstr(said, words), #status, __LINE__, said);                                \
  } while (0)

static elbow_model *create(int threads) {
  const elbow_options options = {.struct_size = sizeof options, .threads = threads, .seed = 7};
  elbow_model *model = NULL;
  EXPECT(el_model_create(&description, &options, &model) == ELBOW_OK && model);
  return model;
}

static void check_options(void) {
  elbow_model *model = NULL;
  elbow_options options = {.struct_size = 4};
  EXPECT(el_model_create(&description, &options, NULL) == ELBOW_BAD_ARGUMENT);
  EXPECT(el_model_create(&description, &options, &model) == ELBOW_BAD_ARGUMENT && !model);
  options = (elbow_options){.struct_size = sizeof options, .threads = -1};
  EXPECT(el_model_create(&description, &options, &model) == ELBOW_BAD_ARGUMENT && !model);
  static char block[256];
  const uintptr_t aligned = ((uintptr_t)block + 63) / 64 * 64;
  options = (elbow_options){.struct_size = sizeof options, .state = (void *)(aligned + 8)};
  EXPECT(el_model_create(&description, &options, &model) == ELBOW_BAD_ARGUMENT && !model);
  EXPECT(el_model_create(&description, NULL, &model) == ELBOW_OK);
  el_model_destroy(&description, model);
}

// Every function, with a handle that is none.
static void check_handle(elbow_model *model, const char *words) {
  float x[2] = {1, 1}, y[2];
  int32_t threads;
  const long symbols[] = {1};
  const void *inputs[] = {x, NULL};
  void *const outputs[] = {y, &threads};
  uint64_t seed = 1, counter = 1;
  int64_t shape[2];
  REFUSED(el_call(&description, model, &affine, symbols, inputs, outputs), words);
  REFUSED(el_model_run(&description, model, "affine", NULL, 0, NULL, 0), words);
  REFUSED(el_model_run_steps(&description, model, "affine", NULL, 0, 1, 1, NULL, NULL, 0), words);
  REFUSED(el_model_output_shape(&description, model, "affine", NULL, 0, 0, shape, 2), words);
  REFUSED(el_model_initialize(&description, model, 1), words);
  REFUSED(el_model_get_state(&description, model, "bias", y, 8), words);
  REFUSED(el_model_set_state(&description, model, "bias", y, 8), words);
  REFUSED(el_model_set_threads(&description, model, 2), words);
  el_model_set_random_state(&description, model, 1, 1);
  el_model_get_random_state(&description, model, &seed, &counter);
  EXPECT(seed == 0 && counter == 0);
  el_model_destroy(&description, model);
}

static void check_calls(void) {
  elbow_model *model = create(1);
  float x[] = {1, 2, 3, 4}, y[4] = {0};
  int32_t threads = 0;
  long symbols[] = {2};
  const void *inputs[] = {x, NULL};
  void *outputs[] = {y, &threads};
  EXPECT(el_call(&description, model, &affine, symbols, inputs, outputs) == ELBOW_OK);
  EXPECT(y[0] == 4 && y[1] == 8 && y[2] == 10 && y[3] == 14 && threads == 1);
  const int64_t sizes[] = {0, -1, INT64_C(-4611686018427387904), EL_LARGEST_EXTENT + 1};
  for (int i = 0; i < 4; i++) {
    symbols[0] = (long)sizes[i];
    if (symbols[0] != sizes[i]) continue;
    REFUSED(el_call(&description, model, &affine, symbols, inputs, outputs), "Axis 0 of the input 'x' has the extent");
  }
  symbols[0] = 2;
  inputs[0] = NULL;
  REFUSED(el_call(&description, model, &affine, symbols, inputs, outputs), "The input 'x' of 'affine' is NULL");
  inputs[0] = x;
  outputs[1] = NULL;
  REFUSED(el_call(&description, model, &affine, symbols, inputs, outputs), "The output 'threads' of 'affine' is NULL");
  // A handle can be used on after an error.
  outputs[1] = &threads;
  EXPECT(el_call(&description, model, &affine, symbols, inputs, outputs) == ELBOW_OK && y[3] == 14);
  // A batch whose memory is not there.
  symbols[0] = (long)EL_LARGEST_EXTENT;
  EXPECT(el_call(&description, model, &affine, symbols, inputs, outputs) == ELBOW_OUT_OF_MEMORY);
  EXPECT(strstr(el_model_last_error(&description, model), "There is no memory for") != NULL);
  symbols[0] = 2;
  EXPECT(el_call(&description, model, &affine, symbols, inputs, outputs) == ELBOW_OK && y[3] == 14);
  el_model_destroy(&description, model);
}

static void check_arrays(void) {
  elbow_model *model = create(1);
  float x[] = {1, 2, 3, 4}, y[4] = {0};
  int32_t threads = 0;
  int64_t shape[] = {2, 2}, one[] = {1}, found[2];
  elbow_array inputs[] = {{x, shape, 2, ELBOW_FLOAT32}, {NULL, NULL, 0, ELBOW_FLOAT32}};
  elbow_array outputs[] = {{y, shape, 2, ELBOW_FLOAT32}, {&threads, one, 1, ELBOW_INT32}};
#define RUN() el_model_run(&description, model, "affine", inputs, 2, outputs, 2)
  EXPECT(RUN() == ELBOW_OK && y[3] == 14);
  EXPECT(el_model_run(&description, model, "none", inputs, 2, outputs, 2) == ELBOW_NOT_FOUND);
  REFUSED(el_model_run(&description, model, NULL, inputs, 2, outputs, 2), "name is NULL");
  REFUSED(el_model_run(&description, model, "affine", NULL, 2, outputs, 2), "inputs of 'affine' are NULL");
  REFUSED(el_model_run(&description, model, "affine", inputs, 2, NULL, 2), "outputs of 'affine' are NULL");
  REFUSED(el_model_run(&description, model, "affine", inputs, -1, outputs, 2), "takes 2 inputs, not -1");
  REFUSED(el_model_run(&description, model, "affine", inputs, 2, outputs, 1), "gives 2 outputs, not 1");
  const int64_t sizes[] = {0, -1, INT64_MIN, EL_LARGEST_EXTENT + 1, INT64_MAX};
  for (int i = 0; i < 5; i++) {
    shape[0] = sizes[i];
    REFUSED(RUN(), "Axis 0 of the input 'x' has the extent");
  }
  shape[0] = 2;
  inputs[0].shape = NULL;
  REFUSED(RUN(), "The shape of the input 'x' of 'affine' is NULL");
  inputs[0].shape = shape;
  inputs[0].data = NULL;
  REFUSED(RUN(), "The input 'x' of 'affine' is NULL");
  inputs[0].data = x;
  outputs[0].shape = NULL;
  REFUSED(RUN(), "does not fit");
  outputs[0].shape = shape;
  outputs[0].data = NULL;
  REFUSED(RUN(), "The output 'y' of 'affine' is NULL");
  outputs[0].data = y;
  EXPECT(el_model_output_shape(&description, model, "affine", inputs, 2, 0, found, 2) == ELBOW_OK && found[0] == 2);
  REFUSED(el_model_output_shape(&description, model, "affine", inputs, 2, 0, NULL, 2), "is NULL");
  REFUSED(el_model_output_shape(&description, model, "affine", inputs, 2, 2, found, 2), "has no output 2");
  REFUSED(el_model_output_shape(&description, model, "affine", inputs, 2, 0, found, 1), "of rank 1 or less");
  REFUSED(el_model_get_state(&description, model, "bias", NULL, 8), "data is NULL");
  REFUSED(el_model_set_state(&description, model, NULL, y, 8), "name is NULL");
  REFUSED(el_model_get_state(&description, model, "bias", y, 4), "takes 8 bytes, not 4");
  EXPECT(el_model_get_state(&description, model, "none", y, 8) == ELBOW_NOT_FOUND);
  REFUSED(el_model_set_threads(&description, model, -3), "negative");
#define STEPS(batch, steps, order, outputs)                                                                                  \
  el_model_run_steps(&description, model, "affine", inputs, 2, batch, steps, order, outputs, 2)
  REFUSED(STEPS(1, 2, NULL, NULL), "outputs of 'affine' are NULL");
  const int64_t batches[] = {0, -1, INT64_C(2147483648), INT64_MAX};
  for (int i = 0; i < 4; i++) REFUSED(STEPS(batches[i], 1, NULL, outputs), "cannot be taken from 2 rows");
  REFUSED(STEPS(1, 0, NULL, outputs), "0 steps");
  REFUSED(STEPS(1, INT64_MAX, NULL, outputs), "cannot be taken from 2 rows");
  const int64_t order[] = {0, 2};
  REFUSED(STEPS(1, 2, order, outputs), "The order names row 2 of 2");
  REFUSED(STEPS(1, 2, NULL, outputs), "depends on the batch");
  el_model_destroy(&description, model);
}

// How many threads a run of 64 rows takes; 0 if it went wrong.
static int32_t threads_of_run(elbow_model *model) {
  float x[128], y[128];
  for (int i = 0; i < 128; i++) x[i] = (float)i;
  int32_t threads = 0;
  const long symbols[] = {64};
  const void *inputs[] = {x, NULL};
  void *const outputs[] = {y, &threads};
  if (el_call(&description, model, &affine, symbols, inputs, outputs) != ELBOW_OK) return 0;
  for (int i = 0; i < 128; i++)
    if (y[i] != (float)(3 * i + 1 + i % 2)) return 0;
  return threads;
}

// What may come of a call when something fails.
static int is_told(elbow_model *model, elbow_status status) {
  return status == ELBOW_OK || (status == ELBOW_OUT_OF_MEMORY &&
                                strstr(el_model_last_error(&description, model), "There is no memory for") != NULL);
}

// A model is made, run, given other threads and run in steps, and each time another allocation or thread fails, until none does.
static void check_faults(void) {
  long failure = 0;
  for (int is_done = 0; !is_done && failure < 1000; failure++) {
    elbow_model *model = NULL;
    const elbow_options options = {.struct_size = sizeof options, .threads = 3, .seed = 7};
    countdown = failure;
    const elbow_status made = el_model_create(&description, &options, &model);
    EXPECT(made == ELBOW_OK ? model != NULL : made == ELBOW_OUT_OF_MEMORY && !model);
    if (!model) continue;
    float bias[2] = {0}, data[8] = {0}, batch[8] = {0};
    int32_t threads = 0;
    const long symbols[] = {4};
    const void *inputs[] = {data, NULL};
    void *const outputs[] = {batch, &threads};
    EXPECT(is_told(model, el_call(&description, model, &affine, symbols, inputs, outputs)));
    EXPECT(is_told(model, el_model_set_threads(&description, model, 2)));
    const int64_t order[] = {3, 1}, data_shape[] = {4, 2}, sums_shape[] = {2, 2};
    const elbow_array arrays[] = {{data, data_shape, 2, ELBOW_FLOAT32}, {NULL, NULL, 0, ELBOW_FLOAT32}};
    elbow_array sums[] = {{batch, sums_shape, 2, ELBOW_FLOAT32}};
    EXPECT(is_told(model, el_model_run_steps(&description, model, "sum", arrays, 2, 1, 2, order, sums, 1)));
    is_done = countdown >= 0;
    countdown = -1;
    // Whatever failed, the model is what it was, and works.
    EXPECT(el_model_get_state(&description, model, "bias", bias, 8) == ELBOW_OK && bias[0] == 1 && bias[1] == 2);
    EXPECT(threads_of_run(model) >= 1);
    el_model_destroy(&description, model);
  }
  // All of the handle, the state, the team and its workers, working memory and the batch of steps.
  EXPECT(failure > 8);
}

#ifndef ELBOW_NO_THREADS

// The child ends by itself, or is ended after ten seconds.
static int child_status(pid_t child) {
  int status = 0;
  for (int i = 0; i < 1000; i++) {
    if (waitpid(child, &status, WNOHANG) == child) return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    usleep(10000);
  }
  kill(child, SIGKILL);
  waitpid(child, &status, 0);
  return -2;
}

static void check_fork(void) {
  elbow_model *model = create(3);
  EXPECT(threads_of_run(model) == 3);
  for (int round = 0; round < 3; round++) {
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
      int wrong = 0;
      if (round == 0) wrong += threads_of_run(model) != 1;
      // New threads where they are wished for.
      if (round == 1) wrong += el_model_set_threads(&description, model, 3) != ELBOW_OK || threads_of_run(model) != 3;
      el_model_destroy(&description, model);
      _exit(wrong);
    }
    EXPECT(child_status(child) == 0);
    EXPECT(threads_of_run(model) == 3);
  }
  el_model_destroy(&description, model);
}

// As many threads as the system lets start. Root is not held to the limit, so this is a user's process.
static void check_refused_threads(void) {
  fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    const struct rlimit none = {0, 0};
    if (geteuid() == 0 && setuid(65534) != 0) _exit(0);
    if (setrlimit(RLIMIT_NPROC, &none) != 0) _exit(0);
    elbow_model *model = create(4);
    const int32_t threads = threads_of_run(model);
    el_model_destroy(&description, model);
    _exit(threads != 1 || failures != 0);
  }
  EXPECT(child_status(child) == 0);
}

#endif

int main(void) {
  elbow_model *model = NULL;
  check_options();
  check_handle(NULL, "The handle is NULL.");
  EXPECT(el_model_create(&other, NULL, &model) == ELBOW_OK);
  check_handle(model, "The handle is another model's.");
  el_model_destroy(&other, model);
  // What is left of a destroyed handle, as long as its memory is not used again.
  static elbow_model destroyed;
  check_handle(&destroyed, "The handle has been destroyed, or was never made.");
  check_calls();
  check_arrays();
  check_faults();
#ifndef ELBOW_NO_THREADS
  check_fork();
  check_refused_threads();
#endif
  return failures != 0;
}
