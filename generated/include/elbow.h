/* The C interface of a compiled Elbow model, version 1.
 *
 * A compiled model is one shared library or a few C files. It exports `elbow_get_library()`, which returns a table of the
 * functions below, and the same functions under the model's own prefix (`vae_create`, `vae_run`, ...), so that several
 * models can be linked into one program. Nothing here is global: all state lies behind an `elbow_model` handle. One
 * handle serves one thread at a time; separate handles are independent. A handle that is NULL or another model's is
 * refused, and so is one that was destroyed, as long as its memory is not used again.
 *
 * Arrays are dense and row-major. Nothing is allocated while a signature runs, except when it first sees a larger batch.
 */
#ifndef ELBOW_H
#define ELBOW_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ELBOW_ABI_VERSION 1u

typedef struct elbow_model elbow_model;

typedef enum elbow_status {
  ELBOW_OK = 0,
  ELBOW_NOT_FOUND = 1,     /* no signature or variable of that name */
  ELBOW_BAD_ARGUMENT = 2,  /* a wrong count, rank, shape, dtype or size */
  ELBOW_OUT_OF_MEMORY = 3,
  ELBOW_THREADS = 4,       /* not given: a model runs on as many threads as the system lets start */
  ELBOW_NUMERICS = 5       /* a check-numerics build met NaN or infinity */
} elbow_status;

typedef enum elbow_dtype {
  ELBOW_FLOAT32 = 0,
  ELBOW_FLOAT64 = 1,
  ELBOW_INT32 = 2,
  ELBOW_INT64 = 3,
  ELBOW_UINT8 = 4,
  ELBOW_UINT32 = 5,
  ELBOW_BOOL = 6 /* one byte, 0 or 1 */
} elbow_dtype;

/* A caller's array. An input whose `data` is NULL takes its default value, where the manifest gives one. */
typedef struct elbow_array {
  void *data;
  const int64_t *shape; /* `rank` extents, outermost first */
  int32_t rank;
  int32_t dtype; /* an elbow_dtype */
} elbow_array;

/* Zero-initialise and set `struct_size = sizeof(elbow_options)`. */
typedef struct elbow_options {
  uint32_t struct_size;
  int32_t threads;   /* 0: one per core */
  uint64_t seed;     /* of the initial variables and of everything random */
  void *state;       /* NULL: the library allocates and initialises the state. Otherwise `state_byte_count` bytes, 64-byte
                        aligned, that the caller owns and that several models of the same graph may share in turn. */
} elbow_options;

/* How the scales of a posterior's directions are learned in the warm-up. */
typedef enum elbow_metric {
  ELBOW_METRIC_FISHER = 0,   /* of each number, from draws and gradients */
  ELBOW_METRIC_DIAGONAL = 1, /* of each number, from the variances of draws */
  ELBOW_METRIC_DENSE = 2     /* of all directions, from the covariances of draws */
} elbow_metric;

/* How chains are drawn. Zero-initialise and set `struct_size`; where a field is 0, the value in brackets is taken. */
typedef struct elbow_sampler_options {
  uint32_t struct_size;
  int32_t chains;           /* [4] */
  int32_t threads;          /* that draw chains side by side; draws do not depend on it [one per core] */
  int32_t metric;           /* an elbow_metric */
  int64_t warmup;           /* draws that the step size and the metric are learned from; 0 for none */
  int64_t draws;            /* draws of each chain after the warm-up */
  int32_t keeps_warmup;     /* whether the draws of the warm-up are written too, before the others */
  int32_t largest_depth;    /* how often a path is doubled at most [10] */
  int32_t path_steps;       /* above 0: paths of that many steps (HMC) instead of NUTS */
  double target_acceptance; /* [0.8] */
  double initial_radius;    /* chains begin within this distance of 0 in each direction [2] */
  uint64_t seed;
  /* Told after each draw of a chain, by the thread that draws it; NULL for nobody. If it returns other than 0, all chains end. */
  int (*progress)(void *context, int32_t chain, int64_t iteration, int32_t is_divergent);
  void *context;
} elbow_sampler_options;

/* What is known of one draw. */
typedef struct elbow_draw {
  double log_density; /* at the draw */
  double energy;      /* minus log density, and the momentum's part */
  double acceptance;  /* the mean probability of acceptance along the path */
  double step_size;
  int32_t steps;      /* evaluations of the density */
  int32_t depth;      /* of the tree */
  int32_t is_divergent;
  int32_t reserved;
} elbow_draw;

/* Where chains are written to, in memory of the caller's, and begin. Arrays that may be NULL are so. */
typedef struct elbow_chains {
  uint32_t struct_size;
  double *positions;           /* [chains, draws, n] */
  elbow_draw *statistics;      /* [chains, draws] */
  int64_t *draw_counts;        /* [chains]: how many draws were made; fewer than asked for if it was ended */
  /* Where each chain is: what is drawn next depends on nothing else. If `begins_here`, read before; always written after. */
  int32_t begins_here;
  double *last_positions;      /* [chains, n] */
  double *step_sizes;          /* [chains]; read if the warm-up is 0 */
  double *inverse_metrics;     /* [chains, n], or [chains, n, n] where dense; read like step sizes */
  int64_t *iterations;         /* [chains]: the draws that each chain has made since its seed */
} elbow_chains;

/* What `elbow_get_library()` returns. Inputs and outputs are in the manifest's order. */
typedef struct elbow_library {
  uint32_t abi_version; /* ELBOW_ABI_VERSION of the emitter */
  uint32_t struct_size; /* sizeof(elbow_library) of the emitter */
  const char *manifest; /* JSON, not NUL-terminated */
  uint64_t manifest_byte_count;
  uint64_t state_byte_count;

  elbow_status (*create)(const elbow_options *options, elbow_model **model);
  void (*destroy)(elbow_model *model);
  /* Sets every variable to its initial value and the random state to (`seed`, 0). */
  elbow_status (*initialize)(elbow_model *model, uint64_t seed);
  /* Writes the shape of output `index`, at most `capacity` extents, as it follows from the inputs' shapes. */
  elbow_status (*output_shape)(elbow_model *model, const char *signature, const elbow_array *inputs, int32_t input_count,
                               int32_t index, int64_t *shape, int32_t capacity);
  elbow_status (*run)(elbow_model *model, const char *signature, const elbow_array *inputs, int32_t input_count,
                      elbow_array *outputs, int32_t output_count);
  /* A variable's elements, dense; `byte_count` must be its size. */
  elbow_status (*get_state)(elbow_model *model, const char *name, void *data, uint64_t byte_count);
  elbow_status (*set_state)(elbow_model *model, const char *name, const void *data, uint64_t byte_count);
  /* The random state: the seed, and a counter that every run which draws advances by one. */
  void (*get_random_state)(elbow_model *model, uint64_t *seed, uint64_t *counter);
  void (*set_random_state)(elbow_model *model, uint64_t seed, uint64_t counter);
  /* Results do not depend on the number of threads, to the bit. 0: one per core. */
  elbow_status (*set_threads)(elbow_model *model, int32_t threads);
  /* A sentence about the last call on this handle that failed, "" if none did; or about the handle, if it is none. */
  const char *(*last_error)(const elbow_model *model);
  /* Runs a signature `steps` times in one call, as a loop over a data set does. The signature has one symbolic extent, the
     batch, and it leads the shapes of some inputs: these are given whole, all with the same number of rows. Step i takes the
     rows order[i * batch] to order[(i + 1) * batch - 1], or if `order` is NULL the i-th `batch` rows, beginning anew where
     there are no more whole batches. Outputs do not depend on the batch; their arrays have a leading axis of `steps`. */
  elbow_status (*run_steps)(elbow_model *model, const char *signature, const elbow_array *inputs, int32_t input_count,
                            int64_t batch, int64_t steps, const int64_t *order, elbow_array *outputs, int32_t output_count);
  /* Draws chains from the density that a signature computes: its first input is the position, float64[n], and its outputs are
     the logarithm of the density, float64[], and the gradient of that, float64[n]. The other inputs are the same for all draws.
     NULL where the model has no signature of that kind. */
  elbow_status (*draw_chains)(elbow_model *model, const char *signature, const elbow_array *inputs, int32_t input_count,
                         const elbow_sampler_options *options, elbow_chains *chains);
} elbow_library;

/* Exported by shared libraries only (compiled with -DELBOW_SHARED_LIBRARY). */
const elbow_library *elbow_get_library(void);

/* What the ELF section "elbow_manifest" of a shared library holds, so that it can be checked before it is loaded. It is
 * followed by `manifest_byte_count` bytes of JSON. The checksum is FNV-1a, 64 bits, of those bytes. */
typedef struct elbow_manifest_header {
  char magic[8]; /* "ELBOWMAN" */
  uint32_t abi_version;
  uint32_t header_byte_count; /* sizeof(elbow_manifest_header) */
  uint64_t manifest_byte_count;
  uint64_t manifest_checksum;
} elbow_manifest_header;

#ifdef __cplusplus
}
#endif

#endif
