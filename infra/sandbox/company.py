"""A sandbox: a folder with all systems of the group up to a day, to which the next can be added."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra.sandbox import erp, files
from infra.sandbox.group import COMPANIES, NOTICE, Plan
from infra.sandbox.model import Model

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STATE = "sandbox.json"


class SandboxError(Exception):
    """A sandbox cannot be made or found; says what to do."""


@dataclass(frozen=True, slots=True)
class Made:
    """What was written.

    Attributes:
        folder: the sandbox.
        plan: what it is now.
        rows: by table or topic, such as `erp/AW/invoice` and `market/quote`.
    """

    folder: Path
    plan: Plan
    rows: dict[str, int]


def create(folder: Path, plan: Plan, tell: Callable[[float], object] = lambda _share: None) -> Made:
    """Make a sandbox; the folder has its name when it is whole.

    Args:
        folder: must not be there, or be empty.
        plan: what is made.
        tell: is told how much is done, from 0 to 1.

    Raises:
        SandboxError: there is something in the folder.
        OSError: it cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SandboxError(
            f"{folder}: is there already; add a day to it by next-day, or name another by --to"
        )
    new = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    with Model(plan) as model:
        tell(0.05)
        rows: dict[str, int] = {}
        for _, _, file in databases(new):
            file.parent.mkdir(exist_ok=True)
        # SQLite writes with one thread, so each database has one of its own.
        with ThreadPoolExecutor() as pool:
            made = [
                (system, company, pool.submit(erp.create, model, file, system, company))
                for system, company, file in databases(new)
            ]
            for number, (system, company, counts) in enumerate(made, start=1):
                rows |= _named(system, company, counts.result())
                tell(0.05 + 0.15 * number)
        rows |= _files(model, new, 0, lambda share: tell(0.5 + share / 2))
    _keep(new, plan)
    if folder.exists():
        folder.rmdir()
    new.rename(folder)
    return Made(folder, plan, rows)


def next_day(folder: Path) -> Made:
    """Let tomorrow arrive; cut off and run again, it goes on where it was.

    Raises:
        SandboxError: there is no sandbox.
        OSError: it cannot be written.
    """
    before = plan_of(folder)
    plan = Plan(before.scale, before.seed, before.days + 1)
    rows: dict[str, int] = {}
    with Model(plan) as model:
        for system, company, file in databases(folder):
            rows |= _named(system, company, erp.add_day(model, file, system, company))
        rows |= _files(model, folder, plan.last, lambda _share: None)
    _keep(folder, plan)
    return Made(folder, plan, rows)


def plan_of(folder: Path) -> Plan:
    """What a sandbox was made by, and how far it is.

    Raises:
        SandboxError: there is none.
    """
    try:
        said = json.loads((folder / STATE).read_text(encoding="utf-8"))
        return Plan(said["scale"], said["seed"], said["days"])
    except FileNotFoundError:
        raise SandboxError(
            f"{folder}: there is no sandbox; make one: lakehouse sandbox create --to {folder}"
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise SandboxError(f"{folder / STATE}: is not what create wrote: {error}") from None


def databases(folder: Path) -> list[tuple[str, str | None, Path]]:
    """Each database: its system, whose it is, its file."""
    of_erp: list[tuple[str, str | None, Path]] = [
        ("erp", company, folder / "erp" / f"{company}.sqlite") for company in COMPANIES
    ]
    return [*of_erp, ("crm", None, folder / "crm" / "crm.sqlite")]


def _files(
    model: Model, folder: Path, first: int, tell: Callable[[float], object]
) -> dict[str, int]:
    entries = files.write_statements(model, folder / "bank", first)
    lines = files.write_lines(model, folder, first, lambda day: tell(day / model.plan.days))
    return {f"bank/{kind}": rows for kind, rows in entries.items()} | lines


def _named(system: str, company: str | None, rows: dict[str, int]) -> dict[str, int]:
    place = f"{system}/{company}" if company else system
    return {f"{place}/{table}": count for table, count in rows.items()}


def _keep(folder: Path, plan: Plan) -> None:
    said = {"note": NOTICE, "scale": plan.scale, "seed": plan.seed, "days": plan.days}
    new = folder / f".{STATE}.new"
    new.write_text(json.dumps(said) + "\n", encoding="utf-8")
    new.replace(folder / STATE)
