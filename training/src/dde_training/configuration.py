"""Configurations as typed dataclasses, made from what a person or a file says."""

import json
from dataclasses import dataclass, fields, replace
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
        A dataclass whose fields are ``int``, ``float`` or ``bool``.
    values : dict
        Field names and numbers, as from JSON.

    Raises
    ------
    UserError
        If a name is unknown, or a value is not of the field's type or is negative.
    """
    _check(kind, values)
    return kind(**values)


def _check(kind: type[Config], values: dict[str, Any]) -> None:
    types = {field.name: field.type for field in fields(kind)}
    for name, value in values.items():
        if name not in types:
            raise UserError(f"the configuration has no {name!r}; it has {', '.join(types)}")
        if types[name] is bool:
            if type(value) is not bool:
                raise UserError(f"{name} must be true or false; not {value!r}")
            continue
        whole = types[name] is int
        if type(value) not in ((int,) if whole else (int, float)) or not value >= 0:
            wanted = "a whole number" if whole else "a number"
            raise UserError(f"{name} must be {wanted}, 0 or more; not {value!r}")


def parse_settings(kind: type[C], settings: list[str]) -> C:
    """
    A configuration from settings such as ``"epochs=60"``, with defaults for the rest.

    Raises
    ------
    UserError
        As `make_config`, and if a setting is not a name, an equals sign and a number.
    """
    return make_config(kind, _parse(settings))


def changed(config: C, settings: list[str]) -> C:
    """
    A configuration with some settings changed.

    Raises
    ------
    UserError
        As `parse_settings`.
    """
    values = _parse(settings)
    _check(type(config), values)
    return replace(config, **values)


def _parse(settings: list[str]) -> dict[str, Any]:
    values = {}
    for setting in settings:
        name, _, text = setting.partition("=")
        try:
            values[name] = json.loads(text)
        except ValueError:
            raise UserError(
                f"a setting is NAME=NUMBER, such as epochs=60; not {setting!r}"
            ) from None
    return values
