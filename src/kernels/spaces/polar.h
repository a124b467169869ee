/* Lightness, chroma and hue of any space of a lightness and two opponent coordinates, such as
 * CIELAB (CIE 15:2018, 8.2.1.2), Luv, Oklab: hue in degrees from 0 to 360. */
#ifndef DDE_POLAR_H
#define DDE_POLAR_H

#include "base/colour.h"
#include "base/transcendental.h"

INLINE triple_t polar(triple_t lab)
{
    return (triple_t){lab.x, chroma(lab.y, lab.z), angle_of(lab.y, lab.z)};
}

INLINE triple_t cartesian(triple_t lch)
{
    const direction_t h = direction_of(lch.z);
    return (triple_t){lch.x, lch.y * h.cos, lch.y * h.sin};
}

#endif
