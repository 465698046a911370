#!/bin/sh
# Set up what is missing, then start database, web server and worker, and stay until Ctrl-C.
set -eu
cd "$(dirname "$0")/.."
tools/setup.sh
exec ./vein2vein run
