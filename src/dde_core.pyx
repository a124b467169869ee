# cython: language_level=3, freethreading_compatible=True, auto_pickle=False
"""The only door between Python and the C kernels.

It checks the arguments once, describes them to the walk (kernels/walk.h) by shape and strides, and
spreads the tiles of the walk over threads. Its functions serve the modules of ``dde``, which document
what a user may pass. Its parts are in ``door/``.

It needs no GIL. What it keeps is settled while it is imported, but for the limit of threads, which is an
object; kernels and banks of filters never change once they are made; and what a call writes to belongs to
the call, or to its caller.
"""

import os
from contextvars import ContextVar
from numbers import Real
from time import perf_counter

import numpy as np

cimport numpy as cnp
from cpython.exc cimport PyErr_CheckSignals
from cpython.pythread cimport (
    PyThread_acquire_lock, PyThread_allocate_lock, PyThread_free_lock, PyThread_release_lock,
    PyThread_type_lock, WAIT_LOCK
)
from cython.parallel cimport prange, threadid
from libc.math cimport INFINITY, isfinite
from libc.stdint cimport int32_t, int64_t

from kernels cimport *

cnp.import_array()


include "door/instruction_sets.pxi"
include "door/threads.pxi"
include "door/arguments.pxi"
include "door/walks.pxi"
include "door/ways.pxi"
include "door/conversions.pxi"
include "door/metrics.pxi"
include "door/differences.pxi"
include "door/gradients.pxi"
include "door/tally.pxi"
include "door/pictures.pxi"
include "door/wasserstein.pxi"
