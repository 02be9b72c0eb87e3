// Loads each library that is named, in a process of its own, which then ends as processes do. Prints those whose process was
// ended by a signal.
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **names) {
  int crashes = 0;
  for (int i = 1; i < count; i++) {
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
      alarm(20);
      dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
      exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) {
      printf("%s: signal %d\n", names[i], WTERMSIG(status));
      crashes++;
    }
  }
  return crashes > 0;
}
