// Products with tiles of every width, and with an edge, forward and as a weight's gradient, so that the panels' strides are
// arguments.
// RegisterTests reads the assembly.
#include "elbow_contraction.h"

#define PRODUCT(COLUMNS)                                                                                       \
  void forward_##COLUMNS(long batch, const float *a, const float *b, float *c) {                               \
    el_contract_f32(batch, COLUMNS, 300, a, 300, 1, b, COLUMNS, c, COLUMNS, 0, NULL, NULL, 0);                 \
  }                                                                                                            \
  void gradient_##COLUMNS(long batch, const float *a, const float *b, float *c) {                              \
    el_contract_f32(300, COLUMNS, batch, a, 1, 300, b, COLUMNS, c, COLUMNS, 0, NULL, NULL, 0);                 \
  }

PRODUCT(16) PRODUCT(32) PRODUCT(48) PRODUCT(64) PRODUCT(80) PRODUCT(96) PRODUCT(112) PRODUCT(45) PRODUCT(23)
