import Elbow

/// How fast one thread of this machine copies, by how much memory it goes through.
enum MemoryBandwidth {
  /// Working sets that fit the first, second and last cache of common processors, and one that fits none.
  static let byteCounts = [24 << 10, 384 << 10, 1536 << 10, 4 << 20, 16 << 20, 64 << 20]

  /// Copies one half of the memory to the other, the best of several times.
  private static let source = """
    #define _GNU_SOURCE
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <time.h>
    typedef float vector __attribute__((vector_size(32), aligned(32)));

    static double now(void) {
      struct timespec t;
      clock_gettime(CLOCK_MONOTONIC, &t);
      return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
    }

    static __attribute__((noinline)) void copy(vector *restrict to, const vector *restrict from, long count) {
      for (long i = 0; i < count; i++) to[i] = from[i] * 0.5f;
    }

    int main(int count, char **arguments) {
      for (int i = 1; i < count; i++) {
        long bytes = atol(arguments[i]), half = bytes / 2 / 64 * 64;
        if (half < 64) return 1;
        char *memory = aligned_alloc(64, (size_t)(2 * half));
        if (!memory) return 1;
        memset(memory, 0, (size_t)(2 * half));
        long rounds = (1L << 25) / half + 1;
        double best = 0;
        for (int trial = 0; trial < 5; trial++) {
          double start = now();
          for (long round = 0; round < rounds; round++)
            copy((vector *)(memory + half), (const vector *)memory, half / (long)sizeof(vector));
          double rate = 2.0 * (double)half * (double)rounds / (now() - start);
          if (rate > best) best = rate;
        }
        printf("%.0f\\n", best);
        free(memory);
      }
      return 0;
    }

    """

  /// Bytes read and written a second, for each of the working sets.
  static func measure(_ options: BuildOptions) throws -> [Roofline.Level] {
    let rates = try MachineProbe.run(source, byteCounts, options, measuring: "the memory's bandwidth")
    guard rates.count == byteCounts.count else {
      throw ElbowError(.toolchain, "The measurement of the memory's bandwidth gave too few numbers.")
    }
    return zip(byteCounts, rates).map { .init(byteCount: Double($0), bytesPerSecond: $1) }
  }
}
