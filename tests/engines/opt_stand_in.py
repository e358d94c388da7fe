"""A stand-in for Enzyme's own program of the mlir-opt family, which is not to be had as a package.

It has the command line of all of them, and says what the Enzyme in enzyme-ad 0.0.15 says of a few texts, in the form in
which MlirOptMain prints diagnostics. It must import the standard library only, since it is run as a program.
"""

from __future__ import annotations

import os
import signal
import sys

HELP = """\
OVERVIEW: Enzyme modular optimizer driver

General options:

  --mlir-print-debuginfo                 - Print debug info in MLIR output
  Compiler passes to run
    Passes:
      --canonicalize                     -   Canonicalize operations
        --max-iterations=<long>          - Max. iterations between applying patterns / simplifying regions
        --region-simplify=<value>        - Perform control flow optimizations to the region tree
    =disabled                            -   Don't run any control-flow simplification
    =normal                              -   Perform simple control-flow simplifications
      --enzyme                           -   Differentiate a function
        --postpasses=<string>            - Optimization passes to apply to generated derivative functions
    Pass Pipelines:
      --sparsifier                       -   The standard pipeline
  --pass-pipeline=<string>               - Textual description of the pass pipeline to run
  --verify-each                          - Run the verifier after each transformation pass
"""

CALLEE = """\
<stdin>:2:8: error: 'enzyme.fwddiff' op 'nobody' does not reference a valid global funcOp
  %r = enzyme.fwddiff @nobody(%x) {}
       ^
<stdin>:2:8: note: see current operation: %0 = "enzyme.fwddiff"(%arg0)
"""

NO_DERIVATIVE = """\
<stdin>:1:1: error: could not compute the adjoint for this operation %0 = "math.tan"(%arg0)
"""


def main(arguments: list[str]) -> int:
    if "--help" in arguments:
        sys.stdout.write(HELP)
        return 0
    if "--version" in arguments:
        sys.stdout.write("LLVM (http://llvm.org/):\n  LLVM version 23.0.0git\n  Optimized build.\n")
        return 0
    text = sys.stdin.read()
    if "enzyme.fwddiff" in text and "#enzyme.activity" in text:
        sys.stderr.write("<stdin>:3:3: error: expected ':'\n")
        return 1
    if "@nobody" in text:
        sys.stderr.write(CALLEE)
        return 1
    if "--pass-pipeline=builtin.module(enzyme)" in arguments and "math.tan" in text:
        sys.stderr.write(NO_DERIVATIVE)
        return 1
    if "--pass-pipeline=builtin.module(enzyme)" in arguments and "crash" in text:
        sys.stderr.write("PLEASE submit a bug report to https://github.com/llvm/llvm-project/issues/\n #0 0x0\n")
        sys.stderr.flush()
        os.kill(os.getpid(), signal.SIGSEGV)
    passes = [argument for argument in arguments if argument.startswith("--pass-pipeline")]
    sys.stdout.write("".join(f"// {one}\n" for one in passes) + text.rstrip() + ' loc("<stdin>":1:1)\n')
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
