// elbow_manifest.h: a model's description of itself in a section of its own, where tools find it without loading the library.

#ifndef ELBOW_MANIFEST_H
#define ELBOW_MANIFEST_H

#include "elbow.h"

#if defined(__ELF__)
#define EL_MANIFEST_SECTION __attribute__((section("elbow_manifest"), used))
#else
#define EL_MANIFEST_SECTION __attribute__((used))
#endif

// A manifest of so many bytes of JSON, with their FNV-1a checksum.
#define EL_MANIFEST(NAME, BYTE_COUNT, CHECKSUM, JSON)                                                                        \
  static const struct {                                                                                                      \
    elbow_manifest_header header;                                                                                            \
    char text[(BYTE_COUNT) + 1];                                                                                             \
  } NAME EL_MANIFEST_SECTION = {                                                                                             \
      {{'E', 'L', 'B', 'O', 'W', 'M', 'A', 'N'}, ELBOW_ABI_VERSION, sizeof(elbow_manifest_header), BYTE_COUNT, CHECKSUM},    \
      JSON,                                                                                                                  \
  };

#endif
