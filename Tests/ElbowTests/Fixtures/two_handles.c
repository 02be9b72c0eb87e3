/* Two handles of one model, each trained on a thread of its own, each with threads of its own. Built with the thread
 * sanitizer, which ends the program with a failure if two of them touch the same memory unguarded. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "pair.h"

static void *train(void *argument) {
  elbow_model *model = argument;
  float x[400 * 20], y[400 * 3], loss = 0;
  for (int i = 0; i < 400 * 20; ++i) x[i] = (float)(i % 7) * 0.1f;
  for (int i = 0; i < 400 * 3; ++i) y[i] = (float)(i % 3);
  for (int step = 0; step < 20; ++step)
    if (pair_train(model, 400, x, y, NULL, &loss) != ELBOW_OK) return (void *)"failed";
  return NULL;
}

int main(void) {
  elbow_model *models[2];
  pthread_t threads[2];
  float weights[2][20 * 60];
  for (int i = 0; i < 2; ++i) {
    elbow_options options = {.struct_size = sizeof options, .threads = 2, .seed = 5};
    if (pair_create(&options, &models[i]) != ELBOW_OK) return 2;
  }
  for (int i = 0; i < 2; ++i) pthread_create(&threads[i], NULL, train, models[i]);
  for (int i = 0; i < 2; ++i) {
    void *result;
    pthread_join(threads[i], &result);
    if (result) return 3;
    if (pair_get_state(models[i], "hidden/kernel", weights[i], sizeof weights[i]) != ELBOW_OK) return 4;
  }
  for (int i = 0; i < 2; ++i) pair_destroy(models[i]);
  if (memcmp(weights[0], weights[1], sizeof weights[0]) != 0) return 5;
  puts("equal");
  return 0;
}
