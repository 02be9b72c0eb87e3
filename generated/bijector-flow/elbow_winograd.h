// elbow_winograd.h: convolutions of stride 1 with fewer multiplications, in float32.
//
// A sum of `taps` products for each of `outputs` neighbours, y[p] = sum over u of x[p + u] * g[u], has as many products in it
// as the product of two polynomials, and like that it needs only outputs + taps - 1 multiplications once both are known at so
// many points (Toom and Cook; Winograd, Arithmetic Complexity of Computations, 1980; Lavin and Gray, Fast Algorithms for
// Convolutional Neural Networks, 2016). Eight points serve here, 0, 1, -1, 2, -2, 1/2, -1/2 and infinity: along each axis
// eight inputs give 9 - taps outputs. In two dimensions a patch of 8 x 8 takes 64 products for each pair of channels, and each
// of the 64 is a product of matrices over many patches and all channels.
//
// The rounding error is about six times that of adding up the products themselves, some 2e-6 of the result's standard deviation.
// It depends on nothing but the patch: results are the same however images are divided among tiles and threads.
#ifndef ELBOW_WINOGRAD_H
#define ELBOW_WINOGRAD_H

#include "elbow_contraction.h"

#define EL_POINTS 8

// The numbers between matrices of neighbouring products: a line more, lest all 64 fall into the same set of the cache.
EL_ALWAYS long el_winograd_pitch(long count) { return (count + 15) / 16 * 16 + 16; }

// MARK: - One axis

// Eight inputs at the eight points, up to the factors that el_winograd_taps has.
EL_ALWAYS void el_winograd_inputs(el_f32 x[EL_POINTS]) {
  const el_f32 even1 = x[2] + x[6] - 4.25f * x[4], odd1 = x[1] + x[5] - 4.25f * x[3];
  const el_f32 even2 = x[6] + 0.25f * x[2] - 1.25f * x[4], odd2 = 0.5f * x[1] - 2.5f * x[3] + 2.0f * x[5];
  const el_f32 even3 = x[6] + 4.0f * x[2] - 5.0f * x[4], odd3 = 2.0f * x[1] - 2.5f * x[3] + 0.5f * x[5];
  x[0] = x[0] - x[6] + 5.25f * (x[4] - x[2]);
  x[7] = x[7] - x[1] + 5.25f * (x[3] - x[5]);
  x[1] = even1 + odd1, x[2] = even1 - odd1;
  x[3] = even2 + odd2, x[4] = even2 - odd2;
  x[5] = even3 + odd3, x[6] = even3 - odd3;
}

// The polynomial whose coefficients are the taps, at the eight points.
EL_ALWAYS void el_winograd_taps(const int taps, el_f32 g[EL_POINTS]) {
  el_f32 even[3], odd[3];
  const float squares[3] = {1.0f, 4.0f, 0.25f}, points[3] = {1.0f, 2.0f, 0.5f};
  const float factors[3] = {-2.0f / 9.0f, 1.0f / 90.0f, 32.0f / 45.0f};
  EL_UNROLL for (int p = 0; p < 3; p++) {
    float factor = factors[p];
    even[p] = odd[p] = el_splat_f32(0);
    EL_UNROLL for (int u = 0; u < taps; u += 2) {
      even[p] += factor * g[u];
      if (u + 1 < taps) odd[p] += factor * points[p] * g[u + 1];
      factor *= squares[p];
    }
  }
  const el_f32 last = g[taps - 1];
  EL_UNROLL for (int p = 0; p < 3; p++) g[2 * p + 1] = even[p] + odd[p], g[2 * p + 2] = even[p] - odd[p];
  g[7] = last;
}

// The outputs from the products at the eight points.
EL_ALWAYS void el_winograd_outputs(const int outputs, el_f32 y[EL_POINTS]) {
  const el_f32 first = y[0], last = y[7];
  const el_f32 sum1 = y[1] + y[2], difference1 = y[1] - y[2];
  const el_f32 sum2 = y[3] + y[4], difference2 = y[3] - y[4];
  const el_f32 sum3 = y[5] + y[6], difference3 = y[5] - y[6];
  float two = 1, half = 1;
  EL_UNROLL for (int i = 0; i < outputs; i++) {
    y[i] = i % 2 == 0 ? sum1 + two * sum2 + half * sum3 : difference1 + two * difference2 + half * difference3;
    two *= 2, half *= 0.5f;
  }
  y[0] += first;
  y[outputs - 1] += last;
}

// MARK: - Patches

// Reads a patch of inputs, of which `rows` x `columns` exist, and leaves its values at the 64 points, `pitch` apart.
EL_ALWAYS void el_winograd_load_inputs(const float *from, long row, long column, long rows, long columns, const long lanes,
                                       float *to, long pitch) {
  el_f32 patch[EL_POINTS][EL_POINTS];
  for (int i = 0; i < EL_POINTS; i++) {
    el_f32 line[EL_POINTS];
    if (i < rows && columns >= EL_POINTS) {
      EL_UNROLL for (int j = 0; j < EL_POINTS; j++) line[j] = el_load_n_f32(from + i * row + j * column, lanes);
    } else {
      EL_UNROLL for (int j = 0; j < EL_POINTS; j++)
        line[j] = i < rows && j < columns ? el_load_n_f32(from + i * row + j * column, lanes) : el_splat_f32(0);
    }
    el_winograd_inputs(line);
    EL_UNROLL for (int j = 0; j < EL_POINTS; j++) patch[i][j] = line[j];
  }
  for (int j = 0; j < EL_POINTS; j++) {
    el_f32 line[EL_POINTS];
    EL_UNROLL for (int i = 0; i < EL_POINTS; i++) line[i] = patch[i][j];
    el_winograd_inputs(line);
    EL_UNROLL for (int i = 0; i < EL_POINTS; i++) el_store_n_f32(to + (i * EL_POINTS + j) * pitch, line[i], lanes);
  }
}

// The same for `tall` x `broad` taps.
EL_ALWAYS void el_winograd_load_taps(const int tall, const int broad, const float *from, long row, long column, long rows,
                                     long columns, const long lanes, float *to, long pitch) {
  el_f32 patch[EL_POINTS][EL_POINTS];
  for (int i = 0; i < tall; i++) {
    el_f32 line[EL_POINTS];
    EL_UNROLL for (int j = 0; j < broad; j++)
      line[j] = i < rows && j < columns ? el_load_n_f32(from + i * row + j * column, lanes) : el_splat_f32(0);
    el_winograd_taps(broad, line);
    EL_UNROLL for (int j = 0; j < EL_POINTS; j++) patch[i][j] = line[j];
  }
  for (int j = 0; j < EL_POINTS; j++) {
    el_f32 line[EL_POINTS];
    EL_UNROLL for (int i = 0; i < tall; i++) line[i] = patch[i][j];
    el_winograd_taps(tall, line);
    EL_UNROLL for (int i = 0; i < EL_POINTS; i++) el_store_n_f32(to + (i * EL_POINTS + j) * pitch, line[i], lanes);
  }
}

// Writes `tall` x `broad` outputs, of which `rows` x `columns` exist, or adds them to what is there.
EL_ALWAYS void el_winograd_store_outputs(const int tall, const int broad, const float *from, long pitch, float *to, long row,
                                         long column, long rows, long columns, const long lanes, int add) {
  el_f32 patch[EL_POINTS][EL_POINTS];
  for (int j = 0; j < EL_POINTS; j++) {
    el_f32 line[EL_POINTS];
    EL_UNROLL for (int i = 0; i < EL_POINTS; i++) line[i] = el_load_n_f32(from + (i * EL_POINTS + j) * pitch, lanes);
    el_winograd_outputs(tall, line);
    EL_UNROLL for (int i = 0; i < tall; i++) patch[i][j] = line[i];
  }
  for (int i = 0; i < tall && i < rows; i++) {
    el_f32 line[EL_POINTS];
    EL_UNROLL for (int j = 0; j < EL_POINTS; j++) line[j] = patch[i][j];
    el_winograd_outputs(broad, line);
    EL_UNROLL for (int j = 0; j < broad; j++) {
      float *at = to + i * row + j * column;
      if (j < columns) el_store_n_f32(at, add ? line[j] + el_load_n_f32(at, lanes) : line[j], lanes);
    }
  }
}

// MARK: - Convolutions

// A convolution, or the gradient by its kernel. Steps are in floats.
typedef struct {
  // The positions of the image.
  long high, wide;
  long channels, filters;
  // From a row and a column to the next: of the padded image `a`, of the image `b` or `c` with the filters, and of the kernel,
  // which also has a step from channel to channel. Channels of `a`, and filters, lie together.
  long a_row, a_column, image_row, image_column, kernel_row, kernel_column, kernel_channel;
  // How many patches are computed at a time.
  long patches;
} el_winograd;

// Where a patch begins.
typedef struct {
  long image, y, x;
} el_winograd_place;

EL_ALWAYS el_winograd_place el_winograd_patch(long patch, long down, long across, long step_y, long step_x) {
  return (el_winograd_place){patch / (down * across), patch / across % down * step_y, patch % across * step_x};
}

// All channels of a patch of the padded image, which reaches beyond the image by the kernel's size less 1.
static __attribute__((noinline, unused)) void el_winograd_read_inputs(const el_winograd *w, const float *from, long rows,
                                                                      long columns, float *to, long pitch) {
  long i = 0;
  for (; i + EL_LANES <= w->channels; i += EL_LANES)
    el_winograd_load_inputs(from + i, w->a_row, w->a_column, rows, columns, EL_LANES, to + i, pitch);
  if (i < w->channels)
    el_winograd_load_inputs(from + i, w->a_row, w->a_column, rows, columns, w->channels - i, to + i, pitch);
}

// All filters of a patch of taps.
EL_ALWAYS void el_winograd_read_taps(const int tall, const int broad, const float *from, long row, long column, long rows,
                                     long columns, long filters, float *to, long pitch) {
  long o = 0;
  for (; o + EL_LANES <= filters; o += EL_LANES)
    el_winograd_load_taps(tall, broad, from + o, row, column, rows, columns, EL_LANES, to + o, pitch);
  if (o < filters) el_winograd_load_taps(tall, broad, from + o, row, column, rows, columns, filters - o, to + o, pitch);
}

// All filters of a patch of outputs.
EL_ALWAYS void el_winograd_write_outputs(const int tall, const int broad, const float *from, long pitch, float *to, long row,
                                         long column, long rows, long columns, long filters, int add) {
  long o = 0;
  for (; o + EL_LANES <= filters; o += EL_LANES)
    el_winograd_store_outputs(tall, broad, from + o, pitch, to + o, row, column, rows, columns, EL_LANES, add);
  if (o < filters)
    el_winograd_store_outputs(tall, broad, from + o, pitch, to + o, row, column, rows, columns, filters - o, add);
}

// c[n][y][x][o] = sum over u, v, i of a[n][y + u][x + v][i] * b[u][v][i][o], for a kernel of `tall` x `broad` places.
EL_ALWAYS void el_winograd_image(const int tall, const int broad, const el_winograd *w, long images, const float *a,
                                 long a_image, const float *b, float *c, long c_image, float *memory) {
  const int step_y = EL_POINTS + 1 - tall, step_x = EL_POINTS + 1 - broad;
  const long down = (w->high + step_y - 1) / step_y, across = (w->wide + step_x - 1) / step_x;
  const long all = images * down * across, channels = w->channels, filters = w->filters;
  const long a_pitch = el_winograd_pitch(w->patches * channels), b_pitch = el_winograd_pitch(channels * filters);
  const long c_pitch = el_winograd_pitch(w->patches * filters);
  float *const kernel = memory, *const inputs = kernel + 64 * b_pitch, *const products = inputs + 64 * a_pitch;
  for (long i = 0; i < channels; i++)
    el_winograd_read_taps(tall, broad, b + i * w->kernel_channel, w->kernel_row, w->kernel_column, tall, broad, filters,
                          kernel + i * filters, b_pitch);
  for (long first = 0; first < all; first += w->patches) {
    const long count = all - first < w->patches ? all - first : w->patches;
    for (long t = 0; t < count; t++) {
      const el_winograd_place at = el_winograd_patch(first + t, down, across, step_y, step_x);
      el_winograd_read_inputs(w, a + at.image * a_image + at.y * w->a_row + at.x * w->a_column, w->high + tall - 1 - at.y,
                              w->wide + broad - 1 - at.x, inputs + t * channels, a_pitch);
    }
    for (long p = 0; p < 64; p++)
      el_contract_f32(count, filters, channels, inputs + p * a_pitch, channels, 1, kernel + p * b_pitch, filters,
                      products + p * c_pitch, filters, 0, NULL, NULL, 0);
    for (long t = 0; t < count; t++) {
      const el_winograd_place at = el_winograd_patch(first + t, down, across, step_y, step_x);
      el_winograd_write_outputs(step_y, step_x, products + t * filters, c_pitch,
                                c + at.image * c_image + at.y * w->image_row + at.x * w->image_column, w->image_row,
                                w->image_column, w->high - at.y, w->wide - at.x, filters, 0);
    }
  }
}

// c[u][v][i][o] (+)= sum over n, y, x of a[n][y + u][x + v][i] * b[n][y][x][o], for a kernel of `tall` x `broad` places.
EL_ALWAYS void el_winograd_kernel(const int tall, const int broad, const el_winograd *w, long images, const float *a,
                                  long a_image, const float *b, long b_image, float *c, int add, float *memory) {
  const int step_y = EL_POINTS + 1 - tall, step_x = EL_POINTS + 1 - broad;
  const long down = (w->high + step_y - 1) / step_y, across = (w->wide + step_x - 1) / step_x;
  const long all = images * down * across, channels = w->channels, filters = w->filters;
  const long a_pitch = el_winograd_pitch(w->patches * channels), b_pitch = el_winograd_pitch(w->patches * filters);
  const long c_pitch = el_winograd_pitch(channels * filters);
  float *const inputs = memory, *const taps = inputs + 64 * a_pitch, *const sums = taps + 64 * b_pitch;
  for (long first = 0; first < all; first += w->patches) {
    const long count = all - first < w->patches ? all - first : w->patches;
    for (long t = 0; t < count; t++) {
      const el_winograd_place at = el_winograd_patch(first + t, down, across, step_y, step_x);
      el_winograd_read_inputs(w, a + at.image * a_image + at.y * w->a_row + at.x * w->a_column, w->high + tall - 1 - at.y,
                              w->wide + broad - 1 - at.x, inputs + t * channels, a_pitch);
      el_winograd_read_taps(step_y, step_x, b + at.image * b_image + at.y * w->image_row + at.x * w->image_column,
                            w->image_row, w->image_column, w->high - at.y, w->wide - at.x, filters, taps + t * filters,
                            b_pitch);
    }
    for (long p = 0; p < 64; p++)
      el_contract_f32(channels, filters, count, inputs + p * a_pitch, 1, channels, taps + p * b_pitch, filters,
                      sums + p * c_pitch, filters, first > 0, NULL, NULL, 0);
  }
  for (long i = 0; i < channels; i++)
    el_winograd_write_outputs(tall, broad, sums + i * filters, c_pitch, c + i * w->kernel_channel, w->kernel_row,
                              w->kernel_column, tall, broad, filters, add);
}

// Both as functions, which all kernels of so many places share.
#define EL_WINOGRAD_IMAGE(TALL, BROAD)                                                                                       \
  static __attribute__((noinline)) void el_winograd_image_##TALL##_##BROAD(                                                  \
      const el_winograd *w, long images, const float *a, long a_image, const float *b, float *c, long c_image,               \
      float *memory) {                                                                                                       \
    el_winograd_image(TALL, BROAD, w, images, a, a_image, b, c, c_image, memory);                                            \
  }
#define EL_WINOGRAD_KERNEL(TALL, BROAD)                                                                                      \
  static __attribute__((noinline)) void el_winograd_kernel_##TALL##_##BROAD(                                                 \
      const el_winograd *w, long images, const float *a, long a_image, const float *b, long b_image, float *c, int add,      \
      float *memory) {                                                                                                       \
    el_winograd_kernel(TALL, BROAD, w, images, a, a_image, b, b_image, c, add, memory);                                      \
  }

#endif
