// elbow_vector.h: the vectors that compiled Elbow graphs compute with.
//
// Every vector has EL_LANES lanes whatever its dtype, so that a loop over elements takes the same
// step in all dtypes; the compiler splits the wide ones over several registers. The types are GNU
// vector extensions, so C's own operators work on them; the functions below add what the operators
// lack (memory, selection, guarded division, saturating conversion, reductions in a fixed order).
// No function here has undefined behaviour for any operand, apart from reading or writing memory that
// is not there.
//
// A boolean is one byte, 0 or 1, in memory and an `el_mask`, 0 or -1 in each lane, in a register.
#ifndef ELBOW_VECTOR_H
#define ELBOW_VECTOR_H

#include <float.h>
#include <stdint.h>

// What is computed is stated in the arithmetic of IEEE 754, each operation rounded once, to its own type. Where a compiler has
// been told to take less care, results would be wrong without a word.
#if defined(__FAST_MATH__) || defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__) ||                               \
    defined(__NO_SIGNED_ZEROS__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error "This code needs IEEE 754's arithmetic with NaN, infinities and signed zeros: leave out -ffast-math, -Ofast, \
-ffinite-math-only, -funsafe-math-optimizations and the like."
#elif FLT_EVAL_METHOD != 0 && FLT_EVAL_METHOD != 16
#error "This code needs float and double to be computed in their own precision: on x86 with 32 bits add -msse2 \
-mfpmath=sse; elsewhere, as on s390x, leave out -std=c11 for -std=gnu11."
#endif
_Static_assert(sizeof(0.5) == sizeof(double), "This code needs constants in double: leave out -fsingle-precision-constant.");
// Clang does not say whether it may reorder sums and products.
#if defined(__clang__)
#pragma clang fp reassociate(off)
#if __clang_major__ >= 18
#pragma clang fp reciprocal(off)
#endif
#endif

#if defined(__AVX__) || defined(__AVX512F__) || defined(__SSE2__)
#include <immintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

// All functions are inlined, so how vectors are passed between functions is of no concern.
#pragma GCC diagnostic ignored "-Wpsabi"

// No compiler makes one operation of a product and a sum: it would in some copies of a loop and not in others, and results
// would depend on the compiler and on the place in a loop. Where it pays, C asks for it by name (el_fma).
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off")
#endif

#ifndef EL_LANES
#if defined(__AVX512F__)
#define EL_LANES 16
#elif defined(__AVX__)
#define EL_LANES 8
#else
#define EL_LANES 4
#endif
#endif

#if EL_LANES != 4 && EL_LANES != 8 && EL_LANES != 16
#error "EL_LANES must be 4, 8 or 16"
#endif

// How many vector registers there are.
#if EL_LANES == 16 || (EL_LANES == 4 && defined(__aarch64__))
#define EL_REGISTERS 32
#else
#define EL_REGISTERS 16
#endif

#define EL_INLINE static inline __attribute__((always_inline, unused))

// A function that is compiled once in every file that calls it. Without optimisation GCC compiles even static functions that
// nobody calls, which takes seconds, unless they are inline; and then it inlines nothing anyway.
#ifdef __OPTIMIZE__
#define EL_OUTLINE static __attribute__((noinline, unused))
#else
#define EL_OUTLINE static inline __attribute__((unused))
#endif

// A function of the length of exp. Where code is to be small and soon compiled, rather than fast, it is called.
#ifdef ELBOW_SMALL
#define EL_FUNCTION EL_OUTLINE
#else
#define EL_FUNCTION EL_INLINE
#endif

typedef float el_f32 __attribute__((vector_size(EL_LANES * 4)));
typedef double el_f64 __attribute__((vector_size(EL_LANES * 8)));
typedef int8_t el_i8 __attribute__((vector_size(EL_LANES)));
typedef int32_t el_i32 __attribute__((vector_size(EL_LANES * 4)));
typedef int64_t el_i64 __attribute__((vector_size(EL_LANES * 8)));
typedef uint8_t el_u8 __attribute__((vector_size(EL_LANES)));
typedef uint32_t el_u32 __attribute__((vector_size(EL_LANES * 4)));
typedef uint64_t el_u64 __attribute__((vector_size(EL_LANES * 8)));
typedef el_i32 el_mask;

// Before a loop with few steps, whose number is a constant: they are written out, and arrays that it indexes stay in registers.
#if defined(__clang__)
#define EL_UNROLL _Pragma("clang loop unroll(full)")
#define EL_ROLLED _Pragma("clang loop unroll(disable)")
#else
#define EL_UNROLL _Pragma("GCC unroll 32")
#define EL_ROLLED _Pragma("GCC unroll 1")
#endif
// EL_ROLLED stands before a loop that fills all registers: several steps at a time would need more of them than there are.

// Fetches what lies some elements away into the second-level cache, or what is going to be written to. Processors fetch on
// their own what lies beside what was read last, but not down the columns of a matrix. The address may lie beyond the array.
#define EL_FETCH(base, elements)                                                                                             \
  __builtin_prefetch((const void *)((uintptr_t)(base) + (uintptr_t)((elements) * (long)sizeof *(base))), 0, 2)
#define EL_FETCH_TO_WRITE(place) __builtin_prefetch(place, 1, 3)

// A sum along a vector loop is that of EL_SUM_LANES lanes on every processor: of EL_PARTS vectors, to which vectors are added
// in turn. The number is part of what a program computes; see docs/numerics.md.
#define EL_SUM_LANES 16
#define EL_PARTS (EL_SUM_LANES / EL_LANES)
#define EL_EACH_PART(part) EL_UNROLL for (int part = 0; part < EL_PARTS; ++part)

// How many vectors are worked on in turn where each waits long for its own results, as registers allow: a multiple of EL_PARTS.
#if EL_LANES == 8
#define EL_WAYS 2
#else
#define EL_WAYS 4
#endif
#define EL_EACH_WAY(way) EL_UNROLL for (int way = 0; way < EL_WAYS; ++way)

// Lists with one entry a lane.
#if EL_LANES == 16
#define EL_REPEAT(x) x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x
#define EL_LANE_NUMBERS 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
#elif EL_LANES == 8
#define EL_REPEAT(x) x, x, x, x, x, x, x, x
#define EL_LANE_NUMBERS 0, 1, 2, 3, 4, 5, 6, 7
#else
#define EL_REPEAT(x) x, x, x, x
#define EL_LANE_NUMBERS 0, 1, 2, 3
#endif

// Whether one 512-bit (256-bit) register holds an `el_f32`: then intrinsics of that width apply.
#if EL_LANES == 16 && defined(__AVX512F__)
#define EL_ZMM 1
#else
#define EL_ZMM 0
#endif
#if EL_LANES == 8 && defined(__AVX2__)
#define EL_YMM 1
#else
#define EL_YMM 0
#endif

// MARK: - Splats, masks and selection

EL_INLINE el_f32 el_splat_f32(float x) { return (el_f32){EL_REPEAT(x)}; }
EL_INLINE el_f64 el_splat_f64(double x) { return (el_f64){EL_REPEAT(x)}; }
EL_INLINE el_i32 el_splat_i32(int32_t x) { return (el_i32){EL_REPEAT(x)}; }
EL_INLINE el_u32 el_splat_u32(uint32_t x) { return (el_u32){EL_REPEAT(x)}; }
EL_INLINE el_i64 el_splat_i64(int64_t x) { return (el_i64){EL_REPEAT(x)}; }
EL_INLINE el_u64 el_splat_u64(uint64_t x) { return (el_u64){EL_REPEAT(x)}; }
EL_INLINE el_u8 el_splat_u8(uint8_t x) { return (el_u8){EL_REPEAT(x)}; }
EL_INLINE el_mask el_splat_bool(int x) {
  int32_t all = x ? -1 : 0;
  return (el_mask){EL_REPEAT(all)};
}

// Lane i holds start + i.
EL_INLINE el_i64 el_iota_i64(long start) { return el_splat_i64(start) + (el_i64){EL_LANE_NUMBERS}; }
EL_INLINE el_u32 el_iota_u32(uint32_t start) { return el_splat_u32(start) + (el_u32){EL_LANE_NUMBERS}; }
EL_INLINE el_i32 el_iota_i32(int32_t start) { return (el_i32)el_iota_u32((uint32_t)start); }
EL_INLINE el_f32 el_iota_f32(float start) { return el_splat_f32(start) + (el_f32){EL_LANE_NUMBERS}; }
EL_INLINE el_f64 el_iota_f64(double start) { return el_splat_f64(start) + (el_f64){EL_LANE_NUMBERS}; }

// True in the first `count` lanes.
EL_INLINE el_mask el_first(long count) {
  int32_t limit = count >= EL_LANES ? EL_LANES : (int32_t)count;
  return (el_i32){EL_LANE_NUMBERS} < el_splat_i32(limit);
}

// The mask as wide as the lanes of another type. Selection by bits becomes a blend.
EL_INLINE el_i64 el_wide_mask(el_mask m) { return __builtin_convertvector(m, el_i64); }
EL_INLINE el_i8 el_narrow_mask(el_mask m) { return __builtin_convertvector(m, el_i8); }

EL_INLINE el_i32 el_select_i32(el_mask m, el_i32 a, el_i32 b) { return (m & a) | (~m & b); }
EL_INLINE el_u32 el_select_u32(el_mask m, el_u32 a, el_u32 b) {
  return (el_u32)el_select_i32(m, (el_i32)a, (el_i32)b);
}
EL_INLINE el_i64 el_select_i64(el_mask m, el_i64 a, el_i64 b) {
  el_i64 wide = el_wide_mask(m);
  return (wide & a) | (~wide & b);
}
EL_INLINE el_u8 el_select_u8(el_mask m, el_u8 a, el_u8 b) {
  el_u8 narrow = (el_u8)el_narrow_mask(m);
  return (narrow & a) | (~narrow & b);
}
EL_INLINE el_mask el_select_bool(el_mask m, el_mask a, el_mask b) { return el_select_i32(m, a, b); }
EL_INLINE el_f32 el_select_f32(el_mask m, el_f32 a, el_f32 b) {
  return (el_f32)el_select_i32(m, (el_i32)a, (el_i32)b);
}
EL_INLINE el_f64 el_select_f64(el_mask m, el_f64 a, el_f64 b) {
  return (el_f64)el_select_i64(m, (el_i64)a, (el_i64)b);
}

EL_INLINE el_mask el_and_bool(el_mask a, el_mask b) { return a & b; }
EL_INLINE el_mask el_or_bool(el_mask a, el_mask b) { return a | b; }
EL_INLINE el_mask el_xor_bool(el_mask a, el_mask b) { return a ^ b; }
EL_INLINE el_mask el_not_bool(el_mask a) { return ~a; }
EL_INLINE el_mask el_eq_bool(el_mask a, el_mask b) { return ~(a ^ b); }
EL_INLINE el_mask el_ne_bool(el_mask a, el_mask b) { return a ^ b; }
// False is less than true.
EL_INLINE el_mask el_lt_bool(el_mask a, el_mask b) { return ~a & b; }
EL_INLINE el_mask el_le_bool(el_mask a, el_mask b) { return ~a | b; }
EL_INLINE el_mask el_gt_bool(el_mask a, el_mask b) { return a & ~b; }
EL_INLINE el_mask el_ge_bool(el_mask a, el_mask b) { return a | ~b; }

// MARK: - Memory
//
// No pointer need be aligned beyond its element. The functions with `_n_` touch the first `count`
// elements only; lanes that are not read are zero.

#define EL_DEFINE_MEMORY(D, T)                                                                     \
  EL_INLINE el_##D el_load_##D(const T *p) {                                                       \
    el_##D v;                                                                                      \
    __builtin_memcpy(&v, p, sizeof v);                                                             \
    return v;                                                                                      \
  }                                                                                                \
  EL_INLINE void el_store_##D(T *p, el_##D v) { __builtin_memcpy(p, &v, sizeof v); }               \
  EL_INLINE el_##D el_gather_##D(const T *p, long stride) {                                        \
    el_##D v = {0};                                                                                \
    EL_UNROLL for (int i = 0; i < EL_LANES; i++) v[i] = p[i * stride];                             \
    return v;                                                                                      \
  }                                                                                                \
  EL_INLINE el_##D el_gather_n_##D(const T *p, long stride, long count) {                          \
    if (count >= EL_LANES) return el_gather_##D(p, stride);                                        \
    el_##D v = {0};                                                                                \
    EL_UNROLL for (int i = 0; i < EL_LANES; i++)                                                   \
      if (i < count) v[i] = p[i * stride];                                                         \
    return v;                                                                                      \
  }                                                                                                \
  EL_INLINE void el_scatter_##D(T *p, long stride, el_##D v) {                                     \
    EL_UNROLL for (int i = 0; i < EL_LANES; i++) p[i * stride] = v[i];                             \
  }                                                                                                \
  EL_INLINE void el_scatter_n_##D(T *p, long stride, el_##D v, long count) {                       \
    EL_UNROLL for (int i = 0; i < EL_LANES; i++)                                                   \
      if (i < count) p[i * stride] = v[i];                                                         \
  }                                                                                                \
  EL_INLINE el_##D el_keep_##D(el_##D v, long count, T other) {                                    \
    return el_select_##D(el_first(count), v, el_splat_##D(other));                                 \
  }

EL_DEFINE_MEMORY(f32, float)
EL_DEFINE_MEMORY(f64, double)
EL_DEFINE_MEMORY(i32, int32_t)
EL_DEFINE_MEMORY(u32, uint32_t)
EL_DEFINE_MEMORY(i64, int64_t)
EL_DEFINE_MEMORY(u8, uint8_t)
#undef EL_DEFINE_MEMORY

// Where there are no masked moves, a part of a vector is read lane by lane without a branch, the first element again where there
// is none; it is written, which no inner loop does, as a copy of that many bytes.
#define EL_DEFINE_PARTIAL_COPY(D, T)                                                               \
  EL_INLINE el_##D el_load_n_##D(const T *p, long count) {                                         \
    if (count >= EL_LANES) return el_load_##D(p);                                                  \
    el_##D v = {0};                                                                                \
    if (count <= 0) return v;                                                                      \
    EL_UNROLL for (int i = 0; i < EL_LANES; i++) v[i] = p[i < count ? i : 0];                      \
    return el_select_##D(el_first(count), v, el_splat_##D(0));                                     \
  }                                                                                                \
  EL_INLINE void el_store_n_##D(T *p, el_##D v, long count) {                                      \
    if (count >= EL_LANES)                                                                         \
      el_store_##D(p, v);                                                                          \
    else if (count > 0)                                                                            \
      __builtin_memcpy(p, &v, (unsigned long)count * sizeof(T));                                   \
  }

#if EL_ZMM
EL_INLINE uint32_t el_first_bits(long count) { return count > 0 ? (1u << count) - 1u : 0u; }

// Four-byte elements fill one register, eight-byte elements two.
#define EL_DEFINE_PARTIAL_4(D, T, REGISTER, SUFFIX)                                                \
  EL_INLINE el_##D el_load_n_##D(const T *p, long count) {                                         \
    if (count >= EL_LANES) return el_load_##D(p);                                                  \
    return (el_##D)_mm512_maskz_loadu_##SUFFIX((__mmask16)el_first_bits(count), p);                \
  }                                                                                                \
  EL_INLINE void el_store_n_##D(T *p, el_##D v, long count) {                                      \
    if (count >= EL_LANES)                                                                         \
      el_store_##D(p, v);                                                                          \
    else                                                                                           \
      _mm512_mask_storeu_##SUFFIX(p, (__mmask16)el_first_bits(count), (REGISTER)v);                \
  }
#define EL_DEFINE_PARTIAL_8(D, T, REGISTER, SUFFIX)                                                \
  EL_INLINE el_##D el_load_n_##D(const T *p, long count) {                                         \
    if (count >= EL_LANES) return el_load_##D(p);                                                  \
    uint32_t bits = el_first_bits(count);                                                          \
    REGISTER half[2] = {_mm512_maskz_loadu_##SUFFIX((__mmask8)(bits & 255), p),                    \
                        _mm512_maskz_loadu_##SUFFIX((__mmask8)(bits >> 8), p + 8)};                \
    el_##D v;                                                                                      \
    __builtin_memcpy(&v, half, sizeof v);                                                          \
    return v;                                                                                      \
  }                                                                                                \
  EL_INLINE void el_store_n_##D(T *p, el_##D v, long count) {                                      \
    if (count >= EL_LANES) {                                                                       \
      el_store_##D(p, v);                                                                          \
      return;                                                                                      \
    }                                                                                              \
    uint32_t bits = el_first_bits(count);                                                          \
    REGISTER half[2];                                                                              \
    __builtin_memcpy(half, &v, sizeof v);                                                          \
    _mm512_mask_storeu_##SUFFIX(p, (__mmask8)(bits & 255), half[0]);                               \
    _mm512_mask_storeu_##SUFFIX(p + 8, (__mmask8)(bits >> 8), half[1]);                            \
  }
EL_DEFINE_PARTIAL_4(f32, float, __m512, ps)
EL_DEFINE_PARTIAL_4(i32, int32_t, __m512i, epi32)
EL_DEFINE_PARTIAL_4(u32, uint32_t, __m512i, epi32)
EL_DEFINE_PARTIAL_8(f64, double, __m512d, pd)
EL_DEFINE_PARTIAL_8(i64, int64_t, __m512i, epi64)
#undef EL_DEFINE_PARTIAL_4
#undef EL_DEFINE_PARTIAL_8
#elif defined(__AVX2__) && EL_LANES == 8
// The same with masks of whole lanes.
#define EL_DEFINE_PARTIAL_4(D, T, NUMBER, REGISTER, SUFFIX)                                        \
  EL_INLINE el_##D el_load_n_##D(const T *p, long count) {                                         \
    if (count >= EL_LANES) return el_load_##D(p);                                                  \
    const el_i32 lanes = {0, 1, 2, 3, 4, 5, 6, 7};                                                 \
    return (el_##D)_mm256_maskload_##SUFFIX((const NUMBER *)p, (__m256i)(lanes < (int)count));     \
  }                                                                                                \
  EL_INLINE void el_store_n_##D(T *p, el_##D v, long count) {                                      \
    const el_i32 lanes = {0, 1, 2, 3, 4, 5, 6, 7};                                                 \
    if (count >= EL_LANES)                                                                         \
      el_store_##D(p, v);                                                                          \
    else                                                                                           \
      _mm256_maskstore_##SUFFIX((NUMBER *)p, (__m256i)(lanes < (int)count), (REGISTER)v);          \
  }
#define EL_DEFINE_PARTIAL_8(D, T, NUMBER, REGISTER, SUFFIX)                                        \
  EL_INLINE el_##D el_load_n_##D(const T *p, long count) {                                         \
    if (count >= EL_LANES) return el_load_##D(p);                                                  \
    const el_i64 mask = (el_i64){0, 1, 2, 3, 4, 5, 6, 7} < (int64_t)count;                         \
    __m256i masks[2];                                                                              \
    __builtin_memcpy(masks, &mask, sizeof masks);                                                  \
    REGISTER half[2] = {_mm256_maskload_##SUFFIX((const NUMBER *)p, masks[0]),                     \
                        _mm256_maskload_##SUFFIX((const NUMBER *)p + 4, masks[1])};                \
    el_##D v;                                                                                      \
    __builtin_memcpy(&v, half, sizeof v);                                                          \
    return v;                                                                                      \
  }                                                                                                \
  EL_INLINE void el_store_n_##D(T *p, el_##D v, long count) {                                      \
    if (count >= EL_LANES) {                                                                       \
      el_store_##D(p, v);                                                                          \
      return;                                                                                      \
    }                                                                                              \
    const el_i64 mask = (el_i64){0, 1, 2, 3, 4, 5, 6, 7} < (int64_t)count;                         \
    __m256i masks[2];                                                                              \
    __builtin_memcpy(masks, &mask, sizeof masks);                                                  \
    REGISTER half[2];                                                                              \
    __builtin_memcpy(half, &v, sizeof v);                                                          \
    _mm256_maskstore_##SUFFIX((NUMBER *)p, masks[0], half[0]);                                     \
    _mm256_maskstore_##SUFFIX((NUMBER *)p + 4, masks[1], half[1]);                                 \
  }
EL_DEFINE_PARTIAL_4(f32, float, float, __m256, ps)
EL_DEFINE_PARTIAL_4(i32, int32_t, int, __m256i, epi32)
EL_DEFINE_PARTIAL_4(u32, uint32_t, int, __m256i, epi32)
EL_DEFINE_PARTIAL_8(f64, double, double, __m256d, pd)
EL_DEFINE_PARTIAL_8(i64, int64_t, long long, __m256i, epi64)
#undef EL_DEFINE_PARTIAL_4
#undef EL_DEFINE_PARTIAL_8
#else
EL_DEFINE_PARTIAL_COPY(f32, float)
EL_DEFINE_PARTIAL_COPY(f64, double)
EL_DEFINE_PARTIAL_COPY(i32, int32_t)
EL_DEFINE_PARTIAL_COPY(u32, uint32_t)
EL_DEFINE_PARTIAL_COPY(i64, int64_t)
#endif

#if EL_ZMM && defined(__AVX512BW__) && defined(__AVX512VL__)
EL_INLINE el_u8 el_load_n_u8(const uint8_t *p, long count) {
  if (count >= EL_LANES) return el_load_u8(p);
  return (el_u8)_mm_maskz_loadu_epi8((__mmask16)el_first_bits(count), p);
}
EL_INLINE void el_store_n_u8(uint8_t *p, el_u8 v, long count) {
  if (count >= EL_LANES)
    el_store_u8(p, v);
  else
    _mm_mask_storeu_epi8(p, (__mmask16)el_first_bits(count), (__m128i)v);
}
#else
EL_DEFINE_PARTIAL_COPY(u8, uint8_t)
#endif
#undef EL_DEFINE_PARTIAL_COPY

EL_INLINE el_mask el_mask_from_bytes(el_u8 v) { return __builtin_convertvector((el_i8)(v != 0), el_mask); }
EL_INLINE el_u8 el_bytes_from_mask(el_mask m) { return (el_u8)(el_narrow_mask(m) & 1); }

EL_INLINE el_mask el_load_bool(const uint8_t *p) { return el_mask_from_bytes(el_load_u8(p)); }
EL_INLINE void el_store_bool(uint8_t *p, el_mask m) { el_store_u8(p, el_bytes_from_mask(m)); }
EL_INLINE el_mask el_load_n_bool(const uint8_t *p, long count) {
  return el_mask_from_bytes(el_load_n_u8(p, count));
}
EL_INLINE void el_store_n_bool(uint8_t *p, el_mask m, long count) {
  el_store_n_u8(p, el_bytes_from_mask(m), count);
}
EL_INLINE el_mask el_gather_bool(const uint8_t *p, long stride) {
  return el_mask_from_bytes(el_gather_u8(p, stride));
}
EL_INLINE el_mask el_gather_n_bool(const uint8_t *p, long stride, long count) {
  return el_mask_from_bytes(el_gather_n_u8(p, stride, count));
}
EL_INLINE void el_scatter_bool(uint8_t *p, long stride, el_mask m) {
  el_scatter_u8(p, stride, el_bytes_from_mask(m));
}
EL_INLINE void el_scatter_n_bool(uint8_t *p, long stride, el_mask m, long count) {
  el_scatter_n_u8(p, stride, el_bytes_from_mask(m), count);
}
EL_INLINE el_mask el_keep_bool(el_mask m, long count, int other) {
  return el_select_bool(el_first(count), m, el_splat_bool(other));
}

// MARK: - Comparison

#define EL_DEFINE_COMPARISON(D)                                                                    \
  EL_INLINE el_mask el_lt_##D(el_##D a, el_##D b) { return EL_TO_MASK(a < b); }                    \
  EL_INLINE el_mask el_le_##D(el_##D a, el_##D b) { return EL_TO_MASK(a <= b); }                   \
  EL_INLINE el_mask el_gt_##D(el_##D a, el_##D b) { return EL_TO_MASK(a > b); }                    \
  EL_INLINE el_mask el_ge_##D(el_##D a, el_##D b) { return EL_TO_MASK(a >= b); }                   \
  EL_INLINE el_mask el_eq_##D(el_##D a, el_##D b) { return EL_TO_MASK(a == b); }                   \
  EL_INLINE el_mask el_ne_##D(el_##D a, el_##D b) { return EL_TO_MASK(a != b); }

#define EL_TO_MASK(comparison) ((el_mask)(comparison))
EL_DEFINE_COMPARISON(f32)
EL_DEFINE_COMPARISON(i32)
EL_DEFINE_COMPARISON(u32)
#undef EL_TO_MASK
#define EL_TO_MASK(comparison) __builtin_convertvector(comparison, el_mask)
EL_DEFINE_COMPARISON(f64)
EL_DEFINE_COMPARISON(i64)
#undef EL_TO_MASK
// What compares bytes is made of `char`, which has no sign on some processors.
#define EL_TO_MASK(comparison) __builtin_convertvector((el_i8)(comparison), el_mask)
EL_DEFINE_COMPARISON(u8)
#undef EL_TO_MASK
#undef EL_DEFINE_COMPARISON

EL_INLINE el_mask el_is_nan_f32(el_f32 a) { return el_ne_f32(a, a); }
EL_INLINE el_mask el_is_nan_f64(el_f64 a) { return el_ne_f64(a, a); }
EL_INLINE el_f32 el_abs_f32(el_f32 a) { return (el_f32)((el_i32)a & 0x7fffffff); }
EL_INLINE el_f64 el_abs_f64(el_f64 a) { return (el_f64)((el_i64)a & INT64_C(0x7fffffffffffffff)); }
EL_INLINE el_mask el_is_finite_f32(el_f32 a) { return el_lt_f32(el_abs_f32(a), el_splat_f32(__builtin_inff())); }
EL_INLINE el_mask el_is_finite_f64(el_f64 a) { return el_lt_f64(el_abs_f64(a), el_splat_f64(__builtin_inf())); }

// MARK: - Floating-point arithmetic

// c + a * b, rounded once where the processor can.
#if defined(__FMA__) || defined(__aarch64__)
#define EL_DEFINE_FMA(D, REGISTER, FMADD)                                                          \
  EL_INLINE el_##D el_fma_##D(el_##D a, el_##D b, el_##D c) {                                      \
    REGISTER parts[3][sizeof a / sizeof(REGISTER)];                                                \
    __builtin_memcpy(parts[0], &a, sizeof a);                                                      \
    __builtin_memcpy(parts[1], &b, sizeof b);                                                      \
    __builtin_memcpy(parts[2], &c, sizeof c);                                                      \
    EL_UNROLL for (unsigned i = 0; i < sizeof a / sizeof(REGISTER); i++)                           \
        parts[2][i] = FMADD(parts[0][i], parts[1][i], parts[2][i]);                                \
    __builtin_memcpy(&c, parts[2], sizeof c);                                                      \
    return c;                                                                                      \
  }
#if EL_ZMM
EL_DEFINE_FMA(f32, __m512, _mm512_fmadd_ps)
EL_DEFINE_FMA(f64, __m512d, _mm512_fmadd_pd)
#elif EL_LANES >= 8
EL_DEFINE_FMA(f32, __m256, _mm256_fmadd_ps)
EL_DEFINE_FMA(f64, __m256d, _mm256_fmadd_pd)
#elif defined(__aarch64__)
#define EL_NEON_FMA(a, b, c) vfmaq_f32(c, a, b)
#define EL_NEON_FMA_64(a, b, c) vfmaq_f64(c, a, b)
EL_DEFINE_FMA(f32, float32x4_t, EL_NEON_FMA)
EL_DEFINE_FMA(f64, float64x2_t, EL_NEON_FMA_64)
#undef EL_NEON_FMA
#undef EL_NEON_FMA_64
#else
EL_DEFINE_FMA(f32, __m128, _mm_fmadd_ps)
EL_DEFINE_FMA(f64, __m128d, _mm_fmadd_pd)
#endif
#undef EL_DEFINE_FMA
#elif defined(__FP_FAST_FMAF) || defined(__riscv_flen)
// A processor that has it for single numbers.
EL_INLINE el_f32 el_fma_f32(el_f32 a, el_f32 b, el_f32 c) {
  EL_UNROLL for (int i = 0; i < EL_LANES; i++) c[i] = __builtin_fmaf(a[i], b[i], c[i]);
  return c;
}
EL_INLINE el_f64 el_fma_f64(el_f64 a, el_f64 b, el_f64 c) {
  EL_UNROLL for (int i = 0; i < EL_LANES; i++) c[i] = __builtin_fma(a[i], b[i], c[i]);
  return c;
}
#else
EL_INLINE el_f32 el_fma_f32(el_f32 a, el_f32 b, el_f32 c) { return c + a * b; }
EL_INLINE el_f64 el_fma_f64(el_f64 a, el_f64 b, el_f64 c) { return c + a * b; }
#endif

// The smaller and the larger; NaN where either is NaN.
#define EL_DEFINE_FLOAT_ARITHMETIC(D, FMOD)                                                        \
  EL_INLINE el_##D el_add_##D(el_##D a, el_##D b) { return a + b; }                                \
  EL_INLINE el_##D el_sub_##D(el_##D a, el_##D b) { return a - b; }                                \
  EL_INLINE el_##D el_mul_##D(el_##D a, el_##D b) { return a * b; }                                \
  EL_INLINE el_##D el_div_##D(el_##D a, el_##D b) { return a / b; }                                \
  EL_INLINE el_##D el_neg_##D(el_##D a) { return -a; }                                             \
  EL_INLINE el_##D el_min_##D(el_##D a, el_##D b) {                                                \
    el_##D smaller = el_select_##D(el_lt_##D(a, b), a, b);                                         \
    return el_select_##D(el_is_nan_##D(a), a, smaller);                                            \
  }                                                                                                \
  EL_INLINE el_##D el_max_##D(el_##D a, el_##D b) {                                                \
    el_##D larger = el_select_##D(el_gt_##D(a, b), a, b);                                          \
    return el_select_##D(el_is_nan_##D(a), a, larger);                                             \
  }                                                                                                \
  EL_INLINE el_##D el_rem_##D(el_##D a, el_##D b) {                                                \
    for (int i = 0; i < EL_LANES; i++) a[i] = FMOD(a[i], b[i]);                                    \
    return a;                                                                                      \
  }
EL_DEFINE_FLOAT_ARITHMETIC(f32, __builtin_fmodf)
EL_DEFINE_FLOAT_ARITHMETIC(f64, __builtin_fmod)
#undef EL_DEFINE_FLOAT_ARITHMETIC

// MARK: - Integer arithmetic
//
// Sums, differences and products wrap: they are computed in the unsigned type U. Counts of shifts are
// taken modulo the width, as the machine does.

#define EL_DEFINE_INTEGER_ARITHMETIC(D, U, BITS)                                                   \
  EL_INLINE el_##D el_add_##D(el_##D a, el_##D b) { return (el_##D)((el_##U)a + (el_##U)b); }      \
  EL_INLINE el_##D el_sub_##D(el_##D a, el_##D b) { return (el_##D)((el_##U)a - (el_##U)b); }      \
  EL_INLINE el_##D el_mul_##D(el_##D a, el_##D b) { return (el_##D)((el_##U)a * (el_##U)b); }      \
  EL_INLINE el_##D el_neg_##D(el_##D a) { return (el_##D) - (el_##U)a; }                           \
  EL_INLINE el_##D el_min_##D(el_##D a, el_##D b) { return el_select_##D(el_lt_##D(a, b), a, b); } \
  EL_INLINE el_##D el_max_##D(el_##D a, el_##D b) { return el_select_##D(el_gt_##D(a, b), a, b); } \
  EL_INLINE el_##D el_and_##D(el_##D a, el_##D b) { return a & b; }                                \
  EL_INLINE el_##D el_or_##D(el_##D a, el_##D b) { return a | b; }                                 \
  EL_INLINE el_##D el_xor_##D(el_##D a, el_##D b) { return a ^ b; }                                \
  EL_INLINE el_##D el_not_##D(el_##D a) { return ~a; }                                             \
  EL_INLINE el_##D el_shl_##D(el_##D a, el_##D b) {                                                \
    return (el_##D)((el_##U)a << ((el_##U)b & (BITS - 1)));                                        \
  }                                                                                                \
  EL_INLINE el_##D el_shr_##D(el_##D a, el_##D b) { return a >> (b & (BITS - 1)); }
EL_DEFINE_INTEGER_ARITHMETIC(i32, u32, 32)
EL_DEFINE_INTEGER_ARITHMETIC(u32, u32, 32)
EL_DEFINE_INTEGER_ARITHMETIC(i64, u64, 64)
EL_DEFINE_INTEGER_ARITHMETIC(u8, u8, 8)
#undef EL_DEFINE_INTEGER_ARITHMETIC

EL_INLINE el_i32 el_abs_i32(el_i32 a) { return el_select_i32(a < 0, el_neg_i32(a), a); }
EL_INLINE el_u32 el_abs_u32(el_u32 a) { return a; }
EL_INLINE el_i64 el_abs_i64(el_i64 a) { return el_max_i64(a, el_neg_i64(a)); }
EL_INLINE el_u8 el_abs_u8(el_u8 a) { return a; }

// GCC 12 fails on the conversion of sixteen lanes when it does not optimise.
EL_INLINE el_f64 el_f64_from_i32(el_i32 v) {
#if EL_ZMM
  __m256i halves[2];
  __builtin_memcpy(halves, &v, sizeof v);
  const __m512d wide[2] = {_mm512_cvtepi32_pd(halves[0]), _mm512_cvtepi32_pd(halves[1])};
  el_f64 result;
  __builtin_memcpy(&result, wide, sizeof result);
  return result;
#else
  return __builtin_convertvector(v, el_f64);
#endif
}

// Quotients truncate. A quotient by zero is 0 and so is its remainder; the smallest number over -1
// wraps. Quotients of up to 32 bits go through floating point, which is exact: the nearest double to
// a/b never reaches the next integer, since the gap to it is at least 1/b.
EL_INLINE el_i32 el_div_i32(el_i32 a, el_i32 b) {
  el_mask zero = b == 0, minus = b == -1;
  el_i32 divisor = el_select_i32(zero | minus, el_splat_i32(1), b);
  el_f64 quotient = el_f64_from_i32(a) / el_f64_from_i32(divisor);
  el_i32 q = __builtin_convertvector(quotient, el_i32);
  return ~zero & el_select_i32(minus, el_neg_i32(a), q);
}
EL_INLINE el_u32 el_div_u32(el_u32 a, el_u32 b) {
  el_mask zero = (el_mask)(b == 0);
  el_u32 divisor = el_select_u32(zero, el_splat_u32(1), b);
  el_f64 quotient = __builtin_convertvector(a, el_f64) / __builtin_convertvector(divisor, el_f64);
  return ~(el_u32)zero & __builtin_convertvector(quotient, el_u32);
}
EL_INLINE el_i64 el_div_i64(el_i64 a, el_i64 b) {
  el_i64 zero = b == 0, minus = b == -1, replaced = zero | minus;
  el_i64 divisor = (replaced & 1) | (~replaced & b);
  el_i64 q = a / divisor;
  return ~zero & ((minus & el_neg_i64(a)) | (~minus & q));
}
EL_INLINE el_u8 el_div_u8(el_u8 a, el_u8 b) {
  el_u8 zero = (el_u8)(b == 0);
  el_u8 divisor = b | (zero & 1);
  el_i32 wide_a = __builtin_convertvector(a, el_i32), wide_b = __builtin_convertvector(divisor, el_i32);
  el_f32 quotient = __builtin_convertvector(wide_a, el_f32) / __builtin_convertvector(wide_b, el_f32);
  return ~zero & __builtin_convertvector(__builtin_convertvector(quotient, el_i32), el_u8);
}
EL_INLINE el_i32 el_rem_i32(el_i32 a, el_i32 b) {
  return ~(b == 0) & el_sub_i32(a, el_mul_i32(el_div_i32(a, b), b));
}
EL_INLINE el_u32 el_rem_u32(el_u32 a, el_u32 b) { return ~(el_u32)(b == 0) & (a - el_div_u32(a, b) * b); }
EL_INLINE el_i64 el_rem_i64(el_i64 a, el_i64 b) {
  return ~(b == 0) & el_sub_i64(a, el_mul_i64(el_div_i64(a, b), b));
}
EL_INLINE el_u8 el_rem_u8(el_u8 a, el_u8 b) { return ~(el_u8)(b == 0) & (a - el_div_u8(a, b) * b); }

// MARK: - Conversion
//
// From a floating-point number to an integer: truncated, clamped to the integers there are, and 0 for
// NaN. Between integers: modulo the width. From a boolean: 0 or 1. To a boolean: whether it is not 0.

#define EL_DEFINE_CONVERSION(A, B)                                                                 \
  EL_INLINE el_##A el_##A##_from_##B(el_##B v) { return __builtin_convertvector(v, el_##A); }
EL_DEFINE_CONVERSION(f32, f64)
EL_DEFINE_CONVERSION(f32, i32)
EL_DEFINE_CONVERSION(f32, u32)
EL_DEFINE_CONVERSION(f32, i64)
EL_DEFINE_CONVERSION(f64, f32)
EL_DEFINE_CONVERSION(f64, u32)
EL_DEFINE_CONVERSION(f64, i64)
EL_DEFINE_CONVERSION(i32, i64)
EL_DEFINE_CONVERSION(i32, u8)
EL_DEFINE_CONVERSION(u32, i64)
EL_DEFINE_CONVERSION(u32, u8)
EL_DEFINE_CONVERSION(i64, i32)
EL_DEFINE_CONVERSION(i64, u32)
EL_DEFINE_CONVERSION(i64, u8)
EL_DEFINE_CONVERSION(u8, i32)
EL_DEFINE_CONVERSION(u8, u32)
EL_DEFINE_CONVERSION(u8, i64)
#undef EL_DEFINE_CONVERSION
EL_INLINE el_i32 el_i32_from_u32(el_u32 v) { return (el_i32)v; }
EL_INLINE el_u32 el_u32_from_i32(el_i32 v) { return (el_u32)v; }
EL_INLINE el_f32 el_f32_from_u8(el_u8 v) { return el_f32_from_i32(el_i32_from_u8(v)); }
EL_INLINE el_f64 el_f64_from_u8(el_u8 v) { return el_f64_from_i32(el_i32_from_u8(v)); }

// `low` and `high` are the least number that fits and the least above it that does not, both exact.
#define EL_DEFINE_TRUNCATION(I, F, LOW, HIGH, LOWEST, HIGHEST)                                     \
  EL_INLINE el_##I el_##I##_from_##F(el_##F v) {                                                   \
    el_mask fits = el_and_bool(el_ge_##F(v, el_splat_##F(LOW)), el_lt_##F(v, el_splat_##F(HIGH))); \
    el_##I inside = __builtin_convertvector(el_select_##F(fits, v, el_splat_##F(0)), el_##I);      \
    el_##I above = el_select_##I(el_ge_##F(v, el_splat_##F(HIGH)), el_splat_##I(HIGHEST), inside); \
    return el_select_##I(el_lt_##F(v, el_splat_##F(LOW)), el_splat_##I(LOWEST), above);            \
  }
EL_DEFINE_TRUNCATION(i32, f32, -0x1p31f, 0x1p31f, INT32_MIN, INT32_MAX)
EL_DEFINE_TRUNCATION(i32, f64, -0x1p31, 0x1p31, INT32_MIN, INT32_MAX)
EL_DEFINE_TRUNCATION(u32, f32, 0.0f, 0x1p32f, 0, UINT32_MAX)
EL_DEFINE_TRUNCATION(u32, f64, 0.0, 0x1p32, 0, UINT32_MAX)
EL_DEFINE_TRUNCATION(i64, f32, -0x1p63f, 0x1p63f, INT64_MIN, INT64_MAX)
EL_DEFINE_TRUNCATION(i64, f64, -0x1p63, 0x1p63, INT64_MIN, INT64_MAX)
#undef EL_DEFINE_TRUNCATION
EL_INLINE el_u8 el_u8_from_f32(el_f32 v) {
  el_i32 n = el_i32_from_f32(v);
  return el_u8_from_i32(el_min_i32(el_max_i32(n, el_splat_i32(0)), el_splat_i32(255)));
}
EL_INLINE el_u8 el_u8_from_f64(el_f64 v) {
  el_i32 n = el_i32_from_f64(v);
  return el_u8_from_i32(el_min_i32(el_max_i32(n, el_splat_i32(0)), el_splat_i32(255)));
}

EL_INLINE el_mask el_bool_from_f32(el_f32 v) { return el_ne_f32(v, el_splat_f32(0)); }
EL_INLINE el_mask el_bool_from_f64(el_f64 v) { return el_ne_f64(v, el_splat_f64(0)); }
EL_INLINE el_mask el_bool_from_i32(el_i32 v) { return v != 0; }
EL_INLINE el_mask el_bool_from_u32(el_u32 v) { return (el_mask)(v != 0); }
EL_INLINE el_mask el_bool_from_i64(el_i64 v) { return el_ne_i64(v, el_splat_i64(0)); }
EL_INLINE el_mask el_bool_from_u8(el_u8 v) { return el_mask_from_bytes(v); }
EL_INLINE el_f32 el_f32_from_bool(el_mask m) { return el_select_f32(m, el_splat_f32(1), el_splat_f32(0)); }
EL_INLINE el_f64 el_f64_from_bool(el_mask m) { return el_select_f64(m, el_splat_f64(1), el_splat_f64(0)); }
EL_INLINE el_i32 el_i32_from_bool(el_mask m) { return m & 1; }
EL_INLINE el_u32 el_u32_from_bool(el_mask m) { return (el_u32)(m & 1); }
EL_INLINE el_i64 el_i64_from_bool(el_mask m) { return el_wide_mask(m) & 1; }
EL_INLINE el_u8 el_u8_from_bool(el_mask m) { return el_bytes_from_mask(m); }

// MARK: - Reductions
//
// The halves of the vector are combined lane by lane, then the halves of the half, and so on: the
// order never depends on where the call stands.

#if EL_LANES == 16
#define EL_UPPER_8(v) __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15)
#define EL_UPPER_4(v) __builtin_shufflevector(v, v, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7)
#define EL_UPPER_2(v) __builtin_shufflevector(v, v, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3)
#define EL_UPPER_1(v) __builtin_shufflevector(v, v, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)
#elif EL_LANES == 8
#define EL_UPPER_4(v) __builtin_shufflevector(v, v, 4, 5, 6, 7, 4, 5, 6, 7)
#define EL_UPPER_2(v) __builtin_shufflevector(v, v, 2, 3, 2, 3, 2, 3, 2, 3)
#define EL_UPPER_1(v) __builtin_shufflevector(v, v, 1, 1, 1, 1, 1, 1, 1, 1)
#else
#define EL_UPPER_2(v) __builtin_shufflevector(v, v, 2, 3, 2, 3)
#define EL_UPPER_1(v) __builtin_shufflevector(v, v, 1, 1, 1, 1)
#endif

#if EL_LANES == 16
#define EL_FOLD_WIDE(v, combine) v = combine(v, EL_UPPER_8(v)), v = combine(v, EL_UPPER_4(v))
#elif EL_LANES == 8
#define EL_FOLD_WIDE(v, combine) v = combine(v, EL_UPPER_4(v))
#else
#define EL_FOLD_WIDE(v, combine) (void)0
#endif

#define EL_DEFINE_REDUCTION(NAME, COMBINE, D, T)                                                   \
  EL_INLINE T el_##NAME##_##D(el_##D v) {                                                          \
    EL_FOLD_WIDE(v, el_##COMBINE##_##D);                                                           \
    v = el_##COMBINE##_##D(v, EL_UPPER_2(v));                                                      \
    v = el_##COMBINE##_##D(v, EL_UPPER_1(v));                                                      \
    return v[0];                                                                                   \
  }                                                                                                \
  /* The same of all lanes of a sum. */                                                            \
  EL_INLINE T el_##NAME##_parts_##D(const el_##D *parts) {                                         \
    el_##D v[EL_PARTS];                                                                            \
    EL_EACH_PART(part) v[part] = parts[part];                                                      \
    EL_UNROLL for (int half = EL_PARTS / 2; half > 0; half /= 2) {                                 \
      EL_UNROLL for (int i = 0; i < half; i++) v[i] = el_##COMBINE##_##D(v[i], v[i + half]);       \
    }                                                                                              \
    return el_##NAME##_##D(v[0]);                                                                  \
  }
#define EL_DEFINE_REDUCTIONS(D, T)                                                                 \
  EL_DEFINE_REDUCTION(sum, add, D, T)                                                              \
  EL_DEFINE_REDUCTION(prod, mul, D, T)                                                             \
  EL_DEFINE_REDUCTION(reduce_max, max, D, T)                                                       \
  EL_DEFINE_REDUCTION(reduce_min, min, D, T)
EL_DEFINE_REDUCTIONS(f32, float)
EL_DEFINE_REDUCTIONS(f64, double)
EL_DEFINE_REDUCTIONS(i32, int32_t)
EL_DEFINE_REDUCTIONS(u32, uint32_t)
EL_DEFINE_REDUCTIONS(i64, int64_t)
EL_DEFINE_REDUCTIONS(u8, uint8_t)
EL_DEFINE_REDUCTION(fold_and, and, i32, int32_t)
EL_DEFINE_REDUCTION(fold_or, or, i32, int32_t)
#undef EL_DEFINE_REDUCTIONS
#undef EL_DEFINE_REDUCTION

#if EL_ZMM
EL_INLINE int el_any_bool(el_mask m) { return _mm512_test_epi32_mask((__m512i)m, (__m512i)m) != 0; }
EL_INLINE int el_all_bool(el_mask m) { return _mm512_test_epi32_mask((__m512i)m, (__m512i)m) == 0xffff; }
#elif EL_YMM
EL_INLINE int el_any_bool(el_mask m) { return _mm256_movemask_ps((__m256)m) != 0; }
EL_INLINE int el_all_bool(el_mask m) { return _mm256_movemask_ps((__m256)m) == 0xff; }
#elif EL_LANES == 4 && defined(__SSE2__)
EL_INLINE int el_any_bool(el_mask m) { return _mm_movemask_ps((__m128)m) != 0; }
EL_INLINE int el_all_bool(el_mask m) { return _mm_movemask_ps((__m128)m) == 0xf; }
#else
EL_INLINE int el_any_bool(el_mask m) { return el_fold_or_i32(m) != 0; }
EL_INLINE int el_all_bool(el_mask m) { return el_fold_and_i32(m) != 0; }
#endif

#endif
