// elbow_adaptation.h: the warm-up of a chain, in which it learns its step size and its metric.
//
// The step size follows the acceptance by dual averaging (M. D. Hoffman and A. Gelman, JMLR 15, 2014, section 3.2). The metric is
// estimated from the variances or covariances of draws, in windows that double, as Stan does; or by default from the variances of
// draws and of gradients (Fisher divergence, arXiv:2603.18845), with which it is near from the first draws on.
#ifndef ELBOW_ADAPTATION_H
#define ELBOW_ADAPTATION_H

#include "elbow_nuts.h"

// MARK: - The step size

typedef struct el_dual_average {
  double target;
  double center;      // log step sizes are drawn towards it
  double error;       // the mean of the target less the acceptance
  double mean;        // of the log step sizes, in which later ones count more
  int64_t count;
} el_dual_average;

EL_MODEL double el_log(double x) { return el_log_f64(el_splat_f64(x))[0]; }
EL_MODEL double el_exp(double x) { return el_exp_f64(el_splat_f64(x))[0]; }

EL_MODEL void el_dual_restart(el_dual_average *average, double step_size) {
  *average = (el_dual_average){.target = average->target, .center = el_log(10 * step_size)};
}

// The next step size to try, after one that had this acceptance.
EL_MODEL double el_dual_next(el_dual_average *average, double acceptance) {
  const double gamma = 0.05, offset = 10, decay = 0.75;
  const double count = (double)++average->count;
  const double part = 1 / (count + offset);
  average->error = (1 - part) * average->error + part * (average->target - acceptance);
  const double step = average->center - average->error * sqrt(count) / gamma;
  const double weight = el_exp(-decay * el_log(count));
  average->mean = (1 - weight) * average->mean + weight * step;
  return el_exp(step);
}

// Doubles or halves the step size until one step changes the energy by about log 0.8.
EL_MODEL void el_find_step_size(el_chain *chain) {
  const double goal = -0.2231435513142097;
  int direction = 0;
  for (uint32_t trial = 1; trial <= 100; ++trial) {
    chain->source.trial = trial;
    el_begin_path(chain);
    chain->source.trial = 0;
    el_leapfrog(chain, &chain->ends[1], chain->step_size);
    const double change = chain->energy - el_energy(&chain->ends[1], chain->dimension);
    const int wish = change > goal ? 1 : -1;
    if (direction == 0) direction = wish;
    if (wish != direction) return;
    const double next = direction > 0 ? chain->step_size * 2 : chain->step_size / 2;
    if (!(next > 1e-300 && next < 1e300)) return;
    chain->step_size = next;
  }
}

// MARK: - The metric

// Running means and sums of squared differences (B. P. Welford, 1962).
typedef struct el_moments {
  double *mean, *squares; // [n], and [n] or [n, n]
  int64_t count;
} el_moments;

EL_MODEL void el_moments_clear(el_moments *moments, long n, int is_dense) {
  memset(moments->mean, 0, (size_t)n * sizeof(double));
  memset(moments->squares, 0, (size_t)(is_dense ? n * n : n) * sizeof(double));
  moments->count = 0;
}

EL_MODEL void el_moments_add(el_moments *moments, const double *x, double *difference, long n, int is_dense) {
  const double count = (double)++moments->count;
  for (long i = 0; i < n; ++i) {
    difference[i] = x[i] - moments->mean[i];
    moments->mean[i] += difference[i] / count;
  }
  for (long i = 0; i < n; ++i) {
    const double rest = x[i] - moments->mean[i];
    if (is_dense)
      for (long j = 0; j < n; ++j) moments->squares[i * n + j] += rest * difference[j];
    else
      moments->squares[i] += rest * difference[i];
  }
}

// A window's moments of draws and, for the metric of Fisher, of gradients.
typedef struct el_window {
  el_moments draws, gradients;
} el_window;

typedef struct el_adaptation {
  int metric; // an elbow_metric
  int64_t warmup;
  int64_t first_window, last_window; // the iterations between which the metric is learned
  int64_t window_end, window_size;
  el_dual_average step_size;
  el_window current, next;
  double *difference;
} el_adaptation;

// The lower Cholesky factor of a matrix; 0 if it is not positive definite.
EL_MODEL int el_cholesky(const double *matrix, double *factor, long n) {
  for (long i = 0; i < n; ++i) {
    for (long j = 0; j <= i; ++j) {
      double sum = matrix[i * n + j];
      for (long k = 0; k < j; ++k) sum -= factor[i * n + k] * factor[j * n + k];
      if (i > j)
        factor[i * n + j] = sum / factor[j * n + j];
      else if (sum > 0)
        factor[i * n + i] = sqrt(sum);
      else
        return 0;
    }
  }
  return 1;
}

// The inverse metric that a window's draws are for: their variances, drawn towards a small number where there are few.
EL_MODEL void el_metric_from_draws(const el_window *window, el_chain *chain, double *scratch) {
  const long n = chain->dimension, size = chain->is_dense ? n * n : n;
  const double count = (double)window->draws.count;
  if (count < 2) return;
  el_copy(scratch, chain->inverse_metric, size);
  for (long i = 0; i < size; ++i)
    chain->inverse_metric[i] = window->draws.squares[i] / (count - 1) * (count / (count + 5));
  for (long i = 0; i < n; ++i) chain->inverse_metric[chain->is_dense ? i * n + i : i] += 1e-3 * (5 / (count + 5));
  if (chain->is_dense && !el_cholesky(chain->inverse_metric, chain->factor, n)) {
    el_copy(chain->inverse_metric, scratch, size);
    (void)el_cholesky(chain->inverse_metric, chain->factor, n);
  }
}

// The diagonal that minimises the Fisher divergence: the root of the draws' variances by the gradients'.
EL_MODEL void el_metric_from_gradients(const el_window *window, el_chain *chain) {
  if (window->draws.count < 3) return;
  for (long i = 0; i < chain->dimension; ++i) {
    const double scale = sqrt(window->draws.squares[i] / window->gradients.squares[i]);
    if (scale > 1e-20 && scale < 1e20) chain->inverse_metric[i] = scale;
  }
}

EL_MODEL void el_window_clear(el_window *window, const el_chain *chain) {
  el_moments_clear(&window->draws, chain->dimension, chain->is_dense);
  if (window->gradients.mean) el_moments_clear(&window->gradients, chain->dimension, 0);
}

EL_MODEL void el_window_add(el_adaptation *adaptation, el_window *window, const el_chain *chain) {
  const el_tree *draw = &chain->tree;
  el_moments_add(&window->draws, draw->position, adaptation->difference, chain->dimension, chain->is_dense);
  if (window->gradients.mean)
    el_moments_add(&window->gradients, draw->gradient, adaptation->difference, chain->dimension, 0);
}

// MARK: - The warm-up

// Windows of Stan's lengths: 75 draws, windows from 25 on that double, 50 draws; or parts of short warm-ups.
EL_MODEL void el_plan_windows(el_adaptation *adaptation) {
  const int64_t warmup = adaptation->warmup;
  int64_t first = 75, last = 50, base = 25;
  if (warmup < first + base + last) {
    first = warmup * 15 / 100;
    last = warmup / 10;
    base = warmup - first - last;
  }
  adaptation->first_window = warmup < 20 ? warmup : first;
  adaptation->last_window = warmup < 20 ? warmup : warmup - last;
  adaptation->window_size = base;
  adaptation->window_end = first + base;
  if (adaptation->metric != ELBOW_METRIC_FISHER) return;
  // Every draw improves the metric of Fisher, from the two windows at work, of which the older is left behind again and again.
  adaptation->first_window = 0;
  adaptation->last_window = warmup - warmup * 15 / 100;
}

EL_MODEL void el_adaptation_begin(el_adaptation *adaptation, el_chain *chain) {
  el_plan_windows(adaptation);
  el_window_clear(&adaptation->current, chain);
  el_window_clear(&adaptation->next, chain);
  const long n = chain->dimension;
  for (long i = 0; i < (chain->is_dense ? n * n : n); ++i) chain->inverse_metric[i] = 0;
  for (long i = 0; i < n; ++i) {
    const double slope = fabs(chain->tree.gradient[i]);
    const double scale = adaptation->metric != ELBOW_METRIC_FISHER ? 1 : slope < 1e-10 ? 1e10 : slope > 1e10 ? 1e-10 : 1 / slope;
    chain->inverse_metric[chain->is_dense ? i * n + i : i] = scale;
  }
  if (chain->is_dense) (void)el_cholesky(chain->inverse_metric, chain->factor, n);
  chain->step_size = 1;
  el_find_step_size(chain);
  el_dual_restart(&adaptation->step_size, chain->step_size);
}

EL_MODEL void el_learn_from_gradients(el_adaptation *adaptation, el_chain *chain, int64_t iteration) {
  const int is_early = iteration < adaptation->warmup * 3 / 10;
  const int64_t size = is_early ? 10 : 80;
  el_window_add(adaptation, &adaptation->current, chain);
  el_window_add(adaptation, &adaptation->next, chain);
  if (adaptation->next.draws.count >= size && iteration + size < adaptation->last_window) {
    const el_window left = adaptation->current;
    adaptation->current = adaptation->next;
    adaptation->next = left;
    el_window_clear(&adaptation->next, chain);
  }
  el_metric_from_gradients(&adaptation->current, chain);
}

EL_MODEL void el_learn_from_draws(el_adaptation *adaptation, el_chain *chain, int64_t iteration) {
  el_window_add(adaptation, &adaptation->current, chain);
  if (iteration + 1 != adaptation->window_end) return;
  el_metric_from_draws(&adaptation->current, chain, adaptation->next.draws.squares);
  el_window_clear(&adaptation->current, chain);
  // The next window is twice as long, and takes what is left where the one after it would not fit.
  adaptation->window_size *= 2;
  adaptation->window_end = iteration + 1 + adaptation->window_size;
  if (adaptation->window_end + 2 * adaptation->window_size > adaptation->last_window)
    adaptation->window_end = adaptation->last_window;
  el_find_step_size(chain);
  el_dual_restart(&adaptation->step_size, chain->step_size);
}

// Learns from a transition of the warm-up, the one with this number.
EL_MODEL void el_adapt(el_adaptation *adaptation, el_chain *chain, int64_t iteration, int has_moved) {
  const double acceptance = chain->steps ? chain->acceptance_sum / chain->steps : 0;
  chain->step_size = el_dual_next(&adaptation->step_size, acceptance);
  if (iteration >= adaptation->first_window && iteration < adaptation->last_window) {
    if (adaptation->metric != ELBOW_METRIC_FISHER)
      el_learn_from_draws(adaptation, chain, iteration);
    else if (has_moved)
      el_learn_from_gradients(adaptation, chain, iteration);
  }
  if (iteration + 1 == adaptation->warmup) chain->step_size = el_exp(adaptation->step_size.mean);
}

#endif
