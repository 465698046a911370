#!/bin/sh
# Set everything up, the browser of the tests too, and run the whole gate.
set -eu
cd "$(dirname "$0")/.."
tools/setup.sh --dev
exec tools/check.sh "$@"
