// elbow_sampler.h: chains from a compiled density, side by side: where they begin, how they warm up, and what is kept of them.
//
// Chains have nothing in common but the density and the data: each has a handle of its own, and its random numbers depend on the
// seed, its number and the iteration alone. So draws are the same to the bit for any number of threads, and a chain that goes on from
// where it was draws what it would have drawn.
#ifndef ELBOW_SAMPLER_H
#define ELBOW_SAMPLER_H

#include "elbow_adaptation.h"

typedef struct el_sampling {
  elbow_model *model; // whose error tells what failed
  const el_signature *signature;
  const void *const *inputs;
  const long *symbols;
  const elbow_sampler_options *options;
  elbow_chains *chains;
  long dimension;
  el_team *team;
  int is_ended;           // by the caller, or by a chain that failed
  int has_failed;         // whether the model's error is written
  elbow_status *statuses; // [chains]
} el_sampling;

enum { EL_BEGINNING_TRIALS = 100, EL_MOST_SAMPLER_INPUTS = 64 };

// MARK: - Memory

EL_MODEL double *el_take(double **memory, long count) {
  double *const taken = *memory;
  *memory += count;
  return taken;
}

// All arrays of a chain, one after the other; counts them where there is no memory yet.
EL_MODEL long el_place_chain(el_chain *chain, el_adaptation *adaptation, double *memory) {
  double *next = memory;
  const long n = chain->dimension, square = chain->is_dense ? n * n : n;
  chain->inverse_metric = el_take(&next, square);
  chain->factor = el_take(&next, chain->is_dense ? square : 0);
  chain->before = el_take(&next, n);
  for (int end = 0; end < 2; ++end) {
    el_state *const state = &chain->ends[end];
    double **const arrays[EL_STATE_ARRAYS] = {&state->position, &state->momentum, &state->gradient, &state->velocity};
    for (int i = 0; i < EL_STATE_ARRAYS; ++i) *arrays[i] = el_take(&next, n);
  }
  for (int branch = -1; branch <= EL_DEEPEST_TREE; ++branch) {
    el_tree *const tree = branch < 0 ? &chain->tree : &chain->branches[branch];
    double **const arrays[EL_TREE_ARRAYS] = {&tree->momentum_sum,   &tree->first_momentum, &tree->last_momentum, &tree->first_velocity,
                                             &tree->last_velocity, &tree->position,       &tree->gradient};
    for (int i = 0; i < EL_TREE_ARRAYS; ++i) *arrays[i] = el_take(&next, n);
  }
  adaptation->difference = el_take(&next, n);
  el_window *const windows[2] = {&adaptation->current, &adaptation->next};
  for (int i = 0; i < 2; ++i) {
    windows[i]->draws.mean = el_take(&next, n);
    windows[i]->draws.squares = el_take(&next, square);
    const int has_gradients = adaptation->metric == ELBOW_METRIC_FISHER;
    windows[i]->gradients.mean = has_gradients ? el_take(&next, n) : NULL;
    windows[i]->gradients.squares = has_gradients ? el_take(&next, n) : NULL;
  }
  return (long)(next - memory);
}

// MARK: - Beginnings

EL_MODEL int el_is_finite_state(const el_chain *chain, double log_density, const double *gradient) {
  double sum = log_density - log_density;
  for (long i = 0; i < chain->dimension; ++i) sum += gradient[i] - gradient[i];
  return sum == 0;
}

// The first position with a finite density and gradient among some that are uniform around 0.
EL_MODEL int el_find_beginning(el_chain *chain, double radius) {
  double a[EL_LANES], b[EL_LANES];
  el_tree *const tree = &chain->tree;
  for (uint32_t trial = 0; trial < EL_BEGINNING_TRIALS; ++trial) {
    chain->source.trial = trial;
    for (long i = 0; i < chain->dimension; i += EL_LANES) {
      el_uniforms(&chain->source, EL_STREAM_BEGINNING, (uint32_t)i, a, b);
      for (int lane = 0; lane < EL_LANES && i + lane < chain->dimension; ++lane)
        tree->position[i + lane] = radius * (2 * a[lane] - 1);
    }
    chain->source.trial = 0;
    tree->log_density = el_density_at(&chain->density, tree->position, tree->gradient);
    if (chain->density.status != ELBOW_OK) return 0;
    if (el_is_finite_state(chain, tree->log_density, tree->gradient)) return 1;
  }
  return 0;
}

// The step size and the metric that the caller gives; 0 where they can be none.
EL_MODEL int el_take_tuning(el_chain *chain, const elbow_chains *chains, int32_t number) {
  const long n = chain->dimension, square = chain->is_dense ? n * n : n;
  chain->step_size = chains->step_sizes[number];
  el_copy(chain->inverse_metric, chains->inverse_metrics + number * square, square);
  if (!(chain->step_size > 0 && chain->step_size < 1e300)) return 0;
  if (chain->is_dense) return el_cholesky(chain->inverse_metric, chain->factor, n);
  for (long i = 0; i < n; ++i)
    if (!(chain->inverse_metric[i] > 0 && chain->inverse_metric[i] < 1e300)) return 0;
  return 1;
}

// The position that the caller gives; 0 where the density is not finite there.
EL_MODEL int el_take_position(el_chain *chain, const elbow_chains *chains, int32_t number) {
  el_tree *const tree = &chain->tree;
  el_copy(tree->position, chains->last_positions + number * chain->dimension, chain->dimension);
  tree->log_density = el_density_at(&chain->density, tree->position, tree->gradient);
  chain->source.iteration = chains->iterations[number];
  return el_is_finite_state(chain, tree->log_density, tree->gradient);
}

// MARK: - A chain

EL_MODEL void el_keep_draw(const el_sampling *sampling, const el_chain *chain, int32_t number, int64_t row, int depth,
                           double step_size) {
  const elbow_sampler_options *const options = sampling->options;
  const int64_t rows = options->draws + (options->keeps_warmup ? options->warmup : 0);
  const int64_t place = number * rows + row;
  el_copy(sampling->chains->positions + place * chain->dimension, chain->tree.position, chain->dimension);
  sampling->chains->statistics[place] = (elbow_draw){
      .log_density = chain->tree.log_density,
      .energy = chain->energy,
      .acceptance = chain->steps ? chain->acceptance_sum / chain->steps : 0,
      .step_size = step_size,
      .steps = chain->steps,
      .depth = depth,
      .is_divergent = chain->is_divergent,
  };
  sampling->chains->draw_counts[number] = row + 1;
}

EL_MODEL int el_is_same_place(const double *a, const double *b, long n) { return memcmp(a, b, (size_t)n * sizeof *a) == 0; }

EL_MODEL void el_draw_chain(el_sampling *sampling, el_chain *chain, el_adaptation *adaptation, int32_t number) {
  const elbow_sampler_options *const options = sampling->options;
  int64_t row = 0;
  for (int64_t i = 0; i < options->warmup + options->draws; ++i) {
    if (__atomic_load_n(&sampling->is_ended, __ATOMIC_RELAXED)) break;
    const double step_size = chain->step_size;
    chain->source.choice_count = 0;
    el_copy(chain->before, chain->tree.position, chain->dimension);
    const int depth = options->path_steps > 0 ? el_fixed_path(chain, options->path_steps) : el_nuts(chain, options->largest_depth);
    if (chain->density.status != ELBOW_OK) break;
    if (i >= options->warmup || options->keeps_warmup) el_keep_draw(sampling, chain, number, row++, depth, step_size);
    const int is_divergent = chain->is_divergent;
    if (i < options->warmup)
      el_adapt(adaptation, chain, i, !el_is_same_place(chain->before, chain->tree.position, chain->dimension));
    ++chain->source.iteration;
    if (options->progress && options->progress(options->context, number, i, is_divergent))
      __atomic_store_n(&sampling->is_ended, 1, __ATOMIC_RELAXED);
  }
}

EL_MODEL void el_leave_chain(const el_sampling *sampling, const el_chain *chain, int32_t number) {
  const long n = chain->dimension, square = chain->is_dense ? n * n : n;
  el_copy(sampling->chains->last_positions + number * n, chain->tree.position, n);
  el_copy(sampling->chains->inverse_metrics + number * square, chain->inverse_metric, square);
  sampling->chains->step_sizes[number] = chain->step_size;
  sampling->chains->iterations[number] = chain->source.iteration;
}

EL_MODEL elbow_status el_begin_chain(const el_sampling *sampling, el_chain *chain, el_adaptation *adaptation, int32_t number) {
  const elbow_sampler_options *const options = sampling->options;
  const int has_begun = sampling->chains->begins_here ? el_take_position(chain, sampling->chains, number)
                                                      : el_find_beginning(chain, options->initial_radius);
  if (chain->density.status != ELBOW_OK) return chain->density.status;
  if (!has_begun) return ELBOW_NUMERICS;
  if (options->warmup > 0)
    el_adaptation_begin(adaptation, chain);
  else if (!el_take_tuning(chain, sampling->chains, number))
    return ELBOW_BAD_ARGUMENT;
  return ELBOW_OK;
}

// Says why a chain ended.
EL_MODEL void el_explain_chain(const el_sampling *sampling, const el_chain *chain, int32_t number, elbow_status status,
                               const char *error) {
  elbow_model *const model = sampling->model;
  if (chain && chain->density.status != ELBOW_OK)
    el_fail(model, status, "%s", error);
  else if (status == ELBOW_NUMERICS && sampling->chains->begins_here)
    el_fail(model, status, "Chain %d begins where the density or its gradient is not finite.", (int)number);
  else if (status == ELBOW_NUMERICS)
    el_fail(model, status, "Chain %d found no position within %g of 0 where the density and its gradient are finite, in %d trials.",
            (int)number, sampling->options->initial_radius, (int)EL_BEGINNING_TRIALS);
  else if (status == ELBOW_BAD_ARGUMENT)
    el_fail(model, status, "The step size or the inverse metric of chain %d is not positive.", (int)number);
  else
    el_fail(model, status, "There is no memory for chain %d, of %ld numbers.", (int)number, sampling->dimension);
}

EL_MODEL elbow_status el_run_chain(el_sampling *sampling, int32_t number) {
  const elbow_sampler_options *const options = sampling->options;
  elbow_model *handle;
  const elbow_options handle_options = {.struct_size = sizeof handle_options, .threads = 1, .state = sampling->model->state};
  elbow_status status = el_model_create(sampling->model->description, &handle_options, &handle);
  if (status != ELBOW_OK) {
    if (!__atomic_exchange_n(&sampling->has_failed, 1, __ATOMIC_RELAXED)) el_explain_chain(sampling, NULL, number, status, "");
    return status;
  }
  const void *inputs[EL_MOST_SAMPLER_INPUTS];
  memcpy(inputs, sampling->inputs, (size_t)sampling->signature->input_count * sizeof *inputs);
  el_chain *const chain = (el_chain *)el_allocate(sizeof *chain);
  el_adaptation adaptation = {.metric = options->metric, .warmup = options->warmup};
  adaptation.step_size.target = options->target_acceptance;
  status = ELBOW_OUT_OF_MEMORY;
  double *memory = NULL;
  if (chain) {
    chain->dimension = sampling->dimension;
    chain->is_dense = options->metric == ELBOW_METRIC_DENSE;
    chain->density = (el_density){handle, sampling->signature, sampling->symbols, inputs, sampling->dimension, ELBOW_OK};
    chain->source = (el_source){.seed = options->seed, .chain = (uint32_t)number};
    double base; // of an array that is counted only
    memory = (double *)el_allocate((size_t)el_place_chain(chain, &adaptation, &base) * sizeof *memory);
  }
  if (memory) {
    el_place_chain(chain, &adaptation, memory);
    status = el_begin_chain(sampling, chain, &adaptation, number);
    if (status == ELBOW_OK) {
      el_draw_chain(sampling, chain, &adaptation, number);
      el_leave_chain(sampling, chain, number);
      status = chain->density.status;
    }
  }
  if (status != ELBOW_OK) {
    __atomic_store_n(&sampling->is_ended, 1, __ATOMIC_RELAXED);
    const int is_first = !__atomic_exchange_n(&sampling->has_failed, 1, __ATOMIC_RELAXED);
    if (is_first) el_explain_chain(sampling, chain, number, status, handle->error);
  }
  el_free(memory);
  el_free(chain);
  el_model_destroy(sampling->model->description, handle);
  return status;
}

EL_MODEL void el_run_chains(void *context, int thread, int threads) {
  el_sampling *const sampling = (el_sampling *)context;
  (void)thread;
  for (long number = el_team_next(sampling->team, threads, -1); number < sampling->options->chains;
       number = el_team_next(sampling->team, threads, number))
    sampling->statuses[number] = el_run_chain(sampling, (int32_t)number);
}

// MARK: - What callers use

// Refuses a signature that is no density; else says how long positions are.
EL_MODEL elbow_status el_check_density(elbow_model *model, const el_signature *signature, const long *symbols, long *dimension) {
  int64_t position[EL_LARGEST_RANK] = {0}, gradient[EL_LARGEST_RANK] = {0};
  const el_parameter *const inputs = signature->inputs, *const outputs = signature->outputs;
  int fits = signature->input_count >= 1 && signature->input_count <= EL_MOST_SAMPLER_INPUTS && signature->output_count == 2;
  fits = fits && inputs[0].dtype == ELBOW_FLOAT64 && inputs[0].rank == 1 && outputs[0].dtype == ELBOW_FLOAT64 &&
         outputs[0].rank == 0 && outputs[1].dtype == ELBOW_FLOAT64 && outputs[1].rank == 1;
  if (fits) {
    signature->shape(symbols, 0, position);
    signature->shape(symbols, signature->input_count + 1, gradient);
    fits = position[0] == gradient[0] && position[0] >= 1 && position[0] <= INT64_C(1) << 24;
  }
  *dimension = (long)position[0];
  if (fits) return ELBOW_OK;
  return el_fail(model, ELBOW_BAD_ARGUMENT,
                 "'%s' is no density to draw from: of a position, float64[n], it gives a logarithm, float64[], and its gradient, "
                 "float64[n].",
                 signature->name);
}

EL_MODEL elbow_status el_check_sampler(elbow_model *model, const elbow_sampler_options *options, const elbow_chains *chains,
                                       long dimension) {
  const char *mistake = NULL;
  if (options->chains < 1 || options->chains > 10000)
    mistake = "there are 1 to 10,000 chains";
  else if (options->warmup < 0 || options->draws < 0 || options->warmup > INT64_C(1) << 40 || options->draws > INT64_C(1) << 40)
    mistake = "the numbers of draws are not negative";
  else if (options->threads < 0 || options->path_steps < 0)
    mistake = "the numbers of threads and steps are not negative";
  else if (options->largest_depth < 1 || options->largest_depth > EL_DEEPEST_TREE)
    mistake = "paths are doubled 1 to 20 times";
  else if (!(options->target_acceptance > 0 && options->target_acceptance < 1))
    mistake = "the acceptance aimed at lies between 0 and 1";
  else if (!(options->initial_radius >= 0 && options->initial_radius < 1e100))
    mistake = "the initial radius is not negative";
  else if (options->metric < ELBOW_METRIC_FISHER || options->metric > ELBOW_METRIC_DENSE)
    mistake = "the metric is one of elbow_metric";
  else if (options->metric == ELBOW_METRIC_DENSE && dimension > 1 << 13)
    mistake = "a dense metric has at most 8,192 directions";
  else if (!chains->positions || !chains->statistics || !chains->draw_counts || !chains->last_positions || !chains->step_sizes ||
           !chains->inverse_metrics || !chains->iterations)
    mistake = "no array is NULL";
  for (int32_t i = 0; !mistake && chains->begins_here && i < options->chains; ++i)
    if (chains->iterations[i] < 0 || chains->iterations[i] > INT64_C(1) << 60) mistake = "the iterations of chains are not negative";
  if (!mistake) return ELBOW_OK;
  return el_fail(model, ELBOW_BAD_ARGUMENT, "Chains cannot be drawn so: %s.", mistake);
}

EL_MODEL elbow_status el_sample_checked(el_sampling *sampling) {
  const int32_t count = sampling->options->chains;
  int threads = el_thread_count(sampling->options->threads);
  if (threads > count) threads = count;
  sampling->statuses = (elbow_status *)el_allocate((size_t)count * sizeof *sampling->statuses);
  sampling->team = el_team_create(threads);
  elbow_status status = ELBOW_OK;
  if (sampling->statuses && sampling->team) {
    memset(sampling->chains->draw_counts, 0, (size_t)count * sizeof(int64_t));
    el_team_run(sampling->team, el_run_chains, sampling);
    for (int32_t i = 0; i < count && status == ELBOW_OK; ++i) status = sampling->statuses[i];
  } else {
    status = el_fail(sampling->model, ELBOW_OUT_OF_MEMORY, "There is no memory for %d chains.", (int)count);
  }
  if (sampling->team) el_team_destroy(sampling->team);
  el_free(sampling->statuses);
  return status;
}

EL_MODEL elbow_status el_model_draw_chains(const el_description *description, elbow_model *model, const char *name,
                                      const elbow_array *inputs, int32_t input_count, const elbow_sampler_options *options,
                                      elbow_chains *chains) {
  elbow_status status;
  const el_signature *signature = el_find_signature(description, model, name, &status);
  if (!signature) return status;
  long symbols[EL_LARGEST_SYMBOLS], dimension = 0;
  status = el_bind(model, signature, inputs, input_count, symbols);
  if (status == ELBOW_OK) status = el_check_density(model, signature, symbols, &dimension);
  if (status != ELBOW_OK) return status;
  if (!options || !chains || options->struct_size < sizeof *options || chains->struct_size < sizeof *chains)
    return el_fail(model, ELBOW_BAD_ARGUMENT, "The options or chains of '%s' are NULL, or of another version.", name);
  elbow_sampler_options chosen = *options;
  if (chosen.chains == 0) chosen.chains = 4;
  if (chosen.largest_depth == 0) chosen.largest_depth = 10;
  if (chosen.target_acceptance == 0) chosen.target_acceptance = 0.8;
  if (chosen.initial_radius == 0) chosen.initial_radius = 2;
  status = el_check_sampler(model, &chosen, chains, dimension);
  if (status != ELBOW_OK) return status;
  const void *data[EL_MOST_SAMPLER_INPUTS];
  for (int32_t i = 1; i < input_count; ++i) {
    data[i] = inputs[i].data ? inputs[i].data : signature->inputs[i].fallback;
    if (!data[i])
      return el_fail(model, ELBOW_BAD_ARGUMENT, "The input '%s' of '%s' is not given.", signature->inputs[i].name, name);
  }
  data[0] = chains->last_positions; // any array: each evaluation has its own
  el_sampling sampling = {.model = model, .signature = signature, .inputs = data, .symbols = symbols, .options = &chosen,
                          .chains = chains, .dimension = dimension};
  return el_sample_checked(&sampling);
}

#endif
