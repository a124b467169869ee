#include "dispatch.h"

#define LISTED(name, parameters) {#name, parameters},
const dde_listed dde_listed_conversions[] = {DDE_CONVERSIONS(LISTED)};
const dde_listed dde_listed_differences[] = {DDE_DIFFERENCES(LISTED)};
#define ROWS(name, rows) [DDE_##name] = rows,
const int dde_component_rows[DDE_N_DIFFERENCES] = {DDE_COMPONENTS(ROWS)};
const dde_listed dde_listed_picture_differences[] = {DDE_PICTURE_DIFFERENCES(LISTED)};
const dde_listed dde_listed_networks[] = {DDE_NETWORKS(LISTED)};
const dde_listed dde_listed_conversion_gradients[] = {DDE_CONVERSION_GRADIENTS(LISTED)};

#define DECLARE(suffix)                                   \
    const dde_kernels *dde_kernels_##suffix##_float(void); \
    const dde_kernels *dde_kernels_##suffix##_double(void);
#define ENTRY(name, suffix, runs_here) \
    {name, runs_here, dde_kernels_##suffix##_float, dde_kernels_##suffix##_double}

#ifdef DDE_X86_64 /* setup.py has compiled the kernels for each of them */

DECLARE(x86_64_v2)
DECLARE(x86_64_v3)
DECLARE(x86_64_v4)

/* __builtin_cpu_supports asks the operating system, too, whether it saves the registers. */
static int runs_v2(void)
{
    return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt");
}

static int runs_v3(void)
{
    return runs_v2() && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
           __builtin_cpu_supports("bmi2");
}

static int runs_v4(void)
{
    return runs_v3() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
}

const dde_instruction_set dde_instruction_sets[] = {
    ENTRY("x86-64-v2", x86_64_v2, runs_v2),
    ENTRY("x86-64-v3", x86_64_v3, runs_v3),
    ENTRY("x86-64-v4", x86_64_v4, runs_v4),
};

#else

DECLARE(default)

static int runs(void) { return 1; }

const dde_instruction_set dde_instruction_sets[] = {ENTRY("default", default, runs)};

#endif

const int dde_n_instruction_sets = sizeof dde_instruction_sets / sizeof *dde_instruction_sets;
