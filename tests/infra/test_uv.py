"""How uv is found on a machine that has little."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "infra" / "uv.sh"
TOOLS = ("sh", "awk", "dirname", "rm", "env")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A project with nothing but the script, on a machine with nothing but a shell."""
    (tmp_path / "project" / "infra").mkdir(parents=True)
    shutil.copy(SCRIPT, tmp_path / "project" / "infra" / "uv.sh")
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool) or tool)
    return tmp_path


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def run(machine: Path) -> subprocess.CompletedProcess[str]:
    script = machine / "project" / "infra" / "uv.sh"
    return subprocess.run(
        ["/bin/sh", str(script), "sync", "--frozen"],
        env={"PATH": str(machine / "bin"), "HOME": str(machine)},
        capture_output=True,
        text=True,
        check=False,
    )


def a_python(machine: Path, name: str = "python3", *, ahead: str = "") -> None:
    """This Python under a name; `ahead` is done first, with its arguments at hand."""
    program(machine / "bin" / name, f'{ahead}\nexec "{sys.executable}" "$@"')


def test_without_a_python_one_line_says_what_is_missing(machine: Path) -> None:
    done = run(machine)
    assert done.returncode == 1
    assert done.stderr.startswith("setup: no Python from 3.11 to 3.13 is on the PATH")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("version", "fits"),
    [("3, 10, 14", False), ("3, 11, 0", True), ("3, 13, 9", True), ("3, 14, 0", False)],
)
def test_a_python_of_another_version_is_passed_over(
    version: str, fits: bool, machine: Path
) -> None:
    told = f"import sys; sys.version_info = ({version})"
    program(machine / "bin" / "python3", f'exec "{sys.executable}" -c "{told}; $2"')
    program(machine / "bin" / "uv", 'echo "uv 1.0"')
    done = run(machine)
    assert ("no Python from 3.11 to 3.13" in done.stderr) != fits
    assert done.returncode == (0 if fits else 1)


def test_the_machines_own_uv_is_used(machine: Path) -> None:
    a_python(machine)
    program(machine / "bin" / "uv", 'echo "uv 0.9.1 $*"')
    assert run(machine).stdout == "uv 0.9.1 sync --frozen\n"


def test_an_old_uv_gives_way_to_the_projects_own(machine: Path) -> None:
    a_python(machine)
    program(machine / "bin" / "uv", 'echo "uv 0.4.0"')
    program(machine / "project" / ".uv" / "bin" / "uv", 'echo "uv 0.13.0 private $*"')
    assert run(machine).stdout == "uv 0.13.0 private sync --frozen\n"


def test_uv_is_never_let_to_download_a_python(machine: Path) -> None:
    a_python(machine)
    program(machine / "bin" / "uv", 'echo "uv 1.0 $UV_PYTHON_DOWNLOADS $UV_PYTHON_PREFERENCE"')
    assert run(machine).stdout == "uv 1.0 never only-system\n"


def test_a_missing_uv_is_installed_into_the_project_alone(machine: Path) -> None:
    uv = machine / "project" / ".uv" / "bin" / "uv"
    venv = f'if [ "$2" = venv ]; then mkdir -p {uv.parent}; ln -s "$0" {uv.parent}/python; exit; fi'
    pip = f'if [ "$2" = pip ]; then printf "%s" "{uv} $*" > {machine}/asked; exit; fi'
    a_python(machine, ahead=f"{venv}\n{pip}")
    (machine / "bin" / "mkdir").symlink_to(shutil.which("mkdir") or "mkdir")
    (machine / "bin" / "ln").symlink_to(shutil.which("ln") or "ln")
    done = run(machine)
    assert "installing it into .uv/ with pip" in done.stderr
    asked = (machine / "asked").read_text()
    assert asked.endswith("uv>=0.8")
    assert "--user" not in asked


def test_without_venv_and_pip_the_debian_package_is_named(machine: Path) -> None:
    a_python(machine, ahead='case "$2" in venv | pip) exit 1 ;; esac')
    done = run(machine)
    assert done.returncode == 1
    assert "apt install python3-venv" in done.stderr
