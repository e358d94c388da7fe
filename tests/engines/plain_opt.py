"""A program of the mlir-opt family for tests that do not care what Enzyme says: it accepts any text but one that names
`@nobody`. It must import the standard library only, since it is run as a program.
"""

from __future__ import annotations

import sys

HELP = """\
OVERVIEW: a program that accepts everything

  --mlir-print-debuginfo        - Print debug info in MLIR output
  --pass-pipeline=<string>      - Textual description of the pass pipeline to run
"""
REFUSAL = "<stdin>:1:1: error: 'enzyme.fwddiff' op 'nobody' does not reference a valid global funcOp\n"


def main(arguments: list[str]) -> int:
    if "--help" in arguments:
        sys.stdout.write(HELP)
        return 0
    if "--version" in arguments:
        sys.stdout.write("LLVM (http://llvm.org/):\n  LLVM version 23.0.0git\n")
        return 0
    text = sys.stdin.read()
    if "@nobody" in text:
        sys.stderr.write(REFUSAL)
        return 1
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
