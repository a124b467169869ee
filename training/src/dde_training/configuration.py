"""Configurations as typed dataclasses, made from what a person or a file says."""

import json
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from dde_training.errors import UserError


@dataclass(frozen=True)
class Config:
    """What every model's configuration has."""

    # Epochs without a better loss on the inner split before the fit stops and goes back to the
    # best; 0 fits every epoch on every training pair.
    patience: int = 0


C = TypeVar("C", bound=Config)


def make_config(kind: type[C], values: dict[str, Any]) -> C:
    """
    A configuration with the values given and defaults for the rest.

    Parameters
    ----------
    kind : type
        A dataclass whose fields are ``int`` or ``float``.
    values : dict
        Field names and numbers, as from JSON.

    Raises
    ------
    UserError
        If a name is unknown, or a value is not a number of the field's type or is negative.
    """
    types = {field.name: field.type for field in fields(kind)}
    for name, value in values.items():
        if name not in types:
            raise UserError(f"the configuration has no {name!r}; it has {', '.join(types)}")
        whole = types[name] is int
        if type(value) not in ((int,) if whole else (int, float)) or not value >= 0:
            wanted = "a whole number" if whole else "a number"
            raise UserError(f"{name} must be {wanted}, 0 or more; not {value!r}")
    return kind(**values)


def parse_settings(kind: type[C], settings: list[str]) -> C:
    """
    A configuration from settings such as ``"epochs=60"``, with defaults for the rest.

    Raises
    ------
    UserError
        As `make_config`, and if a setting is not a name, an equals sign and a number.
    """
    values = {}
    for setting in settings:
        name, _, text = setting.partition("=")
        try:
            values[name] = json.loads(text)
        except ValueError:
            raise UserError(
                f"a setting is NAME=NUMBER, such as epochs=60; not {setting!r}"
            ) from None
    return make_config(kind, values)
