#!/bin/sh
# Builds vscode-extension/enzyme-lsp.vsix, the extension for VS Code. Needs Node 20 or newer and npm.
set -eu
cd "$(dirname "$0")/../vscode-extension"

if ! command -v npm >/dev/null; then
    echo "make vscode needs Node 20 or newer with npm" >&2
    exit 1
fi

# Installing anew takes a while, so that it is done when the lock file is another one.
key=$(cksum < package-lock.json)
if [ "$(cat node_modules/.current 2>/dev/null)" != "$key" ]; then
    npm ci
    echo "$key" > node_modules/.current
fi
npm run --silent package
