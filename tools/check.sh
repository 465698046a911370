#!/bin/sh
# The whole gate, where everything is set up: stops at the first part that fails; pytest's last line comes last.
set -eu
cd "$(dirname "$0")/.."
. tools/places.sh
[ -x "$python" ] || fail "Nothing is set up here yet." "Run: make test"
[ -x /usr/bin/chromium ] || [ -x "$local/chromium/chromium" ] || fail "The browser of the tests is missing." "Run: make test"
bin=$local/venv/bin

V2V_TEST_CLUSTER=1
export V2V_TEST_CLUSTER
trap '"$python" -m vein2vein.cli database stop >/dev/null 2>&1 || true' EXIT
trap 'exit 130' INT TERM HUP

part() {
    title=$1
    shift
    say "── $title"
    "$@" || fail "The gate stopped at: $title" "Run it alone: $*"
}

part "Format" "$bin/ruff" format --check --quiet .
part "Ruff" "$bin/ruff" check --quiet .
part "Types" "$bin/mypy" --strict src tests bench conftest.py
part "Layers" "$bin/lint-imports" --no-logo
part "Database of the tests" "$python" -m vein2vein.cli database start
part "Migrations" "$python" -m django makemigrations --check --dry-run
part "Tests" "$bin/pytest" -n 2 --dist worksteal --durations 25 --durations-min 5 "$@"
