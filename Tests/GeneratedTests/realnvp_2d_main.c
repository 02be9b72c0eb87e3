// Trains the flow of coupling layers, and draws points.
#include "realnvp_2d.h"

#define FLOW(name) realnvp_2d_##name
#include "flow.h"
