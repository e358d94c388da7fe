#!/bin/sh
# Makes .venv with the package and its default engine; with the argument `dev` also the tools for tests and,
# in .engines/, the strict engine that the tests compare with. Does nothing when all of it is current.
set -eu
cd "$(dirname "$0")/.."
here=$(pwd -P)
level=${1:-run}
python=.venv/bin/python
strict=enzyme-ad-0.0.16

main() {
    # A moved or copied clone has scripts that name the old place, hence the path in the key.
    key=$( (cat pyproject.toml .ci/setup.sh; echo "$here") | cksum)
    if current "$level" || { [ "$level" = run ] && current dev; }; then return; fi
    if ! made_here; then make_venv; fi

    extras=enzyme
    if [ "$level" = dev ]; then extras=enzyme,dev; fi
    say "installing enzyme-lsp[$extras] into .venv (the compiler is large: this takes a minute, once)"
    $python -m pip install --quiet --disable-pip-version-check --editable ".[$extras]"
    if [ "$level" = dev ]; then install_strict_engine; fi
    echo "$key" > ".venv/.current-$level"
}

current() {
    [ "$(cat ".venv/.current-$1" 2>/dev/null)" = "$key" ] && [ -x .venv/bin/enzyme-lsp ] && $python -c ''
}

made_here() {
    grep -qsF "$here/.venv" .venv/bin/activate && usable $python
}

make_venv() {
    base=$(find_python) || {
        say "enzyme-lsp needs Python 3.11 or newer with its venv module (Debian and Ubuntu: python3-venv)"
        exit 1
    }
    say "creating .venv with $base"
    rm -rf .venv
    "$base" -m venv "$here/.venv"
}

# Python 3.11 first: the default engine's wheel is built for it alone. Every folder of PATH is tried, since the
# first `python3.11` of a version manager may be a stub that answers only where that version is selected.
find_python() {
    for name in python3.11 python3.14 python3.13 python3.12 python3 python; do
        rest=$PATH:
        while [ -n "$rest" ]; do
            candidate=${rest%%:*}/$name
            rest=${rest#*:}
            if [ -x "$candidate" ] && usable "$candidate"; then
                echo "$candidate"
                return
            fi
        done
    done
    return 1
}

usable() {
    "$1" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

# Where the engines can be installed the tests demand them; elsewhere those tests are skipped, and this says so.
install_strict_engine() {
    mkdir -p .engines
    if $python -c 'import importlib.util, sys; sys.exit(importlib.util.find_spec("enzyme_ad") is None)'; then
        if [ ! -f ".engines/$strict/.complete" ]; then
            say "installing the strict engine into .engines/$strict"
            rm -rf ".engines/$strict"
            $python -m pip install --quiet --disable-pip-version-check --no-deps \
                --target ".engines/$strict" "enzyme-ad==${strict##*-}"
            : > ".engines/$strict/.complete"
        fi
        echo "export ENZYME_LSP_REQUIRE_ENGINES=1 ENZYME_LSP_TEST_STRICT=\"\$PWD/.engines/$strict\"" > .engines/environment
    else
        say "this Python or platform has no enzyme-ad wheel: the tests that need an engine are skipped"
        : > .engines/environment
    fi
}

say() {
    echo "setup: $*" >&2
}

main
