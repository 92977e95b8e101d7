"""What a person asked for that cannot be done as asked."""


class InputError(Exception):
    """A path, a pattern or an option is wrong; the message names it."""


class UnreachableError(Exception):
    """A source cannot be reached, or not any more; the message names it, without a password."""
