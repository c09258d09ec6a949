/* Preloaded into a process: it sees as many cores as the environment variable CORES says. Only the answers are made up. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

static int cores(void) {
  const char *said = getenv("CORES");
  return said ? atoi(said) : 1;
}

int get_nprocs(void) { return cores(); }
int get_nprocs_conf(void) { return cores(); }

long sysconf(int name) {
  static long (*real)(int);
  if (!real) real = (long (*)(int))dlsym(RTLD_NEXT, "sysconf");
  return name == _SC_NPROCESSORS_ONLN || name == _SC_NPROCESSORS_CONF ? cores() : real(name);
}

int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set) {
  (void)pid;
  CPU_ZERO_S(size, set);
  for (int core = 0; core < cores(); core++) CPU_SET_S(core, size, set);
  return 0;
}
