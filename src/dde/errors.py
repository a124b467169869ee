"""Every exception that dde defines. What is no error of a file or a folder is a plain ValueError or
TypeError, whose message names the argument."""


class DdeError(Exception):
    """The base of every exception that dde defines."""


class CameraFileError(DdeError, ValueError):
    """The file of a camera is damaged, or not of an accepted kind; the message names it."""


class ImageFileError(DdeError, ValueError):
    """An image file is missing, damaged, or not of an accepted kind."""


class JobFileError(DdeError, ValueError):
    """A job file cannot be read, or says what is not accepted; the message begins with its name."""


class MissingPackageError(DdeError, ModuleNotFoundError):
    """A package is not installed, or cannot be imported; the message says what needs it, and how it
    is installed."""


class ModelFileError(DdeError, ValueError):
    """The file of a model is damaged, or not of an accepted kind; the message names it."""


class TableFileError(DdeError, ValueError):
    """A table of patches is damaged, or not of an accepted kind; the message names it."""


class OutputError(DdeError, OSError):
    """What a batch has found cannot be written: the end of the batch, not of one frame."""


class RegistrationError(DdeError, ValueError):
    """A sample cannot be laid on its reference; the message says why."""
