"""File symbols: what a text defines by name, found in a hundredth of the time that parsing takes.

Ten thousand files are read so, in a process that has an editor to serve. Text as printers and people mostly write it is
read by lines: a symbol begins its line, and its body ends with the first `}` that is indented as that line is. Where a
text leaves that form, brackets that do not pair included, it is cut into pieces, and a piece that is unusual too is
parsed. All three ways give what the outline of the document shows, which the tests hold over real files.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Final, NamedTuple

from enzyme_lsp.syntax import symbols
from enzyme_lsp.syntax.layout import Layout
from enzyme_lsp.syntax.mentions import is_table, is_table_name, with_tables
from enzyme_lsp.syntax.parse import parse
from enzyme_lsp.syntax.piece import PieceKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from enzyme_lsp.syntax.nodes import Operation, Tree
    from enzyme_lsp.syntax.piece import Piece


class FileSymbol(NamedTuple):
    """A symbol and the operation that defines it; bytes are as written."""

    name: bytes
    """Without `@` and quotes."""
    operation: str
    signature: bytes
    """`(types) -> type`; empty when it has none."""
    has_body: bool
    """It has a region that is not empty. A function without one is declared here and defined elsewhere."""
    start: int
    end: int
    """`start` and `end` are those of the name's token, in bytes of the text."""
    modules: bytes = b""
    """The named modules around it, outermost first: `@a::@b`."""


def no_pause() -> None:
    """For who need not give way to others."""


def file_symbols(text: bytes, breathe: Callable[[], None] = no_pause) -> list[FileSymbol]:
    """The symbols that a text defines in its modules, in order. Never raises.

    `breathe` is called every millisecond or so, where the text is in the usual form.
    """
    found = by_lines(text, breathe)
    return found if found is not None else laid_out(Layout.of(text), breathe)


def laid_out(layout: Layout, breathe: Callable[[], None] = no_pause) -> list[FileSymbol]:
    """The same for a text that is cut into pieces already."""
    found: list[FileSymbol] = []
    modules = _Modules()
    for number, (piece, start) in enumerate(zip(layout.pieces, layout.starts, strict=True)):
        if number % _BREATH == 0:
            breathe()
        kind = piece.kind
        if kind is PieceKind.MARKER:
            modules.clear()
        elif kind is PieceKind.CLOSE:
            modules.close()
        elif kind in (PieceKind.ITEM, PieceKind.OPEN):
            inside = piece.fact(_of_piece)
            path = modules.path
            for one in inside:
                around = path + b"::" + one.modules if path and one.modules else path or one.modules
                found.append(one._replace(start=one.start + start, end=one.end + start, modules=around))
            if kind is PieceKind.OPEN:
                modules.open(inside[0].name if inside else b"")
    return found


_BREATH: Final = 50
"""Operations that are read without a pause."""
_NAME: Final = rb"[A-Za-z_][\w$.]*|[0-9]+"
_STRING: Final = re.compile(rb'"(?:[^"\\\n\r]|\\[^\n\r])*"')
_NOISE: Final = re.compile(rb'"(?:[^"\\\n\r]|\\[^\n\r])*"|//[^\n]*')
_GAP: Final = re.compile(rb"(?:[ \t\r\n\x00]|\xef\xbb\xbf|//(?! -----(?!-))[^\n]*)*+")
_MODULE: Final = re.compile(rb"(?:[\w$]+\.)?module\b(?![ \t]*=)")
_OPERATION: Final = re.compile(rb"(?:[A-Za-z_][\w$]*\.[\w$.]+|func)\b(?![\w$.]*[ \t]*=[^=])")
_ALIAS: Final = re.compile(rb"[#!][A-Za-z_$][\w$.-]*[ \t]*=")
_DEFINES: Final = re.compile(
    rb"([A-Za-z_][\w$.]*)"  # its operation
    rb'(?:[ \t]+(?:[A-Za-z_][\w$]*(?![\w$.])|"(?:private|public|nested)"))*'  # words before the name
    rb'[ \t]+@(?:"((?:[^"\\\n\r]|\\[^\n\r])*)"|(' + _NAME + rb"))",
    re.ASCII,
)
_FLAT: Final = rb"[^(){}\"\n\r]"
_PLAIN_TYPE: Final = rb"(?:[^(){}\"<>,\s]|<(?:[^<>(){}\"\n\r]|<[^<>(){}\"\n\r]*>)*>)+"
_SIGNATURE: Final = re.compile(
    rb"[ \t]*\(((?:" + _FLAT + rb"|\{" + _FLAT + rb"*\})*)\)"
    rb"(?:[ \t]*->[ \t]*(?:\((" + _FLAT + rb"*)\)(?![ \t]*->)|(" + _PLAIN_TYPE + rb")))?"
    rb"[ \t]*(?=\{|attributes\b|loc\(|//|\r?\Z)"
)
_ARGUMENT: Final = re.compile(rb"%[^\s:,]+[ \t]*:[ \t]*|[ \t]*\{[^{}]*\}")
_TIGHT: Final = re.compile(rb",(?! [^ ])|\s\s|[ \t]$|^[ \t]|[ \t],")
"""A list that is not written as it is shown."""
_COMMA_INSIDE: Final = re.compile(rb"<[^<>]*,")
_CONTINUES: Final = re.compile(rb"[ \t\r\n]*(?:attributes\b|->|\{(?!-#))")
"""How a line begins that belongs to the operation before it."""
_MOST_LINES: Final = 64
"""Of the part of an operation that stands before its region."""
_TAIL: Final = re.compile(rb"[ \t]*(?:loc\([^\n]*\))?[ \t]*(?://[^\n]*)?\r?(?=\n|\Z)")


class _Modules:
    """The modules that are open at a place of the text."""

    __slots__ = ("_names", "path")

    def __init__(self) -> None:
        self._names: list[bytes] = []
        self.path = b""
        """Those that have a name, `@a::@b`."""

    def open(self, name: bytes) -> None:
        self._names.append(name)
        self._follow()

    def close(self) -> bool:
        """Whether one was open."""
        if not self._names:
            return False
        self._names.pop()
        self._follow()
        return True

    def clear(self) -> None:
        self._names.clear()
        self._follow()

    def _follow(self) -> None:
        self.path = b"::".join(b"@" + name for name in self._names if name)


def by_lines(text: bytes, breathe: Callable[[], None] = no_pause) -> list[FileSymbol] | None:
    """The same for a text in the form that is usual; None when it is not in that form."""
    if text.count(b"\r") != text.count(b"\r\n"):
        return None
    found: list[FileSymbol] = []
    modules = _Modules()
    at, size = 0, len(text)
    for number in count(1):
        if number % _BREATH == 0:
            breathe()
        gap = _GAP.match(text, at)
        at = gap.end() if gap is not None else at
        if at >= size:
            return found
        line_start = text.rfind(b"\n", 0, at) + 1
        indent = text[line_start:at].removeprefix(b"\xef\xbb\xbf")
        if indent.strip(b" \t"):
            return None
        first = text[at : at + 1]
        if first == b"/":
            modules.clear()
            at = _line_end(text, at)
        elif first == b"}":
            tail = _TAIL.match(text, at + 1)
            if tail is None or not modules.close():
                return None
            at = tail.end()
        elif text.startswith(b"{-#", at):
            at = text.find(b"#-}", at) + 3
            tail = _TAIL.match(text, at)
            if at < 3 or tail is None:
                return None
            at = tail.end()
        elif first in (b"#", b"!"):
            head = _head(text, at)
            if head is None or _ALIAS.match(text, at) is None or not _is_balanced(head.bare):
                return None
            at = head.end
        elif _MODULE.match(text, at) is not None:
            head = _head(text, at)
            if head is None or not head.opens:
                return None
            name = b""
            if (defines := _DEFINES.match(text, at, head.end)) is not None:
                one = _symbol(defines, b"", has_body=True)
                name = one.name
                found.append(one._replace(modules=modules.path))
            modules.open(name)
            at = head.end
        else:
            read = _item(text, at, indent)
            if read is None:
                return None
            at, one = read
            if one is not None:
                found.append(one._replace(modules=modules.path) if modules.path else one)
    return None


def _item(text: bytes, start: int, indent: bytes) -> tuple[int, FileSymbol | None] | None:
    """Where the operation that begins at `start` ends, and the symbol that it defines if it does.

    None when it is not in the usual form.
    """
    operation = _OPERATION.match(text, start)
    head = _head(text, start) if operation is not None else None
    if operation is None or head is None or is_table_name(operation[0].decode("ascii")):
        return None
    end = head.end
    if head.opens:
        close = text.find(b"\n" + indent + b"}", head.end - 1)
        tail = _TAIL.match(text, close + len(indent) + 2) if close >= 0 else None
        if tail is None or not _is_a_body(text[head.end : close], len(indent)):
            return None
        end = tail.end()
    defines = _DEFINES.match(text, start, head.end)
    if defines is None and text.find(b"} @", start, head.end) >= 0:
        return None  # `omp.private {type = private} @x`
    if defines is None or operation[0].startswith(b"enzyme."):
        return end, None
    if symbols.is_function(operation[0].decode("ascii")) is False:
        return end, _symbol(defines, b"", has_body=head.opens)
    signature = _SIGNATURE.match(text, defines.end(), head.end)
    shown = _shown(signature) if signature is not None else None
    is_whole = head.opens or signature is None or text.find(b"{", signature.end(), head.end) < 0
    if shown is None or not is_whole:
        # It is written in some longer way, or its body is on the same line.
        parsed = parse(text[start : head.end]).operations
        if not head.opens and (len(parsed) > 1 or parsed[0].regions):
            return None
        shown = _signature_text(symbols.signature(parsed[0]))
    return end, _symbol(defines, shown, has_body=head.opens)


class _Head(NamedTuple):
    """The first lines of an operation: up to the `{` that ends a line and opens its region, or else all of it."""

    end: int
    bare: bytes
    """Without its strings' insides and comments."""
    opens: bool


def _head(text: bytes, start: int) -> _Head | None:
    """None when its brackets do not pair within some lines."""
    end, bare = start, b""
    for _ in range(_MOST_LINES):
        line_end = _line_end(text, end)
        bare += _bare(text[end:line_end])
        end = line_end
        if bare.endswith(b"{") and _is_balanced(bare[:-1]):
            return _Head(end, bare, opens=True)
        if _is_balanced(bare) and _CONTINUES.match(text, end) is None:
            return _Head(end, bare, opens=False)
        end += 1
        if end >= len(text):
            return None
    return None


def _line_end(text: bytes, start: int) -> int:
    end = text.find(b"\n", start)
    return len(text) if end < 0 else end


def _symbol(defines: re.Match[bytes], signature: bytes, *, has_body: bool) -> FileSymbol:
    quoted = defines.start(2) >= 0
    name = defines[2] if quoted else defines[3]
    start = defines.start(2) - 2 if quoted else defines.start(3) - 1
    return FileSymbol(name, defines[1].decode("ascii"), signature, has_body, start, defines.end())


def _shown(signature: re.Match[bytes]) -> bytes | None:
    """A signature as `Signature` writes it; None when that is better left to it."""
    taken = _ARGUMENT.sub(b"", signature[1])
    many, one = signature[2], signature[3]
    if _TIGHT.search(taken) or (many is not None and (_TIGHT.search(many) or b"%" in many)):
        return None
    if one is not None:
        given = b"()" if one == b"!llvm.void" else one
    elif many is None:
        given = b"()"
    elif b"," in many:
        if _COMMA_INSIDE.search(many) or b"!llvm.void" in many:
            return None
        given = b"(" + many + b")"
    else:
        given = many if many not in (b"", b"!llvm.void") else b"()"
    if b"..." in taken and not taken.endswith(b"..."):
        return None
    return b"(" + taken + b") -> " + given


def _bare(line: bytes) -> bytes:
    """A line without its strings' insides, its comment and the blanks at its end."""
    if b'"' in line:
        line = _STRING.sub(b'""', line)
    return line.partition(b"//")[0].rstrip(b" \t\r\n\x00")


def _is_balanced(bare: bytes) -> bool:
    return (
        bare.count(b"(") == bare.count(b")")
        and bare.count(b"[") == bare.count(b"]")
        and bare.count(b"{") == bare.count(b"}")
    )


def _is_a_body(body: bytes, column: int) -> bool:
    """Whether something stands in it, its braces pair, and nothing but blocks begins at `column` or before it."""
    if _outdented(column).search(body) is not None:
        return False
    if body.count(b"{") != body.count(b"}"):
        body = _NOISE.sub(b"", body)
    return body.count(b"{") == body.count(b"}") and bool(body.strip())


@lru_cache(maxsize=64)
def _outdented(column: int) -> re.Pattern[bytes]:
    return re.compile(rb"\n[ \t]{0,%d}+[\w\"%%#!]" % column)


def without_parsing(piece: Piece) -> tuple[FileSymbol, ...] | None:
    """The symbols of a piece, in bytes from its start; None for one that is written in an unusual way."""
    text = piece.text
    if b"@" not in text and b"sym_name" not in text:
        return ()
    if piece.kind is not PieceKind.ITEM:
        return None
    read = _item(text, 0, b" " * piece.column)
    if read is not None and not text[read[0] :].strip():
        return () if read[1] is None else (read[1],)
    one = _generic(text)
    return None if one is None else (one,)


def _of_piece(piece: Piece) -> tuple[FileSymbol, ...]:
    """The symbols of a piece, in bytes from its start. Use through `piece.fact`."""
    found = without_parsing(piece)
    return found if found is not None else tuple(_of_tree(piece.tree))


def _generic(text: bytes) -> FileSymbol | None:
    """The symbol of an operation in generic form that gives its name before its region; None for all else.

    Only what stands before the region is parsed.
    """
    opened = text.find(b"({\n")
    if not text.startswith(b'"') or opened < 0 or not text.endswith((b"})", b"()", b">", b")")):
        return None
    head = parse(text[: opened + 2])
    # Another operation may be a table, which what is in it tells.
    if len(head.operations) != 1 or symbols.is_function(head.operations[0].name) is not True:
        return None
    found = _of_tree(head)
    inside = text[opened + 2 :].lstrip(b" \t\r\n")
    return found[0]._replace(has_body=not inside.startswith(b"}")) if len(found) == 1 else None


def _of_tree(tree: Tree) -> list[FileSymbol]:
    """What operations define at the top and in those that are symbol tables."""
    found: list[FileSymbol] = []
    paths: dict[int, bytes] = {-1: b""}
    for operation, table, is_direct in with_tables(tree):
        around = paths[-1 if table is None else table.first]
        one = _of_operation(operation) if is_direct else None
        if one is not None:
            found.append(one._replace(modules=around))
        if is_table(operation):
            paths[operation.first] = b"::".join(filter(None, (around, b"@" + one.name if one is not None else b"")))
    return sorted(found, key=lambda one: one.start)


def _of_operation(operation: Operation) -> FileSymbol | None:
    defined = symbols.definition(operation)
    if defined is None:
        return None
    word = defined.span.of(operation.tree.tokens.text)
    bare = word.removeprefix(b"@")
    name = bare[1:-1] if bare.startswith(b'"') else bare
    has_body = any(
        block.operations or block.label >= 0 for region in operation.regions for block in region.blocks
    ) or any(region.close < 0 for region in operation.regions)
    written = _signature_text(symbols.signature(operation))
    return FileSymbol(name, operation.name, written, has_body, defined.span.start, defined.span.end)


def _signature_text(signature: symbols.Signature | None) -> bytes:
    return b"" if signature is None else str(signature).partition(" : ")[2].encode()
