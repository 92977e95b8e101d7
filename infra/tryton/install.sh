#!/bin/sh
# Install Tryton, an ERP that tests read from, into the user's cache, once for each uv.lock: 66 MB.
# `sh infra/tryton/install.sh where` only prints its Python, whether it is there or not.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
lock=$(cksum <"$here/uv.lock" | cut -d ' ' -f 1)
env=${XDG_CACHE_HOME:-$HOME/.cache}/lakehouse/tryton/$lock

if [ "${1:-}" = where ]; then
    echo "$env/.venv/bin/python"
    exit 0
fi
if [ -e "$env/installed" ]; then
    exit 0
fi
echo "tryton: installing into $env" >&2
mkdir -p "$env"
cp "$here/pyproject.toml" "$here/uv.lock" "$env"
if sh "$here/../uv.sh" sync --project "$env" --frozen --quiet --compile-bytecode; then
    touch "$env/installed"
else
    echo "tryton: it could not be installed; tests of it will be skipped" >&2
fi
