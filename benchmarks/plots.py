"""The plots of a run, each beside the sentence that says what it shows."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from record import NAME, Measurement, Roof, Run

MILLION = 1_000_000

mpl.rcParams |= {
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "svg.hashsalt": "dde",  # the same ids in every drawing
}

# What a pixel takes to read and to write, in bytes, by task and type. Copies that a processor
# makes unasked of the lines that it writes are left out, as in the bandwidth.
FLOATS = {"float32": 4, "float64": 8}
NUMBERS_IN_AND_OUT = {
    **dict.fromkeys(("ciede2000", "cie76", "cie94", "cmc", "hyab", "deep", "siamese"), 7),
    **dict.fromkeys(("xyz_to_lab", "lab_to_xyz", "xyz_to_oklab", "cam16_ucs", "jzazbz"), 6),
    "spectra_to_lab": 34,
    "itp_from_pq": 7,
}
OF_8_BIT = {"srgb_to_lab": 15, "inspect": 6, "map": 10}


def bytes_of(task: str, type_: str) -> int:
    if type_ == "uint8":
        return OF_8_BIT["map" if task.startswith("map_") else task]
    return NUMBERS_IN_AND_OUT[task] * FLOATS[type_]


class Point(NamedTuple):
    """A kernel under the roof: operations a byte, and GFLOP/s."""

    name: str
    intensity: float
    reached: float


class Plot(NamedTuple):
    name: str
    title: str
    text: str
    draw: Callable[[Run], Figure | None]  # None where nothing was measured


def _axes(height: float = 4.2) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(8, height), layout="constrained")
    return figure, figure.add_subplot()


def _largest(measurements: Iterable[Measurement]) -> list[Measurement]:
    """Of each task and type those on the most pixels, up to a million."""
    found: dict[tuple[str, ...], Measurement] = {}
    for m in measurements:
        key = (m.instruction_set, m.task, m.type, m.peer, str(m.threads))
        if m.pixels <= MILLION and m.pixels > (found[key].pixels if key in found else 0):
            found[key] = m
    return list(found.values())


def against_size(run: Run) -> Figure | None:
    figure, axes = _axes()
    for task in ("ciede2000", "xyz_to_lab", "deep"):
        peers = dict.fromkeys(m.peer for m in run.usual(task=task) if m.peer != "yardstick")
        for peer in peers if task == "ciede2000" else (NAME,):
            wanted = run.usual(task=task, type="float32", threads=1, peer=peer)
            points = sorted((m.pixels, m.rate) for m in wanted)
            if len(points) > 1:
                style = "o-" if peer == NAME else ".--"
                axes.plot(*zip(*points, strict=True), style, label=f"{task}, {peer}")
    if not axes.lines:
        return None
    axes.set(xscale="log", yscale="log", xlabel="pairs or colours in a call")
    axes.set_ylabel("millions a second, one thread")
    axes.legend(fontsize="small")
    return figure


def against_threads(run: Run) -> Figure | None:
    figure, axes = _axes()
    for task, type_ in (
        *((task, "float32") for task in ("ciede2000", "xyz_to_lab", "deep")),
        ("map_ciede2000", "uint8"),
    ):
        wanted = list(run.usual(task=task, type=type_, peer=NAME))
        pixels = max((m.pixels for m in wanted if m.threads > 1), default=0)
        points = sorted((m.threads, m.rate) for m in wanted if m.pixels == pixels)
        if len(points) > 1:
            threads, rates = zip(*points, strict=True)
            gains = [rate / rates[0] for rate in rates]
            axes.plot(threads, gains, "o-", label=f"{task}, {pixels:,} pixels")
    if not axes.lines:
        return None
    axes.axline((1, 1), slope=1, color="grey", linestyle=":", label="as many times as threads")
    axes.set(xlabel="threads", ylabel="times as fast as one thread")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(fontsize="small")
    return figure


def against_sets(run: Run) -> Figure | None:
    found = _largest(m for m in run.of("processor", peer=NAME, threads=1) if m.type != "float64")
    sets = sorted({m.instruction_set for m in found})
    rates = {(m.task, m.instruction_set): m.rate for m in found}
    tasks = [task for task in dict.fromkeys(m.task for m in found)
             if all((task, name) in rates for name in sets)]  # fmt: skip
    if len(sets) < 2 or not tasks:
        return None
    figure, axes = _axes(1 + 0.32 * len(tasks))
    thick = 0.8 / len(sets)
    for i, name in enumerate(sets):
        places = [place + i * thick for place in range(len(tasks))]
        axes.barh(places, [rates[task, name] for task in tasks], thick, label=name)
    axes.set_yticks([place + 0.4 - thick / 2 for place in range(len(tasks))], tasks)
    axes.set(xscale="log", xlabel="millions of pixels a second, one thread")
    axes.invert_yaxis()
    axes.legend(fontsize="small")
    return figure


def beside_peers(run: Run) -> Figure | None:
    found = [m for m in _largest(run.usual(threads=1)) if m.ratio and m.peer != "yardstick"]
    rows = list(dict.fromkeys(f"{m.task}, {m.type}" for m in found))
    if not rows:
        return None
    figure, axes = _axes(1 + 0.28 * len(rows))
    for peer in dict.fromkeys(m.peer for m in found):
        ratios = [(m.ratio, rows.index(f"{m.task}, {m.type}")) for m in found if m.peer == peer]
        axes.plot(*zip(*ratios, strict=True), "o", label=peer)
    axes.axvline(1, color="grey", linestyle=":")
    axes.set_yticks(range(len(rows)), rows)
    axes.set(xscale="log", xlabel="times as fast as the peer, one thread each")
    axes.invert_yaxis()
    axes.legend(fontsize="small", ncols=2)
    return figure


def points(run: Run) -> Iterator[Point]:
    """Every kernel whose operations were counted and whose time was measured."""
    used = run.machine.instruction_set
    # Where the set that is used cannot be counted, the best that can: the source is the same.
    sets = [c.instruction_set for c in run.counts if c.operations]
    counted = used if used in sets else max(sets, default=used)
    measured = _largest(run.usual("processor", threads=1, peer=NAME))
    rates = {(m.task, m.type): m.rate for m in measured}
    for count in run.counts:
        key = count.task, count.type
        if count.instruction_set == counted and count.operations and key in rates:
            each = count.operations
            name = count.task + (" (64)" if count.type == "float64" else "")
            yield Point(name, each / bytes_of(*key), 1e-3 * each * rates[key])


def roofline(run: Run) -> Figure | None:
    under = list(points(run))
    roof = next((r for r in run.roofs if r.instruction_set == run.machine.instruction_set), None)
    if not roof or not under:
        return None
    figure, axes = _axes(5.5)
    _draw_roof(axes, roof, max(p.intensity for p in under))
    for p in under:
        double = p.name.endswith("(64)")
        axes.plot(p.intensity, p.reached, "s" if double else "o", color="C3" if double else "C0")
        axes.annotate(p.name, (p.intensity, p.reached), (4, -3), textcoords="offset points",
                      fontsize=7)  # fmt: skip
    axes.set(xscale="log", yscale="log")
    axes.set(xlabel="floating-point operations a byte", ylabel="GFLOP/s, one thread")
    axes.set_title(f"{run.machine.processor}, {roof.instruction_set}", fontsize="medium")
    axes.legend(fontsize="small", loc="lower right")
    return figure


def _draw_roof(axes: Axes, roof: Roof, most: float) -> None:
    ends = (0.3, 2 * most)
    for bandwidth, what, style in (
        (roof.memory, "memory", "-"),
        (roof.cache, "the first cache", "--"),
    ):
        heights = [min(roof.peak, bandwidth * intensity) for intensity in ends]
        ridge = roof.peak / bandwidth
        if ends[0] < ridge < ends[1]:
            places = [ends[0], ridge, ends[1]]
            heights.insert(1, roof.peak)
        else:
            places = list(ends)
        axes.plot(places, heights, style, color="black", label=f"{what}: {bandwidth:.3g} GB/s")
    axes.plot([], [], " ", label=f"multiply-adds: {roof.peak:.3g} GFLOP/s, half in float64")
    axes.axhline(roof.peak / 2, color="grey", linestyle=":")


def memory(run: Run) -> Figure | None:
    if not run.memory:
        return None
    rows = [f"{m.task}, {m.peer}" for m in run.memory]
    figure, axes = _axes(1 + 0.35 * len(rows))
    colours = ["C0" if m.peer == NAME else "C7" for m in run.memory]
    bars = axes.barh(rows, [m.megabytes for m in run.memory], color=colours)
    axes.bar_label(bars, fmt="%.0f", padding=3)
    axes.set_xlabel("MB beyond images and packages")
    axes.invert_yaxis()
    return figure


PLOTS = (
    Plot("size", "By size", "Rates by the least of the rounds, one thread, float32: on few pixels "
         "the call is what takes the time.", against_size),
    Plot("threads", "By threads", "Gain over one thread in the same run. Other processes on the "
         "machine take it from many threads first.", against_threads),
    Plot("sets", "By instruction set", "dde alone, float32 or 8-bit images, one thread, each set "
         "in a process of its own; by the time of the processor.", against_sets),
    Plot("peers", "Beside the peers", "How many times as fast dde is on the same arrays, in the "
         "same run: least of the rounds of both. Left of 1, dde is slower.", beside_peers),
    Plot("roofline", "The roofline", "What one thread of this machine can do at most: multiply-"
         "adds in registers (fma_peak.c), and bytes read and written (the triad of STREAM, "
         "bandwidth.c). Each kernel stands at its rate, by the "
         "time of the processor, times its operations a pixel, which were "
         "counted instruction by instruction (instructions.py): the lanes of additions, products, "
         "quotients and roots; two for a multiply-add. What else it does (comparisons, selections, "
         "integers) keeps it below the roof, and a quotient or root takes many times as long as a "
         "product. Bytes are those of the arrays; where these fit a cache between the first "
         "and memory, the limit lies between the two slopes.", roofline),
    Plot("memory", "Memory", "The most that is resident while 12 megapixels are inspected, beyond "
         "images and packages, in a process of its own.", memory),
)  # fmt: skip
