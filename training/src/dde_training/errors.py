"""What the command line prints as one sentence."""


class UserError(ValueError):
    """A request that cannot be met, with the reason as one sentence for the person who made it."""


class DataError(UserError):
    """A broken data file: says which file, which key and why."""
