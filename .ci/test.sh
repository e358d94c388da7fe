#!/bin/sh
# Everything that must hold before a change lands. The linter and the type checker are tests too (tests/tidy),
# so that one closing line and one exit code, pytest's, tell it all. Arguments go to pytest.
cd "$(dirname "$0")/.." || exit 1
sh .ci/setup.sh dev || exit 1
. ./.engines/environment

# Two processes: one waits for the compiler while the other computes. Rewriting expectations takes one,
# since two would edit the same test file.
processes=2
if [ -n "${UPDATE_EXPECT:-}" ]; then processes=0; fi
exec .venv/bin/python -m pytest -n "$processes" "$@"
