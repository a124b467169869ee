/* The number type of one compilation, and the few helpers that depend on it.
 *
 * Every kernel is written once, in `real`. setup.py compiles kernels.c for each
 * instruction set twice: as it is (real = float) and with -DDDE_DOUBLE.
 *
 * A fractional literal is written R(0.045), so that no float expression is
 * silently widened to double; whole numbers need nothing (2 * x stays a real).
 */
#ifndef DDE_REAL_H
#define DDE_REAL_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Without always_inline GCC leaves a large formula out of line in its second
 * caller, and then does not vectorise the loop around it. */
#define INLINE static inline __attribute__((always_inline))

/* Before a short inner loop, which must be gone before the outer one can become vector code. Clang
 * sees to that by itself, and too late when told. */
#ifdef __clang__
#define UNROLL
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

#ifdef DDE_DOUBLE

typedef double real;
typedef int64_t real_bits;
typedef uint64_t unsigned_bits;
#define R(literal) (literal)
#define MANTISSA_BITS 52
#define EXPONENT_BIAS 1023
#define SIGN_BIT INT64_MIN
#define TINY 1e-300        /* keeps a divisor from being 0 */
#define NEGLIGIBLE 1e-20   /* beside 1 */
#define square_root __builtin_sqrt
#define magnitude __builtin_fabs
#define fused_multiply_add __builtin_fma

#else

typedef float real;
typedef int32_t real_bits;
typedef uint32_t unsigned_bits;
#define R(literal) (literal##f)
#define MANTISSA_BITS 23
#define EXPONENT_BIAS 127
#define SIGN_BIT INT32_MIN
#define TINY 1e-37f
#define NEGLIGIBLE 1e-10f
#define square_root __builtin_sqrtf
#define magnitude __builtin_fabsf
#define fused_multiply_add __builtin_fmaf

#endif

#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
#define HAS_FMA 1
#else
#define HAS_FMA 0
#endif

/* x y + z, fused where the machine can: for a sum of two products, of which the compiler could fuse
 * either, and not the same one in every loop. */
INLINE real multiply_add(real x, real y, real z)
{
    return HAS_FMA ? fused_multiply_add(x, y, z) : x * y + z;
}

INLINE real_bits bits_of(real x)
{
    real_bits bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

INLINE real from_bits(real_bits bits)
{
    real x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* 0 where x, y and z are finite, NaN otherwise: added to a result, it makes a
 * colour that holds a NaN or an infinity give NaN, whatever the formula does. */
INLINE real nan_unless_finite(real x, real y, real z) { return 0 * x + 0 * y + 0 * z; }

#endif
