// elbow_nuts.h: the No-U-Turn Sampler, one transition of one chain.
//
// A path through position and momentum is doubled, forwards or backwards in time, until it begins to turn back (M. D. Hoffman and
// A. Gelman, JMLR 15, 2014). The draw is one of its states, chosen by their weights: within a new half by the weights alone, between
// the halves with a preference for the new one (M. Betancourt, arXiv:1701.02434, A.3). Whether a stretch turns back is seen in the sum
// of its momenta (A.4.2); where two stretches meet, each is checked together with the other's nearest state as well, without which
// paths that are a whole period long are missed.
#ifndef ELBOW_NUTS_H
#define ELBOW_NUTS_H

#include "elbow_math.h"
#include "elbow_model.h"
#include "elbow_random.h"

enum { EL_DEEPEST_TREE = 20 };

// What a transition may lose in energy before its path counts as diverging.
#define EL_LARGEST_ENERGY_ERROR 1000.0

// A density that a signature computes.
typedef struct el_density {
  elbow_model *model;
  const el_signature *signature;
  const long *symbols;
  const void **inputs; // the first is the position
  long dimension;
  elbow_status status; // of the first evaluation that failed
} el_density;

// The logarithm of the density at a position, and its gradient; -infinity where it is none.
EL_MODEL double el_density_at(el_density *density, const double *position, double *gradient) {
  double value = 0;
  void *outputs[2] = {&value, gradient};
  density->inputs[0] = position;
  const elbow_status status = density->signature->run(density->model, density->symbols, density->inputs, outputs);
  if (status != ELBOW_OK && density->status == ELBOW_OK) density->status = status;
  return status == ELBOW_OK && value == value ? value : -__builtin_inf();
}

// MARK: - Random numbers, which depend on the seed, the chain, the iteration and their place alone

typedef enum el_stream { EL_STREAM_MOMENTUM, EL_STREAM_CHOICES, EL_STREAM_BEGINNING } el_stream;

typedef struct el_source {
  uint64_t seed;
  uint32_t chain;
  int64_t iteration;
  uint32_t trial;        // of a step size or a beginning; 0 in transitions
  uint32_t choice_count; // since the iteration began
  double choices[EL_LANES];
} el_source;

// Numbers in (0, 1) from the words of as many counters as there are lanes, two of each.
EL_MODEL void el_uniforms(const el_source *source, el_stream stream, uint32_t first, double *a, double *b) {
  el_u32 words[4];
  el_philox(el_iota_u32(first + (source->trial << 25)), el_splat_u32((uint32_t)stream | source->chain << 2),
            el_splat_u32((uint32_t)source->iteration), el_splat_u32((uint32_t)((uint64_t)source->iteration >> 32)),
            (uint32_t)source->seed, (uint32_t)(source->seed >> 32), words);
  for (int lane = 0; lane < EL_LANES; ++lane) {
    a[lane] = ((double)(words[0][lane] >> 5) * 0x1p26 + (double)(words[1][lane] >> 6) + 0.5) * 0x1p-53;
    b[lane] = ((double)(words[2][lane] >> 5) * 0x1p26 + (double)(words[3][lane] >> 6) + 0.5) * 0x1p-53;
  }
}

// The next number in (0, 1) of an iteration.
EL_MODEL double el_choice(el_source *source) {
  const uint32_t lane = source->choice_count % EL_LANES;
  double unused[EL_LANES];
  if (lane == 0) el_uniforms(source, EL_STREAM_CHOICES, source->choice_count, source->choices, unused);
  ++source->choice_count;
  return source->choices[lane];
}

// Normal numbers (G. E. P. Box and M. E. Muller, 1958).
EL_MODEL void el_normals(const el_source *source, long count, double *result) {
  double a[EL_LANES], b[EL_LANES];
  for (long i = 0; i < count; i += EL_LANES) {
    el_uniforms(source, EL_STREAM_MOMENTUM, (uint32_t)i, a, b);
    const el_f64 radius = el_sqrt_f64(-2.0 * el_log_f64(el_load_f64(a)));
    const el_f64 normal = radius * el_cos_f64(0x1.921fb54442d18p+2 * el_load_f64(b));
    for (int lane = 0; lane < EL_LANES && i + lane < count; ++lane) result[i + lane] = normal[lane];
  }
}

// MARK: - Positions and momenta

typedef struct el_state {
  double *position, *momentum, *gradient, *velocity;
  double log_density;
} el_state;

// A stretch of a path, as far as joining it to the next needs it.
typedef struct el_tree {
  double *momentum_sum;
  // At the ends, in the order in which it was made.
  double *first_momentum, *last_momentum, *first_velocity, *last_velocity;
  // The state that was chosen among its states.
  double *position, *gradient;
  double log_density;
  double weight; // the sum of exp(H0 - H) over its states
  int depth;
} el_tree;

enum { EL_STATE_ARRAYS = 4, EL_TREE_ARRAYS = 7 };

typedef struct el_chain {
  el_density density;
  el_source source;
  long dimension;
  double step_size;
  int is_dense;
  double *inverse_metric; // [n], or [n, n]
  double *factor;         // where dense: its lower Cholesky factor
  el_state ends[2];       // of the path; backwards in time, forwards
  el_tree tree, branches[EL_DEEPEST_TREE + 1];
  double *before; // where it was before the transition at work
  // Of the transition at work.
  double energy, acceptance_sum;
  int32_t steps, is_divergent;
  void *memory;
} el_chain;

EL_MODEL double el_dot(const double *a, const double *b, long count) {
  double sum = 0;
  for (long i = 0; i < count; ++i) sum += a[i] * b[i];
  return sum;
}

EL_MODEL void el_copy(double *to, const double *from, long count) { memcpy(to, from, (size_t)count * sizeof *to); }

EL_MODEL void el_swap(double **a, double **b) {
  double *const held = *a;
  *a = *b, *b = held;
}

// The velocity of a momentum: the inverse metric times it.
EL_MODEL void el_velocity(const el_chain *chain, const double *momentum, double *velocity) {
  const long n = chain->dimension;
  const double *const metric = chain->inverse_metric;
  if (chain->is_dense)
    for (long i = 0; i < n; ++i) velocity[i] = el_dot(metric + i * n, momentum, n);
  else
    for (long i = 0; i < n; ++i) velocity[i] = metric[i] * momentum[i];
}

// A momentum of the metric's normal distribution.
EL_MODEL void el_draw_momentum(el_chain *chain, double *momentum) {
  const long n = chain->dimension;
  el_normals(&chain->source, n, momentum);
  if (!chain->is_dense) {
    for (long i = 0; i < n; ++i) momentum[i] /= sqrt(chain->inverse_metric[i]);
    return;
  }
  // The inverse metric is L L^T: p = L^-T z has the covariance of the metric.
  for (long i = n - 1; i >= 0; --i) {
    for (long j = i + 1; j < n; ++j) momentum[i] -= chain->factor[j * n + i] * momentum[j];
    momentum[i] /= chain->factor[i * n + i];
  }
}

EL_MODEL double el_energy(const el_state *state, long count) {
  return -state->log_density + 0.5 * el_dot(state->momentum, state->velocity, count);
}

// A step of the leapfrog method.
EL_MODEL void el_leapfrog(el_chain *chain, el_state *state, double step) {
  const long n = chain->dimension;
  for (long i = 0; i < n; ++i) state->momentum[i] += 0.5 * step * state->gradient[i];
  el_velocity(chain, state->momentum, state->velocity);
  for (long i = 0; i < n; ++i) state->position[i] += step * state->velocity[i];
  state->log_density = el_density_at(&chain->density, state->position, state->gradient);
  for (long i = 0; i < n; ++i) state->momentum[i] += 0.5 * step * state->gradient[i];
  el_velocity(chain, state->momentum, state->velocity);
}

// exp(H0 - H), which is 0 where H is none, and no more than sums of a whole tree of them can hold.
EL_MODEL double el_weight(double difference) {
  if (!(difference > -740)) return 0;
  return el_exp_f64(el_splat_f64(difference < 600 ? difference : 600))[0];
}

// MARK: - Trees

EL_MODEL void el_tree_of_state(el_tree *tree, const el_state *state, double weight, long n) {
  el_copy(tree->momentum_sum, state->momentum, n);
  el_copy(tree->first_momentum, state->momentum, n);
  el_copy(tree->last_momentum, state->momentum, n);
  el_copy(tree->first_velocity, state->velocity, n);
  el_copy(tree->last_velocity, state->velocity, n);
  el_copy(tree->position, state->position, n);
  el_copy(tree->gradient, state->gradient, n);
  tree->log_density = state->log_density;
  tree->weight = weight;
  tree->depth = 0;
}

// Joins the stretch that comes next to a stretch. The state of the next is taken with this probability.
//
// Returns whether the whole, and each part with the nearest state of the other, goes on in one direction.
EL_MODEL int el_tree_join(el_tree *tree, el_tree *next, double probability, double choice, long n) {
  double whole_first = 0, whole_last = 0, head_first = 0, head_last = 0, tail_first = 0, tail_last = 0;
  for (long i = 0; i < n; ++i) {
    const double sum = tree->momentum_sum[i] + next->momentum_sum[i];
    const double head = tree->momentum_sum[i] + next->first_momentum[i];
    const double tail = tree->last_momentum[i] + next->momentum_sum[i];
    whole_first += tree->first_velocity[i] * sum;
    whole_last += next->last_velocity[i] * sum;
    head_first += tree->first_velocity[i] * head;
    head_last += next->first_velocity[i] * head;
    tail_first += tree->last_velocity[i] * tail;
    tail_last += next->last_velocity[i] * tail;
    tree->momentum_sum[i] = sum;
  }
  el_swap(&tree->last_momentum, &next->last_momentum);
  el_swap(&tree->last_velocity, &next->last_velocity);
  if (choice < probability) {
    el_swap(&tree->position, &next->position);
    el_swap(&tree->gradient, &next->gradient);
    tree->log_density = next->log_density;
  }
  tree->weight += next->weight;
  ++tree->depth;
  return whole_first > 0 && whole_last > 0 && head_first > 0 && head_last > 0 && tail_first > 0 && tail_last > 0;
}

// One more state of the path, as a tree; 0 if the path diverges there.
EL_MODEL int el_next_state(el_chain *chain, int direction, el_tree *tree) {
  el_state *const end = &chain->ends[direction];
  el_leapfrog(chain, end, direction ? chain->step_size : -chain->step_size);
  const double difference = chain->energy - el_energy(end, chain->dimension);
  const double weight = el_weight(difference);
  ++chain->steps;
  chain->acceptance_sum += weight < 1 ? weight : 1;
  if (!(difference >= -EL_LARGEST_ENERGY_ERROR)) {
    chain->is_divergent = 1;
    return 0;
  }
  el_tree_of_state(tree, end, weight, chain->dimension);
  return 1;
}

// A stretch of 2^depth states in a direction, in branches[0]: trees of equal depth are joined as soon as there are two, so that there are
// never more than one of each depth. 0 if it diverges or turns back somewhere.
EL_MODEL int el_grow(el_chain *chain, int direction, int depth) {
  int count = 0;
  for (long state = 0; state < 1L << depth; ++state) {
    if (!el_next_state(chain, direction, &chain->branches[count++])) return 0;
    while (count > 1 && chain->branches[count - 1].depth == chain->branches[count - 2].depth) {
      el_tree *const tree = &chain->branches[count - 2], *const next = &chain->branches[count - 1];
      const double sum = tree->weight + next->weight;
      const double probability = sum > 0 ? next->weight / sum : 0.5;
      if (!el_tree_join(tree, next, probability, el_choice(&chain->source), chain->dimension)) return 0;
      --count;
    }
  }
  return 1;
}

// MARK: - Transitions

// Sets both ends of the path to the last draw, with a new momentum.
EL_MODEL void el_begin_path(el_chain *chain) {
  const long n = chain->dimension;
  el_state *const back = &chain->ends[0], *const front = &chain->ends[1];
  el_copy(back->position, chain->tree.position, n);
  el_copy(back->gradient, chain->tree.gradient, n);
  back->log_density = chain->tree.log_density;
  el_draw_momentum(chain, back->momentum);
  el_velocity(chain, back->momentum, back->velocity);
  el_copy(front->position, back->position, n);
  el_copy(front->gradient, back->gradient, n);
  el_copy(front->momentum, back->momentum, n);
  el_copy(front->velocity, back->velocity, n);
  front->log_density = back->log_density;
  chain->energy = el_energy(back, n);
  chain->acceptance_sum = 0;
  chain->steps = chain->is_divergent = 0;
}

// Draws the next position, by NUTS; it is the tree's.
EL_MODEL int el_nuts(el_chain *chain, int largest_depth) {
  el_tree *const tree = &chain->tree;
  el_begin_path(chain);
  el_tree_of_state(tree, &chain->ends[0], 1, chain->dimension);
  int made = 1; // the direction in which the tree's ends are in order
  int depth = 0;
  for (; depth < largest_depth; ++depth) {
    const int direction = el_choice(&chain->source) < 0.5;
    if (!el_grow(chain, direction, depth)) break;
    if (direction != made) {
      el_swap(&tree->first_momentum, &tree->last_momentum);
      el_swap(&tree->first_velocity, &tree->last_velocity);
      made = direction;
    }
    el_tree *const next = &chain->branches[0];
    // Above 1 where the new half has more weight: then its state is taken.
    if (!el_tree_join(tree, next, next->weight / tree->weight, el_choice(&chain->source), chain->dimension)) {
      ++depth;
      break;
    }
  }
  return depth;
}

// Draws the next position by a path of fixed length, which ends in its last state or where it began.
EL_MODEL int el_fixed_path(el_chain *chain, int32_t steps) {
  el_begin_path(chain);
  el_state *const end = &chain->ends[1];
  double weight = 1;
  for (int32_t step = 0; step < steps && !chain->is_divergent; ++step) {
    el_leapfrog(chain, end, chain->step_size);
    const double difference = chain->energy - el_energy(end, chain->dimension);
    weight = el_weight(difference);
    ++chain->steps;
    chain->is_divergent = !(difference >= -EL_LARGEST_ENERGY_ERROR);
  }
  const double acceptance = weight < 1 ? weight : 1;
  if (!chain->is_divergent && el_choice(&chain->source) < acceptance)
    el_tree_of_state(&chain->tree, end, 1, chain->dimension);
  // The mean over the path is the last state's alone.
  chain->acceptance_sum = acceptance * chain->steps;
  return 0;
}

#endif
