"""The version that runs."""

from importlib.metadata import version as _version


def version() -> str:
    """Of the installed package."""
    return _version("smart-lakehouse")
