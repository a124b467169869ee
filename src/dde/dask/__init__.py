"""
Maps and inspections of dask arrays: of images larger than memory, on any number of machines.

``import dde.dask`` needs the extra ``dask``. The work is done where dask is told to: by the threads
of this process, or by a cluster once a `distributed.Client` is connected to it. Every task uses
one thread, since dask runs a task on each core.
"""

from dde.extras import asking_for

with asking_for("dask", "dde.dask"):
    from dde.dask.inspections import inspect
    from dde.dask.maps import delta_e_map

__all__ = ["delta_e_map", "inspect"]
