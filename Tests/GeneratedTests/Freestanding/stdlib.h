// What emitted C takes from <stdlib.h>, for compiling without a C library.
#include <stddef.h>
void *aligned_alloc(size_t alignment, size_t bytes);
void free(void *memory);
