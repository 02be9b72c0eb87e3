// What is done lane by lane or register by register, in functions that should have no loop. RegisterTests reads the assembly.
#include "elbow_math.h"
#include "elbow_random.h"

void gather(const float *from, long stride, float *to) { el_store_f32(to, el_gather_f32(from, stride)); }
void scatter(const float *from, float *to, long stride) { el_scatter_f32(to, stride, el_load_f32(from)); }
void scatter_some(const float *from, float *to, long stride, long count) {
  el_scatter_n_f32(to, stride, el_load_f32(from), count);
}
void words(el_u32 counter, uint32_t *to) {
  el_u32 out[4];
  el_philox(counter, counter, counter, counter, 1, 2, out);
  for (int i = 0; i < 4; i++) __builtin_memcpy(to + i * EL_LANES, &out[i], sizeof out[i]);
}
void each(float *x) {
  el_f32 v[EL_WAYS];
  EL_EACH_WAY(i) v[i] = el_load_f32(x + i * EL_LANES);
  EL_EACH_WAY(i) v[i] = el_exp_f32(v[i]);
  EL_EACH_WAY(i) el_store_f32(x + i * EL_LANES, v[i]);
}
