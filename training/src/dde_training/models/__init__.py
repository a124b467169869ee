"""
The models that can be trained, one file each.

A new model is a file in this folder with a subclass of `Model`; nothing else names it.
"""

import importlib
import pkgutil

from dde_training.errors import UserError
from dde_training.models.base import Model

__all__ = ["Model", "find_model", "models"]


def models() -> dict[str, type[Model]]:
    """Every model class by its name on the command line."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return {model.name: model for model in Model.__subclasses__()}


def find_model(name: str) -> type[Model]:
    """
    The model class of a name.

    Raises
    ------
    UserError
        If there is no such model.
    """
    known = models()
    if name not in known:
        raise UserError(f"the model must be one of {', '.join(sorted(known))}; not {name!r}")
    return known[name]
