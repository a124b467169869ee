/* The last step of Jzazbz: M. Safdar et al., "Perceptually uniform color space for image signals
 * including high dynamic range and wide gamut", Optics Express 25 (2017) 15131-15151, (11). Before
 * it stand a matrix, the perceptual quantizer with another m2, and a matrix. */
#ifndef DDE_JZAZBZ_H
#define DDE_JZAZBZ_H

#include "base/colour.h"

#define JZ_D R(-0.56)
#define JZ_D0 R(1.6295499532821566e-11)

INLINE triple_t izazbz_to_jzazbz(triple_t izazbz)
{
    const real I = izazbz.x;
    return (triple_t){(1 + JZ_D) * I / (1 + JZ_D * I) - JZ_D0, izazbz.y, izazbz.z};
}

INLINE triple_t jzazbz_to_izazbz(triple_t jzazbz)
{
    const real J = jzazbz.x + JZ_D0;
    return (triple_t){J / (1 + JZ_D - JZ_D * J), jzazbz.y, jzazbz.z};
}

#endif
