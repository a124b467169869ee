"""The worker processes of a batch, and what happens when one of them dies."""

import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice

import dde
from dde.batch.frames import Batch, Frame, Row, process, start_worker, unreadable

FRAMES_PER_WORKER = 4  # that wait for a worker or are in it, so that none waits for work


def process_all(batch: Batch, frames: Sequence[Frame], workers: int) -> Iterator[tuple[int, Row]]:
    """
    The lines of the summary with their places in it, as the frames are finished.

    A frame during which a worker process dies may be innocent: those that were under way are tried
    again one by one, and the one that kills its worker again is given up.
    """
    waiting = iter(enumerate(frames))
    while True:
        running: dict[Future[Row], tuple[int, Frame]] = {}
        try:
            with _worker_processes(workers) as pool:
                while True:
                    free = FRAMES_PER_WORKER * workers - len(running)
                    for place, frame in islice(waiting, free):
                        running[_submit(pool, batch, frame)] = place, frame
                    if not running:
                        return
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        row = future.result()
                        yield running.pop(future)[0], row
        except BrokenProcessPool:
            for place, frame in sorted(running.values(), key=lambda item: item[0]):
                yield place, _alone(batch, frame)


def _alone(batch: Batch, frame: Frame) -> Row:
    try:
        with _worker_processes(1) as pool:
            return _submit(pool, batch, frame).result()
    except BrokenProcessPool:
        return unreadable(frame, "the process that read it died")


def _submit(pool: ProcessPoolExecutor, batch: Batch, frame: Frame) -> Future[Row]:
    # This may start a worker, which inherits that it does not see Ctrl-C: it finishes its frame.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        return pool.submit(process, batch, frame)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])


@contextmanager
def _worker_processes(workers: int) -> Iterator[ProcessPoolExecutor]:
    pool = ProcessPoolExecutor(
        workers,
        # A forked copy of a process with threads may hang.
        mp_context=multiprocessing.get_context("spawn"),
        initializer=start_worker,
        initargs=(max(1, dde.get_num_threads() // workers),),
    )
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
