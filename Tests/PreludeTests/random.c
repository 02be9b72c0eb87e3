// elbow_random.h against the known answers published with Random123, in every lane, and against a
// scalar Philox on counters that differ from lane to lane.
#include "elbow_random.h"

#include <stdio.h>
#include <string.h>

static const uint32_t known[3][10] = {
    {0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
    {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x408f276d, 0x41c83b0e, 0xa20bc7c6,
     0x6d5451fd},
    {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09, 0x94fdcceb, 0x5001e420,
     0x24126ea1},
};

static void scalar_philox(uint32_t counter[4], uint32_t key0, uint32_t key1) {
  for (int round = 0; round < 10; round++, key0 += 0x9E3779B9u, key1 += 0xBB67AE85u) {
    uint64_t first = (uint64_t)counter[0] * 0xD2511F53u, second = (uint64_t)counter[2] * 0xCD9E8D57u;
    uint32_t next[4] = {(uint32_t)(second >> 32) ^ counter[1] ^ key0, (uint32_t)second,
                        (uint32_t)(first >> 32) ^ counter[3] ^ key1, (uint32_t)first};
    memcpy(counter, next, sizeof next);
  }
}

int main(void) {
  int failures = 0;
  el_u32 out[4];
  for (int k = 0; k < 3; k++) {
    const uint32_t *row = known[k];
    el_philox(el_splat_u32(row[0]), el_splat_u32(row[1]), el_splat_u32(row[2]), el_splat_u32(row[3]), row[4], row[5], out);
    for (int word = 0; word < 4; word++)
      for (int lane = 0; lane < EL_LANES; lane++)
        if (out[word][lane] != row[6 + word]) {
          printf("known answer %d, word %d, lane %d: %08x\n", k, word, lane, out[word][lane]);
          failures++;
        }
  }
  for (uint32_t block = 0; block < 1000; block++) {
    el_u32 counter = el_iota_u32(block * EL_LANES);
    el_philox(counter, counter * 2654435761u, el_splat_u32(block), el_splat_u32(7), 123, 456, out);
    for (int lane = 0; lane < EL_LANES; lane++) {
      uint32_t want[4] = {counter[lane], counter[lane] * 2654435761u, block, 7};
      scalar_philox(want, 123, 456);
      for (int word = 0; word < 4; word++) failures += out[word][lane] != want[word];
    }
  }
  printf("%d lanes, %d failures\n", EL_LANES, failures);
  return failures != 0;
}
