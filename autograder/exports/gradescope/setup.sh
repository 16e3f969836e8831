#!/usr/bin/env bash
# Gradescope runs this once, as root, when it makes the image that submissions are graded in.
set -euo pipefail
home="${AUTOGRADER_HOME:-/autograder}"
cd "$home/source/course"

export DEBIAN_FRONTEND=noninteractive
apt-get -q update
apt-get -q -y install --no-install-recommends bubblewrap

works='import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'
python=
find_python() {
    for candidate in python3 python3.13 python3.12 python3.11; do
        if "$candidate" -c "$works" 2> /dev/null; then python="$candidate"; return; fi
    done
}
find_python
for version in 3.13 3.12 3.11; do
    [ -n "$python" ] && break
    apt-get -q -y install --no-install-recommends "python$version" "python$version-venv" || continue
    find_python
done
if [ -z "$python" ]; then
    echo "The course needs Python 3.11, 3.12 or 3.13, and this image has none to install: choose a newer base image."
    exit 1
fi

"$python" -m venv "$home/venv"
"$home/venv/bin/python" -m pip install --disable-pip-version-check --no-cache-dir -q -r requirements.txt
