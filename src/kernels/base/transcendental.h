/* Logarithms, powers and angles over their whole range, for the compiler to turn into vector code:
 * branchless, without tables and without calls. */
#ifndef DDE_TRANSCENDENTAL_H
#define DDE_TRANSCENDENTAL_H

#include "base/elementary.h"

INLINE real smaller(real x, real y) { return x < y ? x : y; }
INLINE real larger(real x, real y) { return x > y ? x : y; }

/* The magnitude of `size` with the sign of `x`. */
INLINE real with_sign_of(real size, real x) { return x < 0 ? -size : size; }

/* ln((1 + s) / (1 - s)) = 2 s (1 + s^2 / 3 + s^4 / 5 + …) for |s| < 0.172. */
INLINE real log_of_ratio(real s)
{
    return 2 * s * POLYNOMIAL(s * s, 1, R(1.0) / 3, R(1.0) / 5, R(1.0) / 7, R(1.0) / 9
#ifdef DDE_DOUBLE
                              , 1.0 / 11, 1.0 / 13, 1.0 / 15, 1.0 / 17, 1.0 / 19, 1.0 / 21, 1.0 / 23
#endif
                             );
}

/* ln(1 + x) for -0.29 <= x <= 0.41, to the last digits of a tiny x. */
INLINE real log_of_1_plus(real x) { return log_of_ratio(x / (2 + x)); }

/* exp(x) - 1 for |x| <= 0.2, likewise. */
INLINE real exponential_minus_1(real x)
{
    return x * POLYNOMIAL(x, 1, R(1.0) / 2, R(1.0) / 6, R(1.0) / 24, R(1.0) / 120, R(1.0) / 720,
                          R(1.0) / 5040
#ifdef DDE_DOUBLE
                          , 1.0 / 40320, 1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800,
                          1.0 / 479001600, 1.0 / 6227020800
#endif
                         );
}

/* ln(x) for x > 0 that is not subnormal: x = 2^e m with sqrt(1/2) <= m < sqrt(2). */
INLINE real logarithm(real x)
{
    const unsigned_bits bits = (unsigned_bits)bits_of(x);
    const unsigned_bits one = (unsigned_bits)EXPONENT_BIAS << MANTISSA_BITS;
    const unsigned_bits least = (unsigned_bits)bits_of(R(0.70710678118654752));
    const unsigned_bits biased = (bits + (one - least)) >> MANTISSA_BITS;
    const real m = from_bits((real_bits)(bits - (biased << MANTISSA_BITS) + one));
    /* An integer below 2^MANTISSA_BITS becomes real in the mantissa of 2^MANTISSA_BITS. */
    const real big = (real)((unsigned_bits)1 << MANTISSA_BITS);
    const real e = from_bits((real_bits)(biased | (unsigned_bits)bits_of(big))) -
                   (big + EXPONENT_BIAS);
    const real f = m - 1;
    return e * R(0.693359375) + (log_of_ratio(f / (2 + f)) - e * R(2.12194440054690583e-4));
}

/* x^y for x >= 0; 0 for a negative x. */
INLINE real power(real x, real y)
{
    const real exponent = y * logarithm(larger(x, TINY));
    return x > TINY ? exponential(larger(smaller(exponent, 80), -80)) : 0;
}

/* |x|^y with the sign of x. */
INLINE real signed_power(real x, real y) { return with_sign_of(power(magnitude(x), y), x); }

/* The cosine and the sine of any angle in degrees up to 10^5. */
typedef struct { real cos, sin; } direction_t;

INLINE direction_t direction_of(real degrees)
{
    /* degrees = 90 k + r, and the lowest bits of k say which quadrant: see `exponential`. */
    const real shift = R(1.5) * (real)((real_bits)1 << MANTISSA_BITS);
    const real shifted = degrees * (R(1.0) / 90) + shift;
    const real r = (degrees - 90 * (shifted - shift)) * R(0.017453292519943296);
    const real_bits k = bits_of(shifted);
    const real s = sine(r);
    const real c = POLYNOMIAL(r * r, 1, -R(1.0) / 2, R(1.0) / 24, -R(1.0) / 720, R(1.0) / 40320
#ifdef DDE_DOUBLE
                              , -1.0 / 3628800, 1.0 / 479001600, -1.0 / 87178291200,
                              1.0 / 20922789888000
#endif
                             );
    const real cosine = k & 1 ? s : c, sine_ = k & 1 ? c : s;
    return (direction_t){(k + 1) & 2 ? -cosine : cosine, k & 2 ? -sine_ : sine_};
}

/* The angle of (x, y) in degrees, 0 <= angle < 360; 0 for (0, 0). With t = tan(angle) brought to
 * [0, 1] and then to |t| <= tan(22.5 degrees); the polynomial is a fit of atan(t) / t in degrees,
 * to 6e-10 of it in float, 2e-18 in double. */
INLINE real angle_of(real x, real y)
{
    const real u = magnitude(x), v = magnitude(y);
    const real ratio = smaller(u, v) / (larger(u, v) + TINY);
    const int beyond = ratio > R(0.41421356237309503);
    const real t = beyond ? (ratio - 1) / (ratio + 1) : ratio;
    const real octant = t * POLYNOMIAL(t * t,
#ifdef DDE_DOUBLE
        57.295779513082320804, -19.098593171027318728, 11.459155902582597478,
        -8.1851113553081375767, 6.3661975138635659962, -5.2087001914831612585,
        4.4072173328400822213, -3.8175901801999004367, 3.3500144976369584846,
        -2.8849012017922165973, 2.1752490202341077853, -1.0201741124245645584
#else
        57.295779477f, -19.098578022f, 11.458114862f, -8.1586512421f, 6.0560658078f, -3.4528185560f
#endif
        );
    const real first = octant + (beyond ? 45 : 0);      /* of (max, min) */
    const real quadrant = v > u ? 90 - first : first;   /* of (|x|, |y|) */
    const real half = x < 0 ? 180 - quadrant : quadrant; /* of (x, |y|) */
    const real angle = y < 0 ? 360 - half : half;
    return angle < 360 ? angle : 0;
}

#endif
