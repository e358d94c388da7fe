"""Confined: what machine code of a text may call, and what its process may do; must import the standard library only.

A function that the module only declares is looked up in the process, which has everything: so only those of the lists
below may be declared. On Linux the kernel then refuses whatever reaches outside of the process all the same.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from typing import Any, Final

_REAL: Final = (
    *("acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil", "copysign", "cos", "cosh", "erf"),
    *("erfc", "exp", "exp2", "exp10", "expm1", "fabs", "fdim", "floor", "fma", "fmax", "fmin", "fmod", "hypot", "j0"),
    *("j1", "ldexp", "lgamma", "log", "log10", "log1p", "log2", "logb", "nearbyint", "pow", "remainder", "rint"),
    *("round", "roundeven", "scalbn", "sin", "sinh", "sqrt", "tan", "tanh", "tgamma", "trunc", "y0", "y1"),
)
_COMPLEX: Final = (
    *("cabs", "cacos", "carg", "casin", "catan", "ccos", "ccosh", "cexp", "clog", "conj", "cpow", "csin", "csinh"),
    *("csqrt", "ctan", "ctanh"),
)
MATH: Final = frozenset(name + ending for name in (*_REAL, *_COMPLEX) for ending in ("", "f"))
"""Functions of C's library of mathematics."""
MEMORY: Final = frozenset({"malloc", "free", "calloc", "aligned_alloc", "memcpy", "memmove", "memset", "abort", "puts"})
"""What MLIR's lowerings call; the last two where an assertion fails, and their output is ours to read."""

FORBIDDEN: Final = {
    "llvm.inline_asm": "it has assembly in it",
    "llvm.mlir.ifunc": "it has a function that is chosen when it is loaded",
    "llvm.mlir.global_ctors": "it has code that runs when it is loaded",
    "llvm.mlir.global_dtors": "it has code that runs when it is unloaded",
    "llvm.call_intrinsic": "it calls an intrinsic of LLVM by name",
}


class RefusedError(Exception):
    """Machine code that is not made, or not run; the message is the end of a sentence."""


def refuse(module: Any, ir: Any) -> None:
    """Raises `RefusedError` for a module that is not all LLVM's, or that could call what is not in the lists."""
    if "llvm.module_asm" in module.attributes:
        raise RefusedError("it has assembly in it")
    found: list[str] = []

    def look(operation: Any) -> Any:
        reason = _reason(operation)
        if reason:
            found.append(reason)
            return ir.WalkResult.INTERRUPT
        return ir.WalkResult.ADVANCE

    module.walk(look)
    if found:
        raise RefusedError(found[0])


def refuse_unknown(module: Any, ir: Any) -> None:
    """Raises `RefusedError` for a module with an operation that upstream MLIR does not know."""
    found: list[str] = []

    def look(operation: Any) -> Any:
        if operation.context.is_registered_operation(operation.name):
            return ir.WalkResult.ADVANCE
        found.append(operation.name)
        return ir.WalkResult.INTERRUPT

    module.walk(look)
    if found:
        raise RefusedError(f"{found[0]} is left over, which no pass makes machine code of")


def rename(module: Any, ir: Any) -> None:
    """Give the functions of a module other names where theirs are in the lists, which stand for the library's alone.

    A function `@log` that takes logarithms would call itself: what code generation calls, it calls by its name.
    """
    for operation in module.regions[0].blocks[0].operations:
        if operation.operation.name == "llvm.func" and operation.regions[0].blocks:
            symbol = _symbol(operation)
            if symbol in MATH | MEMORY:
                ir.SymbolTable.replace_all_symbol_uses(symbol, OWN + symbol, module)
                ir.SymbolTable.set_symbol_name(operation, OWN + symbol)


OWN: Final = "enzyme_lsp_own_"
"""What begins the names of functions of a module that had names of the library's."""


def _reason(operation: Any) -> str:
    """Why there is no machine code of an operation; empty if there is."""
    name: str = operation.name
    if name in FORBIDDEN:
        return FORBIDDEN[name]
    if not name.startswith("llvm.") and name != "builtin.module":
        return f"{name} is not lowered to LLVM's dialect"
    if name == "llvm.func" and not operation.regions[0].blocks:
        symbol = _symbol(operation)
        if symbol not in MATH | MEMORY and not symbol.startswith("llvm."):
            return f"it calls @{symbol}, which it only declares, and which is no known function of mathematics"
    has_value = "value" in operation.attributes or bool(operation.regions and operation.regions[0].blocks)
    if name == "llvm.mlir.global" and not has_value and "external" in str(operation.attributes["linkage"]):
        # An external one without a value is some other library's.
        return f"it uses the variable @{_symbol(operation)}, which it only declares"
    return ""


def _symbol(operation: Any) -> str:
    return str(operation.attributes["sym_name"]).strip('"')


def close_all_but(descriptor: int) -> None:
    """Close what was open in the parent, so that the code can write to nothing but `descriptor` and its own stderr."""
    os.closerange(3, descriptor)
    os.closerange(descriptor + 1, _MOST_DESCRIPTORS)


def confine() -> None:
    """From here on the kernel refuses this process all that reaches beyond its own memory, where it can: on Linux."""
    numbers = _ALLOWED.get(platform.machine()) if sys.platform.startswith("linux") else None
    if numbers is None:
        return
    architecture, signal_itself, calls = numbers
    load_architecture = _statement(_LOAD, 4)
    is_ours = _statement(_JUMP_IF_EQUAL, architecture, 1, 0)
    program = [load_architecture, is_ours, _statement(_RETURN, _KILL), _statement(_LOAD, 0)]
    for index, number in enumerate(calls):
        program.append(_statement(_JUMP_IF_EQUAL, number, len(calls) - index + 3, 0))
    program += [
        # What aborts sends itself a signal; nobody else is to get one.
        _statement(_JUMP_IF_EQUAL, signal_itself, 0, 2),
        _statement(_LOAD, _FIRST_ARGUMENT),
        _statement(_JUMP_IF_EQUAL, os.getpid(), 1, 0),
        _statement(_RETURN, _REFUSE),
        _statement(_RETURN, _ALLOW),
    ]
    code = ctypes.create_string_buffer(b"".join(program))

    class Filter(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))

    filter_ = Filter(len(program), ctypes.addressof(code))
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or library.prctl(
        _PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(filter_), 0, 0
    ):
        # Kernels in containers may lack it. The lists above hold all the same.
        os.write(2, f"the process is not confined: {os.strerror(ctypes.get_errno())}\n".encode())


_MOST_DESCRIPTORS: Final = 1 << 16

_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_SET_SECCOMP: Final = 22
_MODE_FILTER: Final = 2
"""These from <linux/prctl.h> and <linux/seccomp.h>."""

_FIRST_ARGUMENT: Final = 16
_LOAD: Final = 0x20
_JUMP_IF_EQUAL: Final = 0x15
_RETURN: Final = 0x06
_ALLOW: Final = 0x7FFF0000
_KILL: Final = 0x80000000
_REFUSE: Final = 0x00050001
"""With EPERM. These from <linux/filter.h> and <linux/seccomp.h>."""

_ALLOWED: Final = {
    "x86_64": (0xC000003E, 234, (0, 1, 3, 9, 10, 11, 12, 13, 14, 15, 25, 28, 39, 60, 186, 202, 228, 231, 318)),
    "aarch64": (
        0xC00000B7,
        131,
        (63, 64, 57, 222, 226, 215, 214, 134, 135, 139, 216, 233, 172, 93, 178, 98, 113, 94, 278),
    ),
}
"""By the machine: its number in <linux/audit.h>, the call tgkill, and the calls read, write, close, mmap, mprotect,
munmap, brk, rt_sigaction, rt_sigprocmask, rt_sigreturn, mremap, madvise, getpid, exit, gettid, futex, clock_gettime,
exit_group and getrandom."""


def _statement(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
