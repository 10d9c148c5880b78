"""The errors that a user sees: what was expected, what was found, where, and what to do."""


class AttendanceError(ValueError):
    """A mistake in what was given, told in words that its author can act on."""


class RegisterError(AttendanceError):
    """A register drop, or the register on disk, cannot be used as it stands."""


class ParamsError(AttendanceError):
    """A parameter is unknown, of the wrong type, or out of range."""


class ComparatorError(AttendanceError):
    """A comparison was asked for that the dates or the phase do not allow."""


class RecordError(AttendanceError):
    """A form that came back cannot be taken in as it was filled in."""
