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

# Exit 2 is mypy's own failure, not a verdict on types: it is asked once more, and says why if it fails again.
types() {
    code=0
    "$bin/mypy" --strict src tests || code=$?
    [ "$code" -eq 2 ] || return "$code"
    say "mypy itself failed: once more"
    "$bin/mypy" --strict --show-traceback src tests
}

part "Format" "$bin/ruff" format --check --quiet .
part "Ruff" "$bin/ruff" check --quiet .
part "Types" types
part "Layers" "$bin/lint-imports" --no-logo
part "Database of the tests" "$python" -m vein2vein.cli database start
part "Migrations" "$python" -m django makemigrations --check --dry-run
part "Tests" "$bin/pytest" -n 2 "$@"
