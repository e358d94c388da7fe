#!/bin/sh
# Builds vscode-extension/enzyme-lsp.vsix, the extension for VS Code, with the server's wheel in it, of which the
# extension can make an environment. Needs Node 20 or newer with npm, and Python as everything here does.
set -eu
cd "$(dirname "$0")/.."

if ! command -v npm >/dev/null; then
    echo "make vscode needs Node 20 or newer with npm" >&2
    exit 1
fi
sh .ci/setup.sh

cd vscode-extension
# Installing anew takes a while, so that it is done when the lock file is another one.
key=$(cksum < package-lock.json)
if [ "$(cat node_modules/.current 2>/dev/null)" != "$key" ]; then
    npm ci
    echo "$key" > node_modules/.current
fi
rm -rf server
../.venv/bin/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir server ..
npm run --silent package
