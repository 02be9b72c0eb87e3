#include "elbow.h"
