/* What OpenMP has, and how many threads it can be asked for. */
#ifndef DDE_THREADS_H
#define DDE_THREADS_H

/* A parallel region has no more threads. */
#define DDE_MOST_THREADS 1024

int dde_openmp_available(void);
int dde_openmp_max_threads(void);

/* How many threads the next parallel region of this thread may have, of the n that are wanted: fewer
 * where the system starts no more. */
int dde_startable_threads(int n);

#endif
