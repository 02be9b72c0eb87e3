// Products whose right operand has the depth side by side, with tiles of every number of columns. RegisterTests reads the
// assembly.
#include "elbow_contraction.h"

#define PRODUCT(COLUMNS)                                                                                       \
  void product_##COLUMNS(long batch, const float *a, const float *b, float *c) {                               \
    el_contract_dots_f32(batch, COLUMNS, 300, a, 300, b, 300, c, COLUMNS, 0, NULL, NULL, 0);                   \
  }

PRODUCT(1) PRODUCT(2) PRODUCT(3) PRODUCT(4) PRODUCT(5) PRODUCT(6)
