"""The command line `lakehouse`. Commands import what they need when they run: it starts at once."""

from __future__ import annotations

import os
import sys

INTERRUPTED = 130
POOLS = ("OMP_NUM_THREADS", "POLARS_MAX_THREADS")  # that Arrow and polars read when they load


def main() -> None:
    """Run the command line; errors are one line, wrong use and wrong contracts exit with 2."""
    if sys.argv[1:] == ["--version"]:
        from orchestration.cli.version import version

        print(f"lakehouse {version()}")
        return
    # No command multiplies matrices, and numpy's threads for it take 0.05 s of a core to start.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if threads := os.environ.get("LAKEHOUSE_THREADS"):
        for pool in POOLS:
            os.environ.setdefault(pool, threads)
    from catalog.errors import LakeError, SettingError
    from data_contracts.errors import ContractError, SourceError
    from orchestration.cli.app import app
    from orchestration.errors import InputError, UnreachableError

    try:
        app()
    except (ContractError, SettingError, InputError) as error:
        fail(str(error), 2)
    except (LakeError, SourceError, UnreachableError) as error:
        fail(str(error), 1)
    except BrokenPipeError:
        # Whoever reads has closed; Python would complain again when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except SystemExit as exit_:
        if exit_.code != INTERRUPTED:  # typer's status of Ctrl-C, of which it says nothing
            raise
        fail("stopped; nothing half done is in the lake", INTERRUPTED)


def fail(message: str, status: int) -> None:
    """Say why in one line and exit."""
    from catalog.errors import printable

    print(f"lakehouse: {printable(' '.join(message.splitlines()))}", file=sys.stderr)
    sys.exit(status)
