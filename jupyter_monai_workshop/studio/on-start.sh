#!/bin/sh
# Installs jupyter-monai-workshop when a JupyterLab space of SageMaker Studio starts.
# Printed by "jupyter monai-workshop studio lifecycle-config".
#
# Whatever happens, it ends with status 0: another would keep the space from starting. It
# replaces nothing of the image, and restarts the server only after it has installed something.

VERSION=@VERSION@
WANTED=@WANTED@
PLACE=@PLACE@
ROOT=
INSTALL_SECONDS=200
RESTART_SECONDS=40

PYTHON=$ROOT/opt/conda/bin/python
PATH=$ROOT/usr/local/bin:$ROOT/opt/conda/bin:$PATH
LOG=${HOME:-$ROOT/home/sagemaker-user}/.local/share/jupyter/monai-workshop/studio-start.log
WORK=

say() {
    printf '%s\n' "$*" 2>/dev/null || true
    { printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*" >>"$LOG"; } 2>/dev/null || true
}

begin_log() {
    { mkdir -p "${LOG%/*}" && printf '' >"$LOG"; } 2>/dev/null || {
        LOG=/dev/null
        say "No log can be written below ${HOME:-the home folder}."
    }
}

limited() {
    if command -v timeout >/dev/null 2>&1; then
        timeout -k 5 "$@"
    else
        shift
        "$@"
    fi
}

# The image's own Python, without what a person has installed into the home folder, and with
# nothing that would send packages elsewhere.
image_python() {
    env -u PIP_TARGET -u PIP_PREFIX PIP_USER=0 PYTHONNOUSERSITE=1 "$PYTHON" "$@"
}

is_installed() {
    image_python -c '
import sys
from importlib.metadata import version
try:
    sys.exit(version("jupyter-monai-workshop") != sys.argv[1])
except ImportError:
    sys.exit(1)
' "$VERSION" 2>/dev/null
}

# What the image has, pinned; what has no proper version cannot be.
list_image() {
    image_python -m pip list --format=freeze --disable-pip-version-check 2>/dev/null |
        grep -E '^[A-Za-z0-9._-]+==([0-9]+!)?[0-9]+(\.[0-9]+)*((a|b|rc|\.post|\.dev)[0-9]+)*(\+[A-Za-z0-9.]+)?$' |
        grep -iv '^jupyter[-_.]monai[-_.]workshop==' >"$WORK/constraints.txt" 2>/dev/null
}

fetch() {
    if [ "$PLACE" != s3 ]; then
        return 0
    fi
    file=$WORK/${WANTED##*/}
    limited 60 aws s3 cp --only-show-errors "$WANTED" "$file" >"$WORK/output.txt" 2>&1
    status=$?
    WANTED=$file
    return "$status"
}

install() {
    limited "$INSTALL_SECONDS" env -u PIP_TARGET -u PIP_PREFIX PIP_USER=0 PYTHONNOUSERSITE=1 \
        "$PYTHON" -m pip install --no-input --disable-pip-version-check --no-cache-dir \
        --progress-bar off --constraint "$WORK/constraints.txt" "$WANTED" \
        >"$WORK/output.txt" 2>&1
}

show_output() {
    tail -n 20 "$WORK/output.txt" 2>/dev/null | while IFS= read -r line; do say "    $line"; done
}

give_up() {
    say "$1"
    show_output
    say "The space starts without jupyter-monai-workshop $VERSION."
}

restart() {
    if ! command -v restart-jupyter-server >/dev/null 2>&1; then
        say "restart-jupyter-server is not there. Stop and start the space to see the extension."
        return
    fi
    limited "$RESTART_SECONDS" restart-jupyter-server >"$WORK/output.txt" 2>&1
    status=$?
    if [ "$status" -eq 0 ]; then
        say "The server was restarted."
    else
        say "The server was not restarted: restart-jupyter-server ended with status $status."
        show_output
    fi
}

main() {
    if [ -n "${SAGEMAKER_RECOVERY_MODE:-}" ]; then
        say "The space starts in recovery mode: nothing is installed."
        return
    fi
    if ! [ -x "$PYTHON" ]; then
        give_up "There is no $PYTHON: this is no image of SageMaker Distribution."
        return
    fi
    if is_installed; then
        say "jupyter-monai-workshop $VERSION is there."
        return
    fi
    WORK=$(mktemp -d 2>/dev/null) || {
        give_up "No temporary folder can be made; is the disk full?"
        return
    }
    say "Installs jupyter-monai-workshop $VERSION as $(id -un 2>/dev/null || id -u)."
    if ! list_image; then
        give_up "The packages of the image cannot be listed; is the disk full?"
        return
    fi
    fetch
    status=$?
    if [ "$status" -ne 0 ]; then
        give_up "The wheel cannot be fetched from S3: aws ended with status $status."
        return
    fi
    install
    status=$?
    if [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
        give_up "pip took longer than $INSTALL_SECONDS seconds and was stopped."
        return
    elif [ "$status" -ne 0 ]; then
        give_up "pip ended with status $status. Is the package index reached, and is there room?"
        return
    fi
    if ! is_installed; then
        give_up "pip has ended well, and yet version $VERSION is not there."
        return
    fi
    say "jupyter-monai-workshop $VERSION is installed."
    restart
}

trap '' PIPE
trap 'exit 0' HUP INT TERM
begin_log
main
if [ -n "$WORK" ]; then
    rm -rf "$WORK"
fi
exit 0
