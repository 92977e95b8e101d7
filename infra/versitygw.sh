#!/bin/sh
# Build versitygw, the S3 server that tests run against, into the user's cache; it takes Go and two minutes.
set -eu
version=v1.8.0
bin=${XDG_CACHE_HOME:-$HOME/.cache}/lakehouse/bin

if command -v versitygw >/dev/null 2>&1 || [ -x "$bin/versitygw" ]; then
    exit 0
fi
go=$(command -v go || echo /usr/local/go/bin/go)
if ! [ -x "$go" ]; then
    echo "versitygw: there is no Go to build it with; tests of S3 will be skipped" >&2
    exit 0
fi
echo "versitygw: building $version into $bin" >&2
GOBIN="$bin" "$go" install "github.com/versity/versitygw/cmd/versitygw@$version" ||
    echo "versitygw: it could not be built; tests of S3 will be skipped" >&2
