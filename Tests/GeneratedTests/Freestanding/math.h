// What emitted C takes from <math.h>, for compiling without a C library.
float sinf(float x);
float cosf(float x);
float tanf(float x);
double sin(double x);
double cos(double x);
double tan(double x);
double sinh(double x);
double cosh(double x);
double atan(double x);
double erf(double x);
double erfc(double x);
double pow(double x, double y);
