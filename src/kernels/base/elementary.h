/* Elementary functions that the compiler can turn into vector code: branchless,
 * without tables and without calls. Each states the range it is meant for. */
#ifndef DDE_ELEMENTARY_H
#define DDE_ELEMENTARY_H

#include "base/real.h"

/* c[0] + c[1] x + c[2] x^2 + …, by Horner's rule. */
#define POLYNOMIAL(x, ...)                                                  \
    polynomial(x, (const real[]){__VA_ARGS__},                              \
               (int)(sizeof((const real[]){__VA_ARGS__}) / sizeof(real)))

INLINE real polynomial(real x, const real *c, int terms)
{
    real sum = c[terms - 1];
    UNROLL for (int i = terms - 2; i >= 0; i--)
        sum = sum * x + c[i];
    return sum;
}

/* x^(-1/n) to about 5 %: dividing the bits of a float by -n divides its exponent.
 * The constant, which is that of n, centres the error over the range of use. */
INLINE real guess_inverse_root(real x, int n, float constant)
{
    const float single = (float)x;
    int32_t bits;
    memcpy(&bits, &single, sizeof bits);
    bits = (int32_t)(constant - (float)bits * (1.0f / (float)n));
    float guess;
    memcpy(&guess, &bits, sizeof guess);
    return guess;
}

/* A step of Householder's method of third order for r = x^(-1/n): with h = 1 - x r^n,
 *     r <- r (1 + h/n + (n + 1) h^2 / (2 n^2)).
 * From the guess, two of them reach float precision and three double. They need no division. */
#ifdef DDE_DOUBLE
#define HOUSEHOLDER_STEPS 3
#else
#define HOUSEHOLDER_STEPS 2
#endif

INLINE real inverse_cube_root(real x, int steps)
{
    real r = guess_inverse_root(x, 3, 1419902766.0f);
    UNROLL for (int step = 0; step < steps; step++) {
        const real h = 1 - x * r * (r * r);
        r += r * h * (R(1.0) / 3 + R(2.0) / 9 * h);
    }
    return r;
}

INLINE real inverse_fifth_root(real x, int steps)
{
    real r = guess_inverse_root(x, 5, 1277899705.0f);
    UNROLL for (int step = 0; step < steps; step++) {
        const real r2 = r * r, h = 1 - x * r * (r2 * r2);
        r += r * h * (R(0.2) + R(0.12) * h);
    }
    return r;
}

/* The positive powers start from a rough r, of HOUSEHOLDER_STEPS - 2 steps, and put the rest of
 * the way into one factor: with y = x r^2 and d = 1 - x r^3 = 1 - y r,
 *     x^(1/3) = y (1 - d)^(-2/3) = y + y d (2/3 + d (5/9 + …)).
 * For double this is the binomial series, |d| < 6e-4; for float a minimax fit to 4e-9 over the
 * |d| < 0.104 of the guess. The result is a sum, so that a caller who takes the difference of two
 * roots loses nothing by the rounding of either; what is missing in `value` is in `rest`. */
typedef struct { real value, rest; } sum_t;

INLINE sum_t cube_root(real x)
{
    const real r = inverse_cube_root(x, HOUSEHOLDER_STEPS - 2);
    const real y = x * (r * r), d = 1 - y * r, yd = y * d;
#ifdef DDE_DOUBLE
    const real series = POLYNOMIAL(d, 5.0 / 9, 40.0 / 81, 110.0 / 243);
#else
    const real series = POLYNOMIAL(d, 0.5555555556f, 0.4938130925f, 0.4526614138f, 0.4276862624f,
                                   0.4039984278f);
#endif
    /* Summed, and not a product: that could be fused into the subtraction of another root, and the
     * difference of two equal roots would not be 0. */
    return (sum_t){y, multiply_add(yd * d, series, yd * (R(2.0) / 3))};
}

/* x^(2/5) for 0.01 < x < 2, likewise: y = x r^3, d = 1 - x r^5 = 1 - y r^2, and
 *     x^(2/5) = y (1 - d)^(-3/5). For float |d| < 0.157, for double |d| < 2e-3. */
INLINE real power_two_fifths(real x)
{
    const real r = inverse_fifth_root(x, HOUSEHOLDER_STEPS - 2), r2 = r * r;
    const real y = x * (r2 * r), d = 1 - y * r2;
#ifdef DDE_DOUBLE
    const real series = POLYNOMIAL(d, 0.6, 0.48, 0.416, 0.3744, 0.344448);
#else
    const real series = POLYNOMIAL(d, 0.6f, 0.4800001395f, 0.4160001333f, 0.3742982891f, 0.3443507825f,
                                   0.3324089466f, 0.3135551468f);
#endif
    return y + y * d * series;
}

/* x = k ln 2 + rest, |rest| <= ln 2 / 2, for |x| <= 80. */
typedef struct { real two_to_k, rest; } reduced_t;

INLINE reduced_t reduce_by_ln_2(real x)
{
    /* Adding 1.5 * 2^MANTISSA_BITS rounds to a whole number and leaves that number in the lowest
     * bits. */
    const real shift = R(1.5) * (real)((real_bits)1 << MANTISSA_BITS);
    const real shifted = x * R(1.4426950408889634) + shift;
    const real k = shifted - shift;
    const unsigned_bits exponent = (unsigned_bits)bits_of(shifted) + EXPONENT_BIAS;
    return (reduced_t){from_bits((real_bits)(exponent << MANTISSA_BITS)),
                       x - k * R(0.693359375) + k * R(2.12194440054690583e-4)};
}

/* (exp(x) - 1) / x for |x| <= ln 2 / 2: the Taylor series. */
INLINE real relative_exponential(real x)
{
    return POLYNOMIAL(x, 1, R(1.0) / 2, R(1.0) / 6, R(1.0) / 24, R(1.0) / 120, R(1.0) / 720,
                      R(1.0) / 5040
#ifdef DDE_DOUBLE
                      , 1.0 / 40320, 1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600,
                      1.0 / 6227020800
#endif
                     );
}

/* exp(x) for -80 <= x <= 80. */
INLINE real exponential(real x)
{
    const reduced_t of = reduce_by_ln_2(x);
    return of.two_to_k * (1 + of.rest * relative_exponential(of.rest));
}

#ifndef DDE_DOUBLE
/* 2^x for |x| <= 100: a minimax fit over |x - k| <= 1/2, to 2e-9, times 2^k, which is added to the
 * exponent. k is rounded as in `reduce_by_ln_2`. */
INLINE real power_of_2(real x)
{
    const real shift = 1.5f * (real)((real_bits)1 << MANTISSA_BITS);
    const real shifted = x + shift, rest = x - (shifted - shift);
    const real power = POLYNOMIAL(rest, 1, 0.6931472029f, 0.2402264791f, 0.05550332471f,
                                  0.009618437358f, 0.001339887445f, 0.00015353362f);
    return from_bits((real_bits)((unsigned_bits)bits_of(power) +
                                 ((unsigned_bits)bits_of(shifted) << MANTISSA_BITS)));
}
#endif

/* ln(x) for a normal x > 0: x = 2^k m with m around 1, and ln m = 2 artanh((m - 1) / (m + 1)). */
INLINE real natural_logarithm(real x)
{
    const real_bits root_of_half = bits_of(R(0.7071067811865476));
    /* unsigned: no x overflows, though only one above 0 means anything */
    const real_bits above = (real_bits)((unsigned_bits)bits_of(x) - (unsigned_bits)root_of_half);
    const real k = (real)(above >> MANTISSA_BITS);
    const real m = from_bits((above & (((real_bits)1 << MANTISSA_BITS) - 1)) + root_of_half);
    const real s = (m - 1) / (m + 1); /* |s| < 0.172 */
    const real series = POLYNOMIAL(s * s, 1, R(1.0) / 3, R(1.0) / 5, R(1.0) / 7, R(1.0) / 9
#ifdef DDE_DOUBLE
                                   , 1.0 / 11, 1.0 / 13, 1.0 / 15, 1.0 / 17, 1.0 / 19, 1.0 / 21
#endif
                                  );
    return k * R(0.6931471805599453) + 2 * s * series;
}

/* sin(x) for |x| <= 60 degrees, x in radians: the Taylor series. */
INLINE real sine(real x)
{
    return x * POLYNOMIAL(x * x, 1, -R(1.0) / 6, R(1.0) / 120, -R(1.0) / 5040, R(1.0) / 362880
#ifdef DDE_DOUBLE
                          , -1.0 / 39916800, 1.0 / 6227020800, -1.0 / 1307674368000,
                          1.0 / 355687428096000, -1.0 / 121645100408832000
#endif
                         );
}

/* The square, in radians, of the angle in [-180, 180] degrees that has this cosine.
 * Being even in the angle, it is a smooth function of the cosine and needs no arctangent:
 * angle^2 = 16 asin(sqrt(w))^2 with w = sin(angle / 4)^2. The polynomial is a minimax fit of
 * 16 asin(sqrt(w))^2 / w over |angle| <= 132 degrees (5e-9 in float, 1e-15 in double);
 * beyond, it is right to 0.1 %. */
INLINE real squared_angle(real cosine)
{
    /* The magnitudes only matter where rounding has carried the cosine beyond -1 or 1. */
    const real half = square_root(magnitude(R(0.5) + R(0.5) * cosine));
    const real w = magnitude(R(0.5) - R(0.5) * half);
#ifdef DDE_DOUBLE
    return w * POLYNOMIAL(w, 15.999999999999999245, 5.333333333334319714, 2.8444444442314845133,
                          1.8285714466256854983, 1.3003166643486467961, 0.98510992199796904121,
                          0.77905603021762704955, 0.64057994509295423163, 0.50041501055593169035,
                          0.63062741281280607557, -0.27625543247421651696, 2.0339924662439155923,
                          -2.3179706183680696418, 2.3192512575182358072);
#else
    return w * POLYNOMIAL(w, 15.999999997f, 5.3333347701f, 2.8443449111f, 1.8311725323f,
                          1.2673808668f, 1.2067901109f, -0.0143554018f, 1.9718334041f);
#endif
}

/* The rounding error x y - p of the product p = x y. */
INLINE real product_error(real x, real y, real p)
{
#if HAS_FMA
    return fused_multiply_add(x, y, -p);
#elif !defined(DDE_DOUBLE)
    return (real)((double)x * (double)y - (double)p);
#else /* T. J. Dekker, Numer. Math. 18 (1971) 224-242 */
    const real splitter = 134217729; /* 2^27 + 1 */
    const real sx = splitter * x, x_high = sx - (sx - x), x_low = x - x_high;
    const real sy = splitter * y, y_high = sy - (sy - y), y_low = y - y_high;
    return x_low * y_low - (((p - x_high * y_high) - x_low * y_high) - x_high * y_low);
#endif
}

/* a1 b2 - a2 b1, however nearly the products cancel: accurate, with the right sign, exactly 0 for
 * equal arguments and exactly the opposite when 1 and 2 are swapped. */
INLINE real cross_product(real a1, real b1, real a2, real b2)
{
    const real p = a1 * b2, q = a2 * b1;
    return (p - q) + (product_error(a1, b2, p) - product_error(a2, b1, q));
}

#endif
