#!/bin/sh
# Build the guide's site from docs/ into .local/site, strictly: a dead link fails, and nothing is fetched from elsewhere.
set -eu
cd "$(dirname "$0")/.."
tools/setup.sh
. tools/places.sh
builder=$local/docs-venv
if [ ! -f "$builder/lock" ] || ! cmp -s tools/docs.lock "$builder/lock"; then
    say "Installing the site's builder"
    "$uv" venv --quiet --clear --python "$python" "$builder"
    "$uv" pip sync --quiet --python "$builder/bin/python" --require-hashes tools/docs.lock
    cp tools/docs.lock "$builder/lock"
fi
rm -rf "$local/site"
"$builder/bin/zensical" build --strict --clean >&2
outside=$(grep -rlE '(src|srcset)="?(https?:)?//|<link[^>]+href="?(https?:)?//|url\((https?:)?//' "$local/site" --include='*.html' --include='*.css' || true)
[ -z "$outside" ] || fail "These pages of the site fetch from elsewhere: $outside" "Keep what they need in docs/, or switch it off in zensical.toml."
say "The site is there: .local/site/index.html"
