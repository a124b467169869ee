"""Everything that the page shows, measured: each part in a process of its own."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import instructions
import msgspec
import record
from record import Measurement, Roof, Run

from dde import _core

HERE = Path(__file__).parent
QUICKLY = ("--turns", "1", "--largest", "1e6", "--benchmark-max-time", "0.1")
IN_SHORT = "not float64 and not tensors and not torch and not inspections"
OF_SETS = (
    "1-dde and not float64 and (differences or conversions or spaces or maps or networks)"
    " and not pictures"
)
ROOF = "import msgspec, peak; print(msgspec.json.encode(peak.roof()).decode())"


def measured(quick: bool) -> Run:
    start = perf_counter()
    say("times, beside the peers")
    run = _timed(_core.instruction_set, *(("-k", IN_SHORT) if quick else ()), quick=quick)
    for name in _core.instruction_sets:
        say(f"times of the processor with {name}")
        run.measurements += _alone(name)
    for name in _core.instruction_sets:
        say(f"instructions and the roof of {name}")
        try:
            run.counts += instructions.counted(name)
        except instructions.CannotCountError as error:
            run.left_out.append(f"instructions of {error}")
        if roof := _roof(name):
            run.roofs.append(roof)
    if not run.roofs:
        run.left_out.append("the roofline: there is no C compiler")
    run.quick, run.seconds = quick, perf_counter() - start
    return run


def _alone(instruction_set: str) -> list[Measurement]:
    """dde on one thread, by the time of the processor, of which other processes take no part."""
    options = ("--alone", "--benchmark-timer=time.process_time", "-k", OF_SETS)
    found = _timed(instruction_set, *options, quick=True).measurements
    return [msgspec.structs.replace(each, timer="processor") for each in found]


def say(what: str) -> None:
    print(f"measuring {what}", file=sys.stderr, flush=True)


def _timed(instruction_set: str, *options: str, quick: bool) -> Run:
    """Ends the program where the benchmarks could not be run."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "run.json")
        command = [sys.executable, "-m", "pytest", "-q", str(HERE), "--record", str(path)]
        done = subprocess.run(
            [*command, *(QUICKLY if quick else ()), *options],
            env=os.environ | {"DDE_ISA": instruction_set},
            stdout=subprocess.PIPE,
            text=True,
        )
        if not path.exists():
            sys.exit(f"the benchmarks could not be run:\n{done.stdout[-4000:]}")
        run = record.read(path)
    if done.returncode:
        failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
        run.left_out += [f"{instruction_set}: {line}" for line in failed]
    return run


def _roof(instruction_set: str) -> Roof | None:
    done = subprocess.run(
        [sys.executable, "-c", ROOF],
        env=os.environ | {"DDE_ISA": instruction_set},
        cwd=HERE,
        stdout=subprocess.PIPE,
        check=True,
    )
    return msgspec.json.decode(done.stdout, type=Roof | None)
