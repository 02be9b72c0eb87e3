import Elbow
import Foundation

/// The best that this machine could do: fused multiply-adds on registers, and nothing else.
enum FMAPeak {
  /// Twelve or 24 chains of multiply-adds, as many as hide the latency and fit the registers.
  private static let source = """
    #define _GNU_SOURCE
    #include <pthread.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <time.h>
    #if defined(__AVX512F__)
    #define LANES 16
    #define CHAINS 24
    #elif defined(__AVX__)
    #define LANES 8
    #define CHAINS 12
    #else
    #define LANES 4
    #define CHAINS 12
    #endif
    typedef float vector __attribute__((vector_size(4 * LANES)));
    static const long rounds = 3000000;

    static double now(void) {
      struct timespec t;
      clock_gettime(CLOCK_MONOTONIC, &t);
      return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
    }

    static void *work(void *argument) {
      vector sums[CHAINS], x, y;
      for (int l = 0; l < LANES; l++) { x[l] = 0.999f; y[l] = 1e-3f; }
      for (int i = 0; i < CHAINS; i++) sums[i] = x;
      for (long k = 0; k < rounds; k++)
        for (int i = 0; i < CHAINS; i++) sums[i] = sums[i] * x + y;
      float total = 0;
      for (int i = 0; i < CHAINS; i++) for (int l = 0; l < LANES; l++) total += sums[i][l];
      *(float *)argument = total;
      return NULL;
    }

    int main(int count, char **arguments) {
      int threads = count > 1 ? atoi(arguments[1]) : 1;
      if (threads < 1 || threads > 1024) return 1;
      pthread_t *others = calloc((size_t)threads, sizeof *others);
      float *totals = calloc((size_t)threads, sizeof *totals);
      double best = 0;
      for (int trial = 0; trial < 5; trial++) {
        double start = now();
        for (int i = 0; i < threads; i++) if (pthread_create(&others[i], NULL, work, &totals[i])) return 1;
        for (int i = 0; i < threads; i++) pthread_join(others[i], NULL);
        double rate = (double)threads * (double)rounds * CHAINS * LANES * 2 / (now() - start) / 1e9;
        if (rate > best) best = rate;
      }
      printf("%.3f\\n", best);
      free(others);
      free(totals);
      return 0;
    }

    """

  /// Billions of floating-point operations a second, of so many threads together.
  static func measure(threads: Int, _ options: BuildOptions) throws -> Double {
    try MachineProbe.run(source, [threads], options, measuring: "the FMA peak")[0]
  }
}
