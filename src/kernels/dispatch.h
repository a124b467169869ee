/* Which instruction sets this build holds, and which of them this CPU runs. */
#ifndef DDE_DISPATCH_H
#define DDE_DISPATCH_H

#include "kernels.h"

typedef struct {
    const char *name;
    int (*runs_here)(void);
    const dde_kernels *(*single)(void);
    const dde_kernels *(*dual)(void); /* double precision */
} dde_instruction_set;

/* From the plainest to the most capable. */
extern const dde_instruction_set dde_instruction_sets[];
extern const int dde_n_instruction_sets;

#endif
