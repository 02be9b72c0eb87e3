// What emitted C takes from <string.h>, for compiling without a C library.
#include <stddef.h>
void *memcpy(void *to, const void *from, size_t bytes);
void *memset(void *memory, int byte, size_t bytes);
int strcmp(const char *a, const char *b);
