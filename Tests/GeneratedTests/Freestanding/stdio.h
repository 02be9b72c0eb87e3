// What emitted C takes from <stdio.h>, for compiling without a C library.
#include <stdarg.h>
#include <stddef.h>
int vsnprintf(char *text, size_t bytes, const char *format, va_list arguments);
