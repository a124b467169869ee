"""
The networks that can be fitted to photographs, one file each.

A new one is a file with a subclass of `Distance`, and a line here.
"""

from dde_training.errors import UserError
from dde_training.photographs.networks.base import Distance, Recipe
from dde_training.photographs.networks.cd_flow import CDFlow
from dde_training.photographs.networks.cd_net import CDNet
from dde_training.photographs.networks.ms_swd import MSSWD

__all__ = ["NETWORKS", "Distance", "Recipe", "find_network", "find_preset"]

NETWORKS: dict[str, type[Distance]] = {network.name: network for network in (CDFlow, CDNet, MSSWD)}


def find_network(name: str) -> type[Distance]:
    """
    The network of a name.

    Raises
    ------
    UserError
        If there is no such network.
    """
    if name not in NETWORKS:
        raise UserError(f"the network must be one of {', '.join(NETWORKS)}; not {name!r}")
    return NETWORKS[name]


def find_preset(network: type[Distance], name: str) -> Recipe:
    """
    A recipe of a network by its name.

    Raises
    ------
    UserError
        If there is no such recipe.
    """
    if name not in network.presets:
        known = ", ".join(network.presets)
        raise UserError(f"the configuration must be one of {known}; not {name!r}")
    return network.presets[name]
