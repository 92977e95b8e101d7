#!/bin/sh
# Run uv: the machine's own where it is recent enough, else the project's in .uv/, which pip installs
# there from PyPI. Nothing outside this folder changes, and no Python is downloaded.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
export UV_PYTHON_DOWNLOADS=never UV_PYTHON_PREFERENCE=only-system UV_PROJECT="$root"
export PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1
unset VIRTUAL_ENV UV_PROJECT_ENVIRONMENT

fail() {
    echo "setup: $1" >&2
    exit 1
}

fits() { # whether a command is a Python that the project runs on
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' >/dev/null 2>&1
}

find_python() {
    for name in ${PYTHON:-python3.11 python3 python3.12 python3.13 python}; do
        if fits "$name"; then
            command -v "$name"
            return
        fi
    done
    fail "no Python from 3.11 to 3.13 is on the PATH; install one (Debian, Ubuntu: apt install python3 python3-venv), or name it: make PYTHON=/path/to/python"
}

recent() { # whether a command is a uv that reads this lock file: 0.8 or newer
    "$1" --version 2>/dev/null | awk '{split($2, v, "."); found = v[1] > 0 || v[2] >= 8} END {exit !found}'
}

install_uv() {
    echo "setup: uv is missing; installing it into .uv/ with pip" >&2
    if "$1" -m venv --clear "$root/.uv" >/dev/null 2>&1; then
        "$root/.uv/bin/python" -m pip install --quiet 'uv>=0.8' ||
            fail "pip could not install uv; is the package registry reached?"
    elif "$1" -m pip --version >/dev/null 2>&1; then # Debian without python3-venv
        rm -rf "$root/.uv"
        "$1" -m pip install --quiet --target "$root/.uv" 'uv>=0.8' ||
            fail "pip could not install uv; is the package registry reached?"
    else
        rm -rf "$root/.uv"
        fail "$1 has neither venv nor pip; install them (Debian, Ubuntu: apt install python3-venv), or install uv yourself"
    fi
}

# An environment that works is kept, whichever Python it was made with.
if ! fits "$root/.venv/bin/python"; then
    UV_PYTHON=$(find_python)
    export UV_PYTHON
fi
if recent uv; then
    exec uv "$@"
fi
recent "$root/.uv/bin/uv" || install_uv "${UV_PYTHON:-$root/.venv/bin/python}"
exec "$root/.uv/bin/uv" "$@"
