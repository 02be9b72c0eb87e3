// elbow_random.h: random bits from counters, a vector at a time.
//
// Philox4x32-10 of J. K. Salmon, M. A. Moraes, R. O. Dror and D. E. Shaw, "Parallel random numbers: as
// easy as 1, 2, 3" (SC 2011): every lane enciphers its own 128-bit counter under a 64-bit key into four
// words, the same words as Random123's reference. There is no state: equal counters give equal words.
#ifndef ELBOW_RANDOM_H
#define ELBOW_RANDOM_H

#include "elbow_vector.h"

// Both halves of the 64-bit products of each lane with one factor. x86 multiplies the even lanes only,
// so odd lanes are moved down and the high halves of their products masked in.
#if (EL_LANES == 16 && defined(__AVX512F__)) || (EL_LANES == 8 && defined(__AVX2__)) ||            \
    (EL_LANES == 4 && defined(__SSE2__))
#define EL_MULTIPLIES_EVEN_LANES 1
#else
#define EL_MULTIPLIES_EVEN_LANES 0
#endif

typedef struct {
  el_u32 high, low;
} el_product;

EL_INLINE el_product el_multiply_wide(el_u32 a, uint32_t factor) {
  el_product product;
#if EL_MULTIPLIES_EVEN_LANES
  typedef uint64_t pairs __attribute__((vector_size(EL_LANES * 4)));
  pairs by = {0};
  by += (pairs)el_splat_u32(factor);
#if EL_LANES == 16
  pairs even = (pairs)_mm512_mul_epu32((__m512i)a, (__m512i)by);
  pairs odd = (pairs)_mm512_mul_epu32((__m512i)((pairs)a >> 32), (__m512i)by);
#elif EL_LANES == 8
  pairs even = (pairs)_mm256_mul_epu32((__m256i)a, (__m256i)by);
  pairs odd = (pairs)_mm256_mul_epu32((__m256i)((pairs)a >> 32), (__m256i)by);
#else
  pairs even = (pairs)_mm_mul_epu32((__m128i)a, (__m128i)by);
  pairs odd = (pairs)_mm_mul_epu32((__m128i)((pairs)a >> 32), (__m128i)by);
#endif
  const uint64_t upper = UINT64_C(0xffffffff00000000);
  product.high = (el_u32)((even >> 32) | (odd & upper));
#else
  el_u64 wide = __builtin_convertvector(a, el_u64) * (uint64_t)factor;
  product.high = __builtin_convertvector(wide >> 32, el_u32);
#endif
  product.low = a * factor;
  return product;
}

// Lane i of `out` holds the four words for the counter in lane i of `counter0` to `counter3`.
EL_FUNCTION void el_philox(el_u32 counter0, el_u32 counter1, el_u32 counter2, el_u32 counter3, uint32_t key0,
                         uint32_t key1, el_u32 out[4]) {
  EL_UNROLL for (int round = 0; round < 10; round++) {
    el_product first = el_multiply_wide(counter0, 0xD2511F53u);
    el_product second = el_multiply_wide(counter2, 0xCD9E8D57u);
    counter0 = second.high ^ counter1 ^ key0;
    counter2 = first.high ^ counter3 ^ key1;
    counter1 = second.low;
    counter3 = first.low;
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  out[0] = counter0, out[1] = counter1, out[2] = counter2, out[3] = counter3;
}

#undef EL_MULTIPLIES_EVEN_LANES
#endif
