// contraction.c: the contraction kernel that models are compiled with, against OpenBLAS's sgemm, on one core, for the
// products of a training step of the workloads W1 and W1b.
//
// Rounds of both alternate, and the median of each is printed, one line of JSON for each product. OpenBLAS is loaded while
// the program runs, so that its place and version are the machine's; without it the kernel is measured alone.
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "elbow_contraction.h"

enum { ROUNDS = 15 };

typedef void (*sgemm_function)(int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha,
                               const float *a, int lda, const float *b, int ldb, float beta, float *c, int ldc);
enum { ROW_MAJOR = 101, PLAIN = 111, TRANSPOSED = 112 };

// As emitted code has them: the sizes that the model fixes are constants, the batch is a variable.
#define FORWARD(IN, OUT)                                                                                     \
  static __attribute__((noinline)) void forward_##IN##_##OUT(long batch, const float *a, const float *b, float *c) { \
    el_contract_f32(batch, OUT, IN, a, IN, 1, b, OUT, c, OUT, 0, NULL, NULL, 0);                                            \
  }
// The left operand is read where it lies, transposed.
#define WEIGHTS(IN, OUT)                                                                                     \
  static __attribute__((noinline)) void weights_##IN##_##OUT(long batch, const float *a, const float *b, float *c) { \
    el_contract_f32(IN, OUT, batch, a, 1, IN, b, OUT, c, OUT, 0, NULL, NULL, 0);                                            \
  }

#define LAYERS(X) X(784, 100) X(100, 784) X(100, 2) X(2, 100) X(784, 512) X(512, 784) X(512, 20) X(20, 512)
LAYERS(FORWARD)
LAYERS(WEIGHTS)

typedef struct {
  const char *name;
  int in, out, is_weights;
  void (*run)(long batch, const float *a, const float *b, float *c);
} product;

#define FORWARD_ROW(IN, OUT) {"forward " #IN " -> " #OUT, IN, OUT, 0, forward_##IN##_##OUT},
#define WEIGHTS_ROW(IN, OUT) {"weight gradient " #IN " x " #OUT, IN, OUT, 1, weights_##IN##_##OUT},
static const product products[] = {LAYERS(FORWARD_ROW) LAYERS(WEIGHTS_ROW)};

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *times) {
  qsort(times, ROUNDS, sizeof *times, compare);
  return times[ROUNDS / 2];
}

// What the core can do: independent chains of fused multiply-adds that stay in registers.
static __attribute__((noinline)) double peak_gflops(void) {
  double best = 0;
  for (int round = 0; round < ROUNDS; round++) {
    el_f32 sum[12];
    for (int i = 0; i < 12; i++) sum[i] = el_splat_f32((float)i);
    const el_f32 factor = el_splat_f32(0.999f), term = el_splat_f32(0.001f);
    enum { STEPS = 2000000 };
    const double start = now();
    for (long step = 0; step < STEPS; step++) {
      EL_UNROLL for (int i = 0; i < 12; i++) sum[i] = sum[i] * factor + term;
#if defined(__GNUC__)
      // Kept in registers, but not computed in another way.
      __asm__ volatile("" : : : "memory");
#endif
    }
    const double time = now() - start;
    volatile float keep = 0;
    for (int i = 0; i < 12; i++) keep = keep + sum[i][0];
    const double gflops = 2.0 * 12 * EL_LANES * STEPS / time / 1e9;
    if (gflops > best) best = gflops;
  }
  return best;
}

static sgemm_function load_sgemm(void) {
  const char *const names[] = {"libopenblas.so.0", "libopenblas.so"};
  for (int i = 0; i < 2; i++) {
    void *library = dlopen(names[i], RTLD_NOW);
    if (!library) continue;
    void (*set_threads)(int);
    *(void **)(&set_threads) = dlsym(library, "openblas_set_num_threads");
    if (set_threads) set_threads(1);
    char *(*core)(void);
    *(void **)(&core) = dlsym(library, "openblas_get_corename");
    printf("{\"openblas_core\":\"%s\"}\n", core ? core() : "unknown");
    sgemm_function sgemm;
    *(void **)(&sgemm) = dlsym(library, "cblas_sgemm");
    return sgemm;
  }
  fprintf(stderr, "OpenBLAS was not found: the kernel is measured alone.\n");
  return NULL;
}

static float *numbers(long count) {
  float *values = aligned_alloc(64, ((size_t)count * sizeof(float) + 63) / 64 * 64);
  if (!values) exit(1);
  for (long i = 0; i < count; i++) values[i] = (float)((i * 7919) % 2003) / 1001.5f - 1;
  return values;
}

static void measure(const product *p, long batch, sgemm_function sgemm) {
  const long rows = p->is_weights ? p->in : batch, depth = p->is_weights ? batch : p->in;
  float *a = numbers(batch * p->in), *b = numbers(depth * p->out);
  float *c = numbers(rows * p->out), *d = numbers(rows * p->out);
  const double flops = 2.0 * (double)batch * p->in * p->out;
  const long repeats = (long)(2e7 / flops) + 1;
  double ours[ROUNDS], theirs[ROUNDS];
  for (int round = -1; round < ROUNDS; round++) {
    double start = now();
    for (long i = 0; i < repeats; i++) p->run(batch, a, b, c);
    if (round >= 0) ours[round] = (now() - start) / (double)repeats;
    if (!sgemm) continue;
    start = now();
    for (long i = 0; i < repeats; i++)
      sgemm(ROW_MAJOR, p->is_weights ? TRANSPOSED : PLAIN, PLAIN, (int)rows, p->out, (int)depth, 1, a, p->in, b, p->out, 0,
            d, p->out);
    if (round >= 0) theirs[round] = (now() - start) / (double)repeats;
  }
  const double mine = median(ours);
  printf("{\"product\":\"%s\",\"batch\":%ld,\"elbow_us\":%.2f,\"elbow_gflops\":%.1f", p->name, batch, mine * 1e6,
         flops / mine / 1e9);
  if (sgemm) {
    float worst = 0, largest = 0;
    for (long i = 0; i < rows * p->out; i++) {
      const float distance = c[i] > d[i] ? c[i] - d[i] : d[i] - c[i], size = d[i] < 0 ? -d[i] : d[i];
      if (distance > worst) worst = distance;
      if (size > largest) largest = size;
    }
    if (worst > 1e-4f * largest) {
      fprintf(stderr, "%s: results differ by %g of %g\n", p->name, worst, largest);
      exit(1);
    }
    const double other = median(theirs);
    printf(",\"openblas_us\":%.2f,\"openblas_gflops\":%.1f,\"times_as_fast\":%.2f", other * 1e6, flops / other / 1e9,
           other / mine);
  }
  printf("}\n");
  fflush(stdout);
  free(a), free(b), free(c), free(d);
}

int main(void) {
  printf("{\"lanes\":%d,\"fma_peak_gflops\":%.1f}\n", EL_LANES, peak_gflops());
  const sgemm_function sgemm = load_sgemm();
  for (size_t i = 0; i < sizeof products / sizeof *products; i++) {
    measure(&products[i], 100, sgemm);
    measure(&products[i], 256, sgemm);
  }
  return 0;
}
