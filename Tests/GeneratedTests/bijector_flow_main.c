// Trains the flow of an affine map and a leaky ReLU, and draws points.
#include "bijector_flow.h"

#define FLOW(name) bijector_flow_##name
#include "flow.h"
