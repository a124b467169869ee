"""Published tolerances, by name; ``presets.toml`` beside this file holds them and their sources."""

from dataclasses import dataclass, field
from functools import cache


@dataclass(frozen=True)
class Preset:
    """
    A published tolerance.

    Attributes
    ----------
    rules : tuple of str
        Rules for one region, such as ``"p95 <= 3.0"``.
    metric : str
        The name of the formula that they are for.
    source : str
        Who published it, where and when.
    note : str
        What it is made for, and what it leaves out.
    factors : dict
        The factors of the formula, where they are not its defaults or better be stated.
    """

    rules: tuple[str, ...]
    metric: str
    source: str
    note: str
    factors: dict[str, float] = field(default_factory=dict)


@cache
def presets() -> dict[str, Preset]:
    """
    The published tolerances that ship. None of them is a default.

    Returns
    -------
    dict
        From names to presets.

    Examples
    --------
    >>> preset = presets()["g7-colorspace-proof"]
    >>> preset.metric, preset.rules
    ('CIEDE2000', ('mean <= 1.5', 'p95 <= 3.0', 'max <= 4.0'))
    >>> preset.source
    'Idealliance, G7 Master Qualification: Updated Pass/Fail Requirements, version 35 (2019)'
    """
    import tomllib  # both take long to import
    from importlib.resources import files

    content = files("dde.inspection").joinpath("presets.toml").read_text(encoding="utf-8")
    return {
        name: Preset(**entry | {"rules": tuple(entry["rules"])})
        for name, entry in tomllib.loads(content).items()
    }
