#!/bin/sh
# Set up what is missing, then measure: every subject of bench/, or those named, in an installation of its own.
set -eu
cd "$(dirname "$0")/.."
tools/setup.sh
. tools/places.sh
PYTHONPATH=$PYTHONPATH:$project
export PYTHONPATH
exec "$python" -m bench "$@"
