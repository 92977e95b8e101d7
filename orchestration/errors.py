"""What a person asked for that cannot be done as asked."""


class InputError(Exception):
    """A path, a pattern or an option is wrong; the message names it."""
