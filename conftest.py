"""Without torch, the examples in the docstrings of dde.torch cannot run."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("torch") else ["src/dde/torch/*"]
