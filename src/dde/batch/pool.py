"""The worker processes of a batch, and what happens when one of them dies."""

import pickle
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait

from dde.batch.frames import Frame, FrameResult, Settings
from dde.batch.worker import Worker, gave_up
from dde.errors import OutputError


@contextmanager
def working(settings: Settings, workers: int) -> Iterator["Pool"]:
    """
    Worker processes, which end with this.

    Whoever leaves it early, by an interrupt or otherwise, waits for the frames under way; an
    interrupt meanwhile ends them too, and SystemExit does at once.
    """
    pool = Pool(settings, workers)
    try:
        yield pool
    except SystemExit:
        raise
    except BaseException:
        pool.finish()
        raise
    finally:
        pool.end()


class Pool:
    """Worker processes, each at one frame or none."""

    def __init__(self, settings: Settings, workers: int) -> None:
        self._settings = settings
        self._message = pickle.dumps(settings)
        self._workers = workers
        self._idle: list[Worker] = []
        self._busy: dict[Connection, tuple[Worker, int, Frame]] = {}

    def results(self, frames: Sequence[Frame]) -> Iterator[tuple[int, FrameResult]]:
        """What becomes of the frames, with their places, as they are finished."""
        waiting = deque(enumerate(frames))
        suspects: set[int] = set()
        while waiting or self._busy:
            while waiting and len(self._busy) < self._workers:
                self._start(*waiting.popleft())
            for pipe in self._answering():
                worker, place, frame = self._busy[pipe]
                answer = worker.answer()
                del self._busy[pipe]
                if answer is not None:
                    self._idle.append(worker)
                elif not worker.ran_out_of_time() and place not in suspects:
                    # It may be innocent: somebody may have killed the worker.
                    suspects.add(place)
                    waiting.appendleft((place, frame))
                    worker.end()
                    continue
                else:
                    answer = gave_up(self._settings, frame, worker)
                    worker.end()
                if isinstance(answer, OutputError):
                    raise answer
                yield place, answer

    def _start(self, place: int, frame: Frame) -> None:
        worker = self._idle.pop() if self._idle else Worker(self._message)
        self._busy[worker.pipe] = worker, place, frame
        worker.give(frame)

    def _answering(self) -> list[Connection]:
        """At least one pipe: those that have an answer, or whose worker died."""
        return [pipe for pipe in wait(list(self._busy)) if isinstance(pipe, Connection)]

    def finish(self) -> None:
        """Waits until no worker is at a frame, nor gets one: an interrupt comes at any step."""
        for worker, _, _ in self._busy.values():
            worker.dismiss()
        while self._busy:
            for pipe in self._answering():
                worker, _, _ = self._busy[pipe]
                if worker.answer() is None:
                    del self._busy[pipe]
                    worker.end()

    def end(self) -> None:
        """Ends all workers, whatever they are doing."""
        for worker in [*self._idle, *(worker for worker, _, _ in self._busy.values())]:
            worker.end()
        self._idle.clear()
        self._busy.clear()
