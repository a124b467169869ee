"""A worker process of a batch: a program that takes frames from a pipe and answers with results."""

import os
import pickle
import resource
import signal
import subprocess
import sys
import threading
from multiprocessing.connection import Connection, Pipe
from queue import SimpleQueue

from dde.batch.frames import Frame, FrameResult, Settings, process, unreadable
from dde.errors import OutputError
from dde.host import pass_on
from dde.threads import set_num_threads

Answer = FrameResult | OutputError

PROGRAM = "import sys; sys.path[:] = {path!r}; from dde.batch.worker import work; work({pipe})"


class Worker:
    """
    A worker process, as its batch sees it.

    It is a program of its own rather than one of `multiprocessing`, so that a script that calls a
    batch needs no guard against being imported again; and in a process group of its own, so that
    Ctrl-C does not reach it.

    Parameters
    ----------
    settings : bytes
        `Settings`, pickled.
    """

    def __init__(self, settings: bytes) -> None:
        self.pipe, theirs = Pipe()
        program = PROGRAM.format(path=sys.path, pipe=theirs.fileno())
        nowhere = subprocess.DEVNULL  # where decoders complain of damaged files
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", program],
                pass_fds=[theirs.fileno()],
                stdin=nowhere,
                stdout=nowhere,
                stderr=nowhere,
                process_group=0,
            )
        self._send(settings)

    def give(self, frame: Frame) -> None:
        """Sends it a frame; it must have answered to the last one."""
        self._send(pickle.dumps(frame))

    def dismiss(self) -> None:
        """Has it end after the frames that it got."""
        self._send(pickle.dumps(None))

    def _send(self, message: bytes) -> None:
        try:
            self.pipe.send_bytes(message)
        except OSError as error:
            pass_on(error)  # or it has died, as whoever waits for the answer will see

    def answer(self) -> Answer | None:
        """What became of the frame, once there is something to read; None if the worker died."""
        try:
            answer: Answer = self.pipe.recv()
        except (EOFError, OSError) as error:
            pass_on(error)
            return None
        return answer

    def ran_out_of_time(self) -> bool:
        """Whether a worker that died was too long at a frame."""
        self._process.kill()  # should it have lost no more than its pipe
        return self._process.wait() == -signal.SIGALRM

    def end(self) -> None:
        """Ends it at once, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        self.pipe.close()


def work(pipe: int) -> None:
    """
    Runs in the worker process until it is dismissed, or the pipe is closed.

    The limits are the system's, which no decoder can outrun, hang past or catch. Of time, an alarm
    ends the process. Of memory, RLIMIT_DATA makes allocations fail, so that the frame ends in a
    MemoryError: it counts what a process may write to, heap and stacks of threads, and neither
    libraries nor files that are mapped, which RLIMIT_AS does; and unlike a watch over resident
    memory it is never too late. (macOS takes no notice of it.)
    """
    connection = Connection(pipe)
    settings: Settings = connection.recv()
    set_num_threads(settings.threads)
    frames: SimpleQueue[Frame | None] = SimpleQueue()
    threading.Thread(target=_receive, args=(connection, frames), daemon=True).start()
    most = resource.getrlimit(resource.RLIMIT_DATA)[1]
    least = settings.memory if most == resource.RLIM_INFINITY else min(settings.memory, most)
    resource.setrlimit(resource.RLIMIT_DATA, (least, most))
    while frame := frames.get():
        signal.setitimer(signal.ITIMER_REAL, settings.seconds)
        try:
            answer: Answer = process(settings, frame)
        except OutputError as error:
            answer = error
        except Exception as error:  # which nobody thought of: the batch goes on
            answer = unreadable(settings, frame, f"{type(error).__name__}: {error}")
        signal.setitimer(signal.ITIMER_REAL, 0)
        connection.send(answer)


def _receive(connection: Connection, frames: "SimpleQueue[Frame | None]") -> None:
    """Ends the process with the one that it works for, also while it is at a frame."""
    while True:
        try:
            frames.put(connection.recv())
        except (EOFError, OSError):
            os._exit(1)


def gave_up(settings: Settings, frame: Frame, worker: Worker) -> FrameResult:
    """What becomes of a frame that its worker died of."""
    if worker.ran_out_of_time():
        return unreadable(settings, frame, f"it takes longer than {settings.seconds:g} s")
    return unreadable(settings, frame, "the process that read it died")
