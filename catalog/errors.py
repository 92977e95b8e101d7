"""What can go wrong with the lake, each in one plain line that says what to do."""


class LakeError(Exception):
    """The lake cannot do what was asked."""


class LakeMissingError(LakeError):
    """There is no lake yet where one was to be read."""


class ConflictError(LakeError):
    """Other writers kept getting in between; nothing was written."""


class SettingError(LakeError):
    """A setting is wrong; the message names its variable."""


class QueryRefusedError(LakeError):
    """A query is not one SELECT on the lake's tables, or went past a limit."""
