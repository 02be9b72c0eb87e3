// elbow_winograd.h: convolutions with fewer multiplications than they have products, in float32.
//
// A sum of `taps` products for each of `outputs` neighbours, y[p] = sum over u of x[p + u] * g[u], has as many products in it
// as the product of two polynomials, and like that it needs only outputs + taps - 1 multiplications once both are known at so
// many points (Toom and Cook; Winograd, Arithmetic Complexity of Computations, 1980; Lavin and Gray, Fast Algorithms for
// Convolutional Neural Networks, 2016). The points are 0, 1, -1, 2, -2 and infinity, or these and 1/2, -1/2: along each axis
// so many inputs as there are points give points + 1 - taps outputs. In two dimensions a patch of 8 x 8 takes 64 products for
// each pair of channels, and each of the 64 is a product of matrices over many patches and all channels.
//
// With a stride, the inputs that meet every other place of the kernel are an image of their own, a phase: a convolution of
// stride 2 is one of stride 1 over four times as many channels, whose kernels are half as high and wide.
//
// The rounding error is about six times that of adding up the products themselves, 2 to 3e-6 of the result's standard
// deviation. It depends on nothing but the patch: results are the same however images are divided among tiles and threads. Sums
// over images are brought back from the points for EL_WINOGRAD_IMAGES at a time, of which a tile has a multiple.
#ifndef ELBOW_WINOGRAD_H
#define ELBOW_WINOGRAD_H

#include "elbow_contraction.h"
#include "elbow_math.h"

#define EL_MOST_POINTS 8
// The images whose gradient by the kernel is summed up at the points. The number is part of what a program computes.
#define EL_WINOGRAD_IMAGES 8

// The numbers between matrices of neighbouring products: a line more, lest all of them fall into the same set of the cache.
EL_INLINE long el_winograd_pitch(long count) { return (count + 15) / 16 * 16 + 16; }

// MARK: - One axis

// Six or eight inputs at as many points, up to the factors that el_winograd_taps has.
EL_INLINE void el_winograd_inputs(const int points, el_f32 x[EL_MOST_POINTS]) {
  if (points == 6) {
    const el_f32 even1 = el_axpy_f32(-4.0f, x[2], x[4]), odd1 = el_axpy_f32(-4.0f, x[1], x[3]);
    const el_f32 even2 = x[4] - x[2], odd2 = 2.0f * (x[3] - x[1]);
    x[0] = el_axpy_f32(4.0f, x[0], el_axpy_f32(-5.0f, x[2], x[4]));
    x[5] = el_axpy_f32(4.0f, x[1], el_axpy_f32(-5.0f, x[3], x[5]));
    x[1] = even1 + odd1, x[2] = even1 - odd1;
    x[3] = even2 + odd2, x[4] = even2 - odd2;
    return;
  }
  const el_f32 even1 = el_axpy_f32(-4.25f, x[4], x[2] + x[6]), odd1 = el_axpy_f32(-4.25f, x[3], x[1] + x[5]);
  const el_f32 even2 = el_axpy_f32(-1.25f, x[4], el_axpy_f32(0.25f, x[2], x[6]));
  const el_f32 odd2 = el_axpy_f32(2.0f, x[5], el_axpy_f32(-2.5f, x[3], 0.5f * x[1]));
  const el_f32 even3 = el_axpy_f32(-5.0f, x[4], el_axpy_f32(4.0f, x[2], x[6]));
  const el_f32 odd3 = el_axpy_f32(0.5f, x[5], el_axpy_f32(-2.5f, x[3], 2.0f * x[1]));
  x[0] = el_axpy_f32(5.25f, x[4] - x[2], x[0] - x[6]);
  x[7] = el_axpy_f32(5.25f, x[3] - x[5], x[7] - x[1]);
  x[1] = even1 + odd1, x[2] = even1 - odd1;
  x[3] = even2 + odd2, x[4] = even2 - odd2;
  x[5] = even3 + odd3, x[6] = even3 - odd3;
}

// The polynomial whose coefficients are the taps, at the points.
EL_INLINE void el_winograd_taps(const int points, const int taps, el_f32 g[EL_MOST_POINTS]) {
  const float at[3] = {1.0f, 2.0f, 0.5f}, six[3] = {-1.0f / 6.0f, 1.0f / 24.0f, 0.0f};
  const float eight[3] = {-2.0f / 9.0f, 1.0f / 90.0f, 32.0f / 45.0f};
  el_f32 even[3], odd[3];
  const el_f32 last = g[taps - 1];
  EL_UNROLL for (int p = 0; p < points / 2 - 1; p++) {
    float factor = points == 6 ? six[p] : eight[p];
    even[p] = odd[p] = el_splat_f32(0);
    EL_UNROLL for (int u = 0; u < taps; u += 2) {
      even[p] = el_axpy_f32(factor, g[u], even[p]);
      if (u + 1 < taps) odd[p] = el_axpy_f32(factor * at[p], g[u + 1], odd[p]);
      factor *= at[p] * at[p];
    }
  }
  if (points == 6) g[0] = 0.25f * g[0];
  EL_UNROLL for (int p = 0; p < points / 2 - 1; p++) g[2 * p + 1] = even[p] + odd[p], g[2 * p + 2] = even[p] - odd[p];
  g[points - 1] = last;
}

// The outputs from the products at the points.
EL_INLINE void el_winograd_outputs(const int points, const int outputs, el_f32 y[EL_MOST_POINTS]) {
  el_f32 sum[3], difference[3];
  float power[3] = {1.0f, 1.0f, 1.0f};
  const float at[3] = {1.0f, 2.0f, 0.5f};
  const el_f32 first = y[0], last = y[points - 1];
  EL_UNROLL for (int p = 0; p < points / 2 - 1; p++)
    sum[p] = y[2 * p + 1] + y[2 * p + 2], difference[p] = y[2 * p + 1] - y[2 * p + 2];
  EL_UNROLL for (int i = 0; i < outputs; i++) {
    y[i] = i % 2 == 0 ? sum[0] : difference[0];
    EL_UNROLL for (int p = 1; p < points / 2 - 1; p++) {
      power[p] *= i > 0 ? at[p] : 1.0f;
      y[i] = el_axpy_f32(power[p], i % 2 == 0 ? sum[p] : difference[p], y[i]);
    }
  }
  y[0] += first;
  y[outputs - 1] += last;
}

// MARK: - Patches

// Reads a patch of inputs, of which `rows` x `columns` exist, and leaves its values at all pairs of points, `pitch` apart.
EL_INLINE void el_winograd_load_inputs(const int points, const float *from, long row, long column, long rows, long columns,
                                       float *to, long pitch) {
  el_f32 patch[EL_MOST_POINTS][EL_MOST_POINTS];
  for (int i = 0; i < points; i++) {
    el_f32 line[EL_MOST_POINTS];
    if (i < rows && columns >= points) {
      EL_UNROLL for (int j = 0; j < points; j++) line[j] = el_load_f32(from + i * row + j * column);
    } else {
      EL_UNROLL for (int j = 0; j < points; j++)
        line[j] = i < rows && j < columns ? el_load_f32(from + i * row + j * column) : el_splat_f32(0);
    }
    el_winograd_inputs(points, line);
    EL_UNROLL for (int j = 0; j < points; j++) patch[i][j] = line[j];
  }
  for (int j = 0; j < points; j++) {
    el_f32 line[EL_MOST_POINTS];
    EL_UNROLL for (int i = 0; i < points; i++) line[i] = patch[i][j];
    el_winograd_inputs(points, line);
    EL_UNROLL for (int i = 0; i < points; i++) el_store_f32(to + (i * points + j) * pitch, line[i]);
  }
}

// The same for `tall` x `broad` taps.
EL_INLINE void el_winograd_load_taps(const int points, const int tall, const int broad, const float *from, long row,
                                     long column, long rows, long columns, float *to, long pitch) {
  el_f32 patch[EL_MOST_POINTS][EL_MOST_POINTS];
  for (int i = 0; i < tall; i++) {
    el_f32 line[EL_MOST_POINTS];
    EL_UNROLL for (int j = 0; j < broad; j++)
      line[j] = i < rows && j < columns ? el_load_f32(from + i * row + j * column) : el_splat_f32(0);
    el_winograd_taps(points, broad, line);
    EL_UNROLL for (int j = 0; j < points; j++) patch[i][j] = line[j];
  }
  for (int j = 0; j < points; j++) {
    el_f32 line[EL_MOST_POINTS];
    EL_UNROLL for (int i = 0; i < tall; i++) line[i] = patch[i][j];
    el_winograd_taps(points, tall, line);
    EL_UNROLL for (int i = 0; i < points; i++) el_store_f32(to + (i * points + j) * pitch, line[i]);
  }
}

// Writes `tall` x `broad` outputs, of which `rows` x `columns` exist, or adds them to what is there.
EL_INLINE void el_winograd_store_outputs(const int points, const int tall, const int broad, const float *from, long pitch,
                                         float *to, long row, long column, long rows, long columns, int add) {
  el_f32 patch[EL_MOST_POINTS][EL_MOST_POINTS];
  for (int j = 0; j < points; j++) {
    el_f32 line[EL_MOST_POINTS];
    EL_UNROLL for (int i = 0; i < points; i++) line[i] = el_load_f32(from + (i * points + j) * pitch);
    el_winograd_outputs(points, tall, line);
    EL_UNROLL for (int i = 0; i < tall; i++) patch[i][j] = line[i];
  }
  for (int i = 0; i < tall && i < rows; i++) {
    el_f32 line[EL_MOST_POINTS];
    EL_UNROLL for (int j = 0; j < points; j++) line[j] = patch[i][j];
    el_winograd_outputs(points, broad, line);
    EL_UNROLL for (int j = 0; j < broad; j++) {
      float *at = to + i * row + j * column;
      if (j < columns) el_store_f32(at, add ? line[j] + el_load_f32(at) : line[j]);
    }
  }
}

// MARK: - Convolutions

// A convolution, or the gradient by its kernel. Steps are in floats.
typedef struct {
  // The positions of the image, and the kernel's places.
  long high, wide, tall, broad;
  // Channels and filters fill pairs of vectors.
  long stride, channels, filters;
  // From a row and a column to the next: of the padded image `a`, of the image `b` or `c` with the filters, and of the kernel,
  // which also has a step from channel to channel. Channels of `a`, and filters, lie together.
  long a_row, a_column, image_row, image_column, kernel_row, kernel_column, kernel_channel;
  // How many patches are computed at a time.
  long patches;
} el_winograd;

// Where a patch begins, in positions.
typedef struct {
  long image, y, x;
} el_winograd_place;

EL_INLINE el_winograd_place el_winograd_patch(long patch, long down, long across, long step_y, long step_x) {
  return (el_winograd_place){patch / (down * across), patch / across % down * step_y, patch % across * step_x};
}

// How many of `count` belong to a phase.
EL_INLINE long el_winograd_phase(long count, long phase, long stride) { return (count - phase + stride - 1) / stride; }

// All channels of a patch of the padded image `a`, phase by phase.
EL_INLINE void el_winograd_read_inputs(const int points, const el_winograd *w, const float *a, long y, long x, float *to,
                                       long pitch) {
  const long row = w->stride * w->a_row, column = w->stride * w->a_column;
  for (long v = 0; v < w->stride; v++) {
    for (long u = 0; u < w->stride; u++, to += w->channels) {
      const float *from = a + y * row + x * column + v * w->a_row + u * w->a_column;
      const long rows = el_winograd_phase((w->high - 1) * w->stride + w->tall, v, w->stride) - y;
      const long columns = el_winograd_phase((w->wide - 1) * w->stride + w->broad, u, w->stride) - x;
      for (long i = 0; i < w->channels; i += EL_LANES)
        el_winograd_load_inputs(points, from + i, row, column, rows, columns, to + i, pitch);
    }
  }
}

// All filters of a patch of taps.
EL_INLINE void el_winograd_read_taps(const int points, const int tall, const int broad, const float *from, long row,
                                     long column, long rows, long columns, long filters, float *to, long pitch) {
  for (long o = 0; o < filters; o += EL_LANES)
    el_winograd_load_taps(points, tall, broad, from + o, row, column, rows, columns, to + o, pitch);
}

// All filters of a patch of outputs.
EL_INLINE void el_winograd_write_outputs(const int points, const int tall, const int broad, const float *from, long pitch,
                                         float *to, long row, long column, long rows, long columns, long filters, int add) {
  for (long o = 0; o < filters; o += EL_LANES)
    el_winograd_store_outputs(points, tall, broad, from + o, pitch, to + o, row, column, rows, columns, add);
}

// The product at a point, in panels two vectors wide: of the building block's functions only one is needed.
EL_INLINE void el_winograd_product(long rows, long filters, long depth, const float *a, long a_row, long a_depth,
                                   const float *b, float *c, int add) {
  for (long o = 0; o < filters; o += 2 * EL_LANES)
    el_contract_panel_f32_2(rows, depth, a, a_row, a_depth, b + o, filters, c + o, filters, add, 2 * EL_LANES, b + o, NULL,
                            NULL, 0, o);
}

// c[n][y][x][o] = sum over u, v, i of a[n][s y + u][s x + v][i] * b[u][v][i][o], s being the stride. A phase of the kernel has
// at most `tall` x `broad` places.
EL_INLINE void el_winograd_image(const int points, const int tall, const int broad, const el_winograd *w, long images,
                                 const float *a, long a_image, const float *b, float *c, long c_image, float *memory) {
  const int step_y = points + 1 - tall, step_x = points + 1 - broad, all_points = points * points;
  const long down = (w->high + step_y - 1) / step_y, across = (w->wide + step_x - 1) / step_x;
  const long all = images * down * across, s = w->stride, channels = s * s * w->channels, filters = w->filters;
  const long a_pitch = el_winograd_pitch(w->patches * channels), b_pitch = el_winograd_pitch(channels * filters);
  const long c_pitch = el_winograd_pitch(w->patches * filters);
  float *const kernel = memory, *const inputs = kernel + all_points * b_pitch;
  float *const products = inputs + all_points * a_pitch;
  for (long i = 0; i < channels; i++) {
    const long v = i / w->channels / s, u = i / w->channels % s;
    el_winograd_read_taps(points, tall, broad,
                          b + v * w->kernel_row + u * w->kernel_column + i % w->channels * w->kernel_channel,
                          s * w->kernel_row, s * w->kernel_column, el_winograd_phase(w->tall, v, s),
                          el_winograd_phase(w->broad, u, s), filters, kernel + i * filters, b_pitch);
  }
  for (long first = 0; first < all; first += w->patches) {
    const long count = all - first < w->patches ? all - first : w->patches;
    for (long t = 0; t < count; t++) {
      const el_winograd_place at = el_winograd_patch(first + t, down, across, step_y, step_x);
      el_winograd_read_inputs(points, w, a + at.image * a_image, at.y, at.x, inputs + t * channels, a_pitch);
    }
    for (long p = 0; p < all_points; p++)
      el_winograd_product(count, filters, channels, inputs + p * a_pitch, channels, 1, kernel + p * b_pitch,
                          products + p * c_pitch, 0);
    for (long t = 0; t < count; t++) {
      const el_winograd_place at = el_winograd_patch(first + t, down, across, step_y, step_x);
      el_winograd_write_outputs(points, step_y, step_x, products + t * filters, c_pitch,
                                c + at.image * c_image + at.y * w->image_row + at.x * w->image_column, w->image_row,
                                w->image_column, w->high - at.y, w->wide - at.x, filters, 0);
    }
  }
}

// The same for at most EL_WINOGRAD_IMAGES images as el_winograd_kernel for all.
EL_INLINE void el_winograd_kernel_of_some(const int points, const int tall, const int broad, const el_winograd *w,
                                          long images,
                                          const float *a, long a_image, const float *b, long b_image, float *c, int add,
                                          float *memory) {
  const int step_y = points + 1 - tall, step_x = points + 1 - broad, all_points = points * points;
  const long down = (w->high + step_y - 1) / step_y, across = (w->wide + step_x - 1) / step_x;
  const long all = images * down * across, s = w->stride, channels = s * s * w->channels, filters = w->filters;
  const long a_pitch = el_winograd_pitch(w->patches * channels), b_pitch = el_winograd_pitch(w->patches * filters);
  const long c_pitch = el_winograd_pitch(channels * filters);
  float *const inputs = memory, *const taps = inputs + all_points * a_pitch, *const sums = taps + all_points * b_pitch;
  for (long first = 0; first < all; first += w->patches) {
    const long count = all - first < w->patches ? all - first : w->patches;
    for (long t = 0; t < count; t++) {
      const el_winograd_place at = el_winograd_patch(first + t, down, across, step_y, step_x);
      el_winograd_read_inputs(points, w, a + at.image * a_image, at.y, at.x, inputs + t * channels, a_pitch);
      el_winograd_read_taps(points, step_y, step_x, b + at.image * b_image + at.y * w->image_row + at.x * w->image_column,
                            w->image_row, w->image_column, w->high - at.y, w->wide - at.x, filters, taps + t * filters,
                            b_pitch);
    }
    for (long p = 0; p < all_points; p++)
      el_winograd_product(channels, filters, count, inputs + p * a_pitch, 1, channels, taps + p * b_pitch,
                          sums + p * c_pitch, first > 0);
  }
  for (long i = 0; i < channels; i++) {
    const long v = i / w->channels / s, u = i / w->channels % s;
    el_winograd_write_outputs(points, tall, broad, sums + i * filters, c_pitch,
                              c + v * w->kernel_row + u * w->kernel_column + i % w->channels * w->kernel_channel,
                              s * w->kernel_row, s * w->kernel_column, el_winograd_phase(w->tall, v, s),
                              el_winograd_phase(w->broad, u, s), filters, add);
  }
}

// c[u][v][i][o] (+)= sum over n, y, x of a[n][s y + u][s x + v][i] * b[n][y][x][o].
EL_INLINE void el_winograd_kernel(const int points, const int tall, const int broad, const el_winograd *w, long images,
                                  const float *a, long a_image, const float *b, long b_image, float *c, int add,
                                  float *memory) {
  for (long n = 0; n < images; n += EL_WINOGRAD_IMAGES) {
    const long count = images - n < EL_WINOGRAD_IMAGES ? images - n : EL_WINOGRAD_IMAGES;
    el_winograd_kernel_of_some(points, tall, broad, w, count, a + n * a_image, a_image, b + n * b_image, b_image, c,
                               add || n > 0, memory);
  }
}

// Both as functions, which all kernels with phases of so many places share.
#define EL_WINOGRAD_IMAGE(POINTS, TALL, BROAD)                                                                               \
  static __attribute__((noinline)) void el_winograd_image_##POINTS##_##TALL##_##BROAD(                                       \
      const el_winograd *w, long images, const float *a, long a_image, const float *b, float *c, long c_image,               \
      float *memory) {                                                                                                       \
    el_winograd_image(POINTS, TALL, BROAD, w, images, a, a_image, b, c, c_image, memory);                                    \
  }
#define EL_WINOGRAD_KERNEL(POINTS, TALL, BROAD)                                                                              \
  static __attribute__((noinline)) void el_winograd_kernel_##POINTS##_##TALL##_##BROAD(                                      \
      const el_winograd *w, long images, const float *a, long a_image, const float *b, long b_image, float *c, int add,      \
      float *memory) {                                                                                                       \
    el_winograd_kernel(POINTS, TALL, BROAD, w, images, a, a_image, b, b_image, c, add, memory);                              \
  }

#endif
