// Trains the masked autoregressive flow, whose draws are made in a loop, and draws points.
#include "maf_2d.h"

#define FLOW(name) maf_2d_##name
#include "flow.h"
