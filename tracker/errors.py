class KeepClearError(Exception):
    """What went wrong and what to do about it: two sentences that a person reads on a terminal.

    `what` states the fact, `do` the next action; the command line prints both and exits with 1.
    """

    def __init__(self, what: str, do: str) -> None:
        super().__init__(f"{what} {do}")
        self.what = what
        self.do = do


class SettingsError(KeepClearError):
    """A setting is unknown, malformed or contradicts another."""


class MissingProgramError(KeepClearError):
    """A program, extension or system user that KeepClear needs is not installed."""


class AlreadyRunningError(KeepClearError):
    """Another process works on the same data."""


class ServiceError(KeepClearError):
    """An embedded service could not be started, reached or prepared."""


class DataDirectoryError(KeepClearError):
    """A directory belongs to somebody else, or holds data of another version."""


class AccessError(KeepClearError):
    """The broker refused to enrol or revoke a device."""


class NotFoundError(KeepClearError):
    """What was named does not exist."""


class ConflictError(KeepClearError):
    """What was asked contradicts what is there already."""
