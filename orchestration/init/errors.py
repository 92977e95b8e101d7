"""What stops a first contract from being written."""


class InitError(Exception):
    """One plain line: the file, what is wrong with it, and what to do."""
