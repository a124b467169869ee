"""What dde_core.pyx uses of the C kernels; the headers explain it."""

from libc.stdint cimport int32_t, int64_t


cdef extern from "walk.h" nogil:
    enum:
        TILE
        MAX_DIMENSIONS
        DDE_N_CONVERSIONS
        DDE_N_DIFFERENCES
        DDE_N_CONVERSION_GRADIENTS
        DDE_colour_f32, DDE_colour_f64
        DDE_srgb_u8, DDE_srgb_u16, DDE_srgb_f32, DDE_srgb_f64
        DDE_MAX_STEPS
        DDE_N_PICTURE_DIFFERENCES
        DDE_MOST_CHANNELS, DDE_MOST_LINES, DDE_MOST_SUMS, DDE_MOST_RADIUS, LEAST_RADIUS_DOWN
        DDE_PACKED_OUTPUTS, DDE_MAX_UNITS, DDE_MAX_CONSTANTS
        DDE_SIAMESE_HIDDEN, DDE_SIAMESE_EMBEDDING
        DDE_N_NETWORKS
        DDE_SUMS, DDE_BINS_PER_UNIT, DDE_BINS
        DDE_FIRST_OUTSIDE, DDE_UNKNOWN_LABEL
    ctypedef int (*dde_loader)()
    ctypedef struct dde_weights:
        const void *values
        Py_ssize_t bands
    ctypedef void (*dde_spectral_loader)()
    ctypedef void (*dde_conversion)()
    ctypedef void (*dde_packed_conversion)()
    ctypedef void (*dde_difference)()
    ctypedef void (*dde_difference_gradient)()
    ctypedef void (*dde_conversion_gradient)()
    ctypedef void (*dde_store)()
    ctypedef void (*dde_tallier)()
    ctypedef struct dde_network:
        const void **weights
        const void **biases
        double *constants
        int hidden, embedding
        const void **fixed
    ctypedef void (*dde_encoder)(
        const dde_network *net, Py_ssize_t count, const void *colours, void *packed
    )
    ctypedef struct dde_picture_kernels:
        pass
    ctypedef struct dde_kernels:
        Py_ssize_t real_size
        dde_loader *loaders
        dde_spectral_loader load_spectra
        dde_conversion *conversions
        dde_packed_conversion *packed_conversions
        dde_difference *differences
        dde_difference *components
        dde_difference *picture_differences
        dde_difference *networks
        dde_encoder *encoders
        dde_encoder *embedders
        dde_difference_gradient *difference_gradients
        dde_difference_gradient *network_gradients
        dde_conversion_gradient *conversion_gradients
        dde_tallier tally
        dde_store store
        const dde_picture_kernels *pictures
    ctypedef struct dde_tally:
        int regions
        double scale
        const double *thresholds
        int n_thresholds
        int64_t *counts
        int64_t *places
        double *sums
        double *peaks
        int32_t *bins
        Py_ssize_t n_bins
    ctypedef struct dde_view:
        char *data
        Py_ssize_t *strides
        Py_ssize_t channel
    ctypedef struct dde_step:
        dde_conversion convert
        const double *parameters
    ctypedef struct dde_input:
        dde_view view
        dde_loader load
        dde_spectral_loader load_spectra
        const dde_weights *weights
        dde_step *steps
        int n_steps
    ctypedef struct dde_walk:
        int dimensions
        Py_ssize_t *shape
        Py_ssize_t size
        Py_ssize_t real_size
        dde_input *inputs
        dde_packed_conversion convert_packed
        dde_step *compare_steps
        int n_compare_steps
        dde_difference compare
        const void *parameters
        dde_view output
        int rows
        dde_store store
        int given
        dde_view limits
        dde_tallier tally
        dde_view labels
        int64_t first_pixel
    ctypedef struct dde_gradient_walk:
        dde_walk at
        dde_input upstream
        dde_difference_gradient difference
        dde_conversion_gradient conversion
        dde_view *gradients
    void dde_work_gradient_tile(const dde_gradient_walk *walk, Py_ssize_t start)
    int dde_work_tile(const dde_walk *walk, Py_ssize_t start, dde_tally *tally)
    ctypedef struct dde_listed:
        const char *name
        int parameters
    const dde_listed *dde_listed_conversions
    const dde_listed *dde_listed_differences
    const int *dde_component_rows
    const dde_listed *dde_listed_picture_differences
    const dde_listed *dde_listed_networks
    const dde_listed *dde_listed_conversion_gradients

cdef extern from "pictures/picture_walk.h" nogil:
    ctypedef struct dde_line:
        int input, radius
        const float *taps
    ctypedef struct dde_sum:
        int line, output, radius
        const float *taps
    ctypedef struct dde_bank:
        int n_lines, n_sums, n_channels, margin, reflected
        dde_line *lines
        dde_sum *sums
        dde_step *finish
        int n_finish
    ctypedef struct dde_channels:
        dde_view view
        dde_loader load
        dde_step *steps
        int n_steps
    ctypedef struct dde_picture:
        Py_ssize_t height, width, first_row
        dde_channels *inputs
        dde_bank bank
        dde_difference compare
        const void *parameters
        int shift
        float slack
        const dde_picture_kernels *kernels
        dde_view output
        Py_ssize_t output_row
    Py_ssize_t dde_strip_width(const dde_picture *picture)
    size_t dde_strip_scratch(const dde_picture *picture)
    int dde_work_strip(
        const dde_picture *picture, Py_ssize_t column, Py_ssize_t start, Py_ssize_t stop, void *scratch
    )

cdef extern from "pictures/wasserstein.h" nogil:
    enum:
        WINDOW, DIRECTIONS_AT_ONCE, WINDOWS_AT_ONCE
    ctypedef struct dde_windows:
        const float *colours
        Py_ssize_t height, width, row, plane
    size_t dde_directions_scratch(const dde_windows *images)
    void dde_work_directions(
        const dde_windows *images, const dde_picture_kernels *kernels, const float *directions,
        double *distances, Py_ssize_t *finite, void *scratch
    )
    ctypedef struct dde_means:
        Py_ssize_t most
        const int64_t *first
        const double *weights
    ctypedef struct dde_shrinking:
        dde_channels input
        Py_ssize_t width, to_width
        dde_means down, across
        const dde_picture_kernels *kernels
    size_t dde_shrinking_scratch(const dde_shrinking *shrinking)
    int dde_shrink_row(const dde_shrinking *shrinking, Py_ssize_t row, float *to, void *scratch)

cdef extern from "dispatch.h" nogil:
    ctypedef const dde_kernels *(*kernels_getter)()
    ctypedef struct dde_instruction_set:
        const char *name
        int (*runs_here)()
        kernels_getter single
        kernels_getter dual
    const dde_instruction_set *dde_instruction_sets
    const int dde_n_instruction_sets

cdef extern from "threads.h" nogil:
    enum: DDE_MOST_THREADS
    int dde_openmp_available()
    int dde_openmp_max_threads()
    int dde_startable_threads(int n)
