# Sourced by the other scripts after `cd` to the project: places, and how progress is said.
umask 022
unset PYTHONHOME PYTHONSTARTUP VIRTUAL_ENV
project=$(pwd -P)
local=$project/.local
python=$local/venv/bin/python
uv=$local/tools/bin/uv
npm_folder=$local/npm
PYTHONPATH=$project/src
PYTHONDONTWRITEBYTECODE=
PYTHONUTF8=1
DJANGO_SETTINGS_MODULE=vein2vein.settings
UV_PYTHON_DOWNLOADS=never
UV_SYSTEM_CERTS=1
UV_NO_PROGRESS=1
export PYTHONPATH PYTHONDONTWRITEBYTECODE PYTHONUTF8 DJANGO_SETTINGS_MODULE UV_PYTHON_DOWNLOADS UV_SYSTEM_CERTS UV_NO_PROGRESS

began=$(date +%s)

# Progress goes to standard error, with the seconds since the script began.
say() {
    printf '[%4ss] %s\n' "$(($(date +%s) - began))" "$*" >&2
}

# fail FAULT MEND
fail() {
    printf '\nvein2vein: %s\n  %s\n' "$1" "$2" >&2
    exit 1
}
