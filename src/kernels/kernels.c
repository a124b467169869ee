/* What this instruction set has to offer. Compiled for each of them, in float and, with -DDDE_DOUBLE,
 * in double; DDE_TABLE is the name of the function that gives the table. */
#include "kernels.h"

#include "base/memory.h"
#include "differences/ciede2000.h"
#include "differences/components.h"
#include "differences/differences.h"
#include "differences/hych.h"
#include "gradients/ciede2000.h"
#include "gradients/conversions.h"
#include "gradients/deep.h"
#include "gradients/gradients.h"
#include "networks/deep.h"
#include "networks/siamese.h"
#include "spaces/conversions.h"
#include "spaces/steps.h"
#include "spectra.h"
#ifndef DDE_DOUBLE /* images are compared in float */
#include "pictures/filters.h"
#include "pictures/flip.h"
#include "pictures/projections.h"
#include "pictures/shifts.h"
#include "tally.h"
#endif

#define LOADER_ENTRY(name) load_##name,
#define CONVERSION_ENTRY(name, ...) convert_##name,
#define PACKED_CONVERSION_ENTRY(name) [DDE_##name] = packed_##name,
#define DIFFERENCE_ENTRY(name, ...) difference_##name,
#define COMPONENTS_ENTRY(name, ...) [DDE_##name] = components_##name,
#define DIFFERENCE_GRADIENT_ENTRY(name) [DDE_##name] = gradient_##name,
#define CONVERSION_GRADIENT_ENTRY(name, ...) gradient_of_##name,
#define ENCODER_ENTRY(name, ...) encode_packed_##name,
#define EMBEDDER_ENTRY(name, ...) embed_##name,

#ifndef DDE_DOUBLE
static const dde_picture_kernels pictures = {
    .filter_row = filter_row,
    .filter_columns = filter_columns,
    .keep_least = keep_least,
    .keep_largest = keep_largest,
    .tolerate = tolerate,
    .project_row = project_row,
    .add_weighted = add_weighted,
};
#endif

static const dde_kernels table = {
    .real_size = sizeof(real),
    .loaders = {DDE_LOADERS(LOADER_ENTRY)},
    .load_spectra = load_spectra,
    .conversions = {DDE_CONVERSIONS(CONVERSION_ENTRY)},
    .packed_conversions = {DDE_PACKED_CONVERSIONS(PACKED_CONVERSION_ENTRY)},
    .differences = {DDE_DIFFERENCES(DIFFERENCE_ENTRY)},
    .components = {DDE_COMPONENTS(COMPONENTS_ENTRY)},
    .networks = {DDE_NETWORKS(DIFFERENCE_ENTRY)},
    .encoders = {DDE_NETWORKS(ENCODER_ENTRY)},
    .embedders = {DDE_NETWORKS(EMBEDDER_ENTRY)},
    .difference_gradients = {DDE_DIFFERENCE_GRADIENTS(DIFFERENCE_GRADIENT_ENTRY)},
    .network_gradients = {DDE_NETWORK_GRADIENTS(DIFFERENCE_GRADIENT_ENTRY)},
    .conversion_gradients = {DDE_CONVERSION_GRADIENTS(CONVERSION_GRADIENT_ENTRY)},
    .store = store,
#ifndef DDE_DOUBLE
    .picture_differences = {DDE_PICTURE_DIFFERENCES(DIFFERENCE_ENTRY)},
    .pictures = &pictures,
    .tally = tally,
#endif
};

const dde_kernels *DDE_TABLE(void);
const dde_kernels *DDE_TABLE(void) { return &table; }

