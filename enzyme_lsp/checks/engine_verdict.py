"""What the engine says of the text, as diagnostics on the very token, operand or attribute.

An engine names a line and a column; for a verifier's message that is the name of the operation, whatever is wrong with
it. The message itself says which part is meant, and the tree says where that part stands.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks import engine_words, other_spelling
from enzyme_lsp.checks.diagnostic import Diagnostic, FilePlace, Note, Severity
from enzyme_lsp.checks.engine_words import Part
from enzyme_lsp.engines.api import Identity, Outcome
from enzyme_lsp.lowering.mistakes import closest, did_you_mean
from enzyme_lsp.syntax import symbols
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.text.span import Span
from enzyme_lsp.workspace.snapshot import Snapshot, top_definition

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from enzyme_lsp.checks.other_spelling import Refusal
    from enzyme_lsp.syntax.nodes import Operation, Tree
    from enzyme_lsp.syntax.piece import Piece
    from enzyme_lsp.verification.verdict import Failure, Finding, Unregistered, Verdict

_LOCATION: Final = re.compile(r'"((?:[^"\\]|\\.)+)":(\d{1,9}):(\d{1,9})(?!\d)')
_WORD: Final = re.compile(r"[A-Za-z_]\w*")


def diagnose(snapshot: Snapshot, verdict: Verdict) -> Iterator[Diagnostic]:
    """All that a verdict says of its snapshot."""
    findings = verdict.findings
    if verdict.engine is not None:
        findings, refused = readable(snapshot, verdict, verdict.engine)
        yield from (other_spelling.diagnostic(verdict.engine, found) for found in refused)
    for finding in findings:
        yield _finding(snapshot, verdict.engine, finding)
    for one in verdict.unregistered:
        if (diagnostic := _unregistered(snapshot, verdict.engine, one)) is not None:
            yield diagnostic
    for failure in verdict.failures:
        yield _failure(snapshot, verdict.engine, failure)


def source(engine: Identity | None) -> str:
    """The name under which an engine's verdict is shown."""
    return engine.name if engine else "engine"


def readable(snapshot: Snapshot, verdict: Verdict, engine: Identity) -> tuple[list[Finding], list[Refusal]]:
    """The findings that are about the text, and in place of the others what the engine cannot read: one a section."""
    kept: list[Finding] = []
    wrong: list[Refusal] = []
    first: dict[int, Refusal] = {}

    def add(index: int, found: Refusal) -> None:
        section = snapshot.scope_of(index).section
        first[section] = min(found, first.get(section, found), key=lambda one: one.span)

    for number, section in enumerate(snapshot.sections):
        unproven = () if number in verdict.accepted else range(section.first, section.last)
        for index in unproven:
            if index in verdict.proven:
                continue
            for found in other_spelling.left(snapshot, engine, index):
                if found.is_wrong:
                    wrong.append(found)
                else:
                    add(index, found)
    for finding in verdict.findings:
        index = _piece(snapshot, finding)
        if index is None or finding.offset is None:
            kept.append(finding)
            continue
        at = max(finding.offset - snapshot.offset(index), 0)
        if other_spelling.is_of_left(snapshot, engine, index, at):
            continue
        if (found := other_spelling.refusal(snapshot, engine, index, at, finding.problem.message)) is not None:
            add(index, found)
        else:
            kept.append(finding)
    return kept, [*wrong, *first.values()]


def _finding(snapshot: Snapshot, engine: Identity | None, finding: Finding) -> Diagnostic:
    reading = engine_words.read(finding.problem.message)
    index = _piece(snapshot, finding)
    if index is None:
        # An error with no place that the text knows, such as one of the module as a whole.
        span = Span(0, 0)
        return Diagnostic(span, Severity.ERROR, reading.row.code, _clean(finding.problem.message), (), source(engine))
    piece, start = snapshot.layout.pieces[index], snapshot.offset(index)
    at = max((finding.offset if finding.offset is not None else start) - start, 0)
    notes = [Note(message, _token_span(snapshot, place)) for message, place in finding.notes]
    span, words = _part(piece, at, reading.row.part, reading.groups)
    operation = piece.tree.operation_at(at)
    if reading.row.part is Part.OPERATION and operation is not None:
        # An attribute on another line than the engine named is a second place: the message speaks of the operation.
        mentioned = _mentioned(operation, reading.groups.get("rest", ""))
        if mentioned is not None and mentioned != span:
            notes.append(Note("the attribute that the message mentions", mentioned.shifted(start)))
    message = reading.row.sentence.format_map({**reading.groups, **words}) or finding.problem.message
    defined = list(_definition(piece, start, at, reading.row.code))
    # Some engines say of the same place that it is a "prior use".
    notes = [*(note for note in notes if note.span not in [one.span for one in defined]), *defined]
    notes += _callee(snapshot, index, at, reading.row.code)
    notes += _recorded(snapshot, index, at)
    return Diagnostic(
        span.shifted(start), Severity.ERROR, reading.row.code, _clean(message), tuple(notes), source(engine)
    )


def _piece(snapshot: Snapshot, finding: Finding) -> int | None:
    """The piece that a finding is in: the one at its place, or else the one before, whose end it may mean."""
    return finding.piece if finding.offset is None else snapshot.layout.index_near(finding.offset)


def _clean(message: str) -> str:
    """One sentence on one line, without a full stop."""
    return " ".join(message.split()).rstrip(".").strip() or "the engine refuses this and does not say why"


def place(snapshot: Snapshot, offset: int, part: Part) -> Span:
    """The bytes of the document that a message about `part`, named at `offset`, is put on."""
    index = snapshot.layout.index_near(offset)
    if index is None:
        return Span(0, 0)
    start = snapshot.offset(index)
    return _part(snapshot.layout.pieces[index], max(offset - start, 0), part, {})[0].shifted(start)


def _part(piece: Piece, at: int, part: Part, groups: Mapping[str, str]) -> tuple[Span, dict[str, str]]:
    """The span of the part that a message speaks of, and the words that its sentence may need."""
    tree = piece.tree
    token = _token(tree, at)
    token_text = tree.tokens.word(token).decode("utf-8", "replace") if token is not None else "this"
    words = {"token": token_text, "operand": "", "result": ""}
    operation = tree.operation_at(at)
    place = _token_place(piece, at)
    if part is Part.ALIAS:
        span = _alias_before(tree, token, groups.get("name", "")) or place
        words["token"] = span.of(piece.text).decode("utf-8", "replace")
        return span, words
    if part is Part.NEXT:
        return _next_on_line(tree, at, token) or place, words
    if operation is None or part is Part.TOKEN:
        return place, words
    number = int(groups.get("number") or 0)
    if part is Part.OPERAND:
        span = _operand(operation, number)
        words["operand"] = f"{number} ({span.of(piece.text).decode('utf-8', 'replace')})" if span else str(number)
        return span or operation.name_span, words
    if part is Part.RESULT:
        span = _result(operation, number)
        words["result"] = f"{number} ({span.of(piece.text).decode('utf-8', 'replace')})" if span else str(number)
        return span or operation.name_span, words
    if part is Part.RESULTS:
        # All before the `=`, counts such as `:2` included.
        named = operation.results and operation.name_token - 1 > operation.first
        return (tree.span(operation.first, operation.name_token - 1) if named else operation.name_span), words
    if part is Part.ATTRIBUTE:
        return _attribute(operation, groups.get("name", "")) or operation.name_span, words
    if part is Part.SYMBOL:
        return _symbol(operation, groups.get("name", "")) or place, words
    if part is Part.TYPE:
        return _type(operation) or operation.name_span, words
    if part is Part.NAME:
        return (place if token_text == groups.get("name") else operation.name_span), words
    mentioned = _mentioned(operation, groups.get("rest", ""))
    if mentioned is not None and b"\n" not in piece.text[operation.name_span.start : mentioned.end]:
        return mentioned, words
    return operation.name_span, words


def _alias_before(tree: Tree, token: int | None, name: str) -> Span | None:
    """The nearest `#name` or `!name` at or before a token."""
    words = (f"#{name}".encode(), f"!{name}".encode())
    found = (index for index in range(token if token is not None else -1, -1, -1) if tree.tokens.word(index) in words)
    return tree.token_span(index) if (index := next(found, None)) is not None else None


def _next_on_line(tree: Tree, at: int, token: int | None) -> Span | None:
    """The token behind `token` on its line, when the place is the end of `token`."""
    if token is None or tree.tokens.ends[token] != at or token + 1 >= len(tree.tokens):
        return None
    return None if tree.tokens.starts_line(token + 1) else tree.token_span(token + 1)


def _token(tree: Tree, at: int) -> int | None:
    """The token that starts at or covers an offset, or else the last one before it."""
    tokens = tree.tokens
    index = tokens.at(at)
    if index is not None and index + 1 < len(tokens) and tokens.starts[index + 1] == at:
        return index + 1
    if index is not None:
        return index
    return max(bisect_right(tokens.starts, at) - 1, 0) if len(tokens) else None


def _token_place(piece: Piece, at: int) -> Span:
    token = _token(piece.tree, at)
    if token is None:
        return Span(min(at, len(piece.text)), min(at, len(piece.text)))
    return piece.tree.token_span(token)


def _token_span(snapshot: Snapshot, offset: int | None) -> Span | None:
    """The token at an offset of the document."""
    if offset is None:
        return None
    index = snapshot.layout.index_at(offset)
    if index is None:
        return Span(offset, offset)
    start = snapshot.offset(index)
    return _token_place(snapshot.layout.pieces[index], offset - start).shifted(start)


def _operand(operation: Operation, number: int) -> Span | None:
    """Operand `number` as written: the values behind the name, outside regions, in order."""
    tree, tokens = operation.tree, operation.tree.tokens
    values = [i for i in operation.own_tokens(operation.name_token + 1) if tokens.kinds[i] == Kind.VALUE]
    if number >= len(values):
        return None
    first = values[number]
    # `%p#1`: the number belongs to the operand.
    numbered = (
        first + 1 < operation.last and tokens.kinds[first + 1] == Kind.HASH and tokens.word(first + 1)[1:].isdigit()
    )
    return tree.span(first, first + 2 if numbered else first + 1)


def _result(operation: Operation, number: int) -> Span | None:
    """The name that holds result `number`."""
    for result in operation.results:
        if number < result.count:
            return operation.tree.token_span(result.token)
        number -= result.count
    return None


def _attribute(operation: Operation, key: str) -> Span | None:
    """`key = value` in the operation."""
    value = symbols.attribute_value(operation, key.encode())
    return operation.tree.span(value[0] - 2, value[1]) if value else None


def _symbol(operation: Operation, name: str) -> Span | None:
    tree, tokens = operation.tree, operation.tree.tokens
    for index in operation.own_tokens():
        if tokens.kinds[index] == Kind.SYMBOL and symbols.symbol_name(tokens.word(index)) == name:
            return tree.token_span(index)
    return None


def _type(operation: Operation) -> Span | None:
    """What stands behind the last `:` of the operation."""
    tree, tokens = operation.tree, operation.tree.tokens
    colons = [i for i in operation.own_tokens(operation.name_token + 1) if tokens.word(i) == b":"]
    if not colons:
        return None
    last = operation.location[0] if operation.location else operation.last
    return tree.span(colons[-1] + 1, last) if colons[-1] + 1 < last else None


def _mentioned(operation: Operation, words: str) -> Span | None:
    """The first attribute of the operation that the message names by its key."""
    for word in _WORD.findall(words):
        if (span := _attribute(operation, word)) is not None:
            return span
    return None


def _definition(piece: Piece, start: int, at: int, code: str) -> Iterator[Note]:
    """Where the value at `at` is defined before, for messages that hold it against its definition."""
    tree = piece.tree
    tokens, token = tree.tokens, _token(tree, at)
    if code not in ("value-type-mismatch", "redefinition") or token is None or tokens.kinds[token] != Kind.VALUE:
        return
    word = tokens.word(token)
    results = {result.token for operation in tree.walk() for result in operation.results}
    for earlier in range(token - 1, -1, -1):
        # An argument of a function or block is defined by the `:` behind it.
        if tokens.word(earlier) == word and (earlier in results or tokens.word(earlier + 1) == b":"):
            name = word.decode("utf-8", "replace")
            yield Note(f"{name} is defined here", tree.token_span(earlier).shifted(start))
            return


def _callee(snapshot: Snapshot, index: int, at: int, code: str) -> Iterator[Note]:
    """The signature of the function that the operation at `at` names, for messages about its operands or results."""
    if code not in ("operand-type", "operand-count", "result-count", "result-type", "invalid-operation"):
        return
    tree = snapshot.layout.pieces[index].tree
    operation = tree.operation_at(at)
    if operation is None or operation in tree.operations:
        return  # at the top, a symbol behind the name is what is defined
    tokens = operation.tree.tokens
    table = next(table for one, table in symbols.with_tables(tree) if one is operation)
    named = (symbols.symbol_name(tokens.word(i)) for i in operation.own_tokens() if tokens.kinds[i] == Kind.SYMBOL)
    for name in named:
        found = snapshot.resolve(index, table, name)
        if found is not None and found.signature is not None:
            yield Note(f"the callee: {found.signature}", found.signature.span.shifted(found.offset))


def _recorded(snapshot: Snapshot, index: int, at: int) -> Iterator[Note]:
    """The location that the operation records with `loc(...)`, which the engine's own message would have used."""
    piece = snapshot.layout.pieces[index]
    operation = piece.tree.operation_at(at)
    if operation is None or operation.location is None:
        return
    span = piece.tree.span(*operation.location)
    text = span.of(piece.text).decode("utf-8", "replace")
    inside = text[text.find("(") + 1 : -1].strip()
    section = snapshot.scope_of(index).section
    if inside.startswith("#"):
        inside = snapshot.alias_texts[section].get(inside, b"").decode("utf-8", "replace")
    found = _LOCATION.search(inside)
    if found is None or found[1] == "-":
        # No file: a name, or the standard input of some other run.
        yield Note("the location that this operation records", span.shifted(snapshot.offset(index)))
        return
    file = FilePlace(found[1], max(int(found[2]) - 1, 0), max(int(found[3]) - 1, 0))
    yield Note("the location that this operation records", file=file)


def _unregistered(snapshot: Snapshot, engine: Identity | None, one: Unregistered) -> Diagnostic | None:
    setting = snapshot.settings.diagnostics.unregistered_dialects
    if setting == "off":
        return None
    severity = Severity.ERROR if setting == "error" else Severity.INFORMATION
    known_by = str(engine) if engine else "the engine"
    dialects = engine.catalogue.dialects if engine is not None and engine.catalogue is not None else ()
    meant = did_you_mean(closest(one.dialect, sorted(dialects)))
    message = f"the dialect {one.dialect} is not registered in {known_by}, so what it holds is not checked{meant}"
    return Diagnostic(
        Span(one.offset, one.offset + one.length),
        severity,
        "unregistered-dialect",
        message,
        (),
        source(engine),
    )


def _failure(snapshot: Snapshot, engine: Identity | None, failure: Failure) -> Diagnostic:
    name = str(engine) if engine else "the engine"
    if failure.piece is None:
        span = _first_of_section(snapshot, failure.section)
        what = "this module as a whole"
    else:
        piece = snapshot.layout.pieces[failure.piece]
        found = piece.fact(top_definition)
        operation = piece.tree.operations[0] if piece.tree.operations else None
        inside = found[0].span if found else (operation.name_span if operation else Span(0, 0))
        span = inside.shifted(snapshot.offset(failure.piece))
        what = f"@{found[0].name}" if found else "this operation"
    if failure.outcome is Outcome.TIMED_OUT:
        return Diagnostic(
            span,
            Severity.WARNING,
            "engine-timeout",
            f"{name} gave no verdict on {what}: {failure.detail}",
            (),
            source(engine),
        )
    return Diagnostic(
        span,
        Severity.WARNING,
        "engine-crash",
        f"{name} crashes on {what}: {failure.detail}",
        (),
        source(engine),
    )


def _first_of_section(snapshot: Snapshot, number: int) -> Span:
    """The name of the first operation of a section."""
    section = snapshot.sections[number]
    for index in range(section.first, section.last):
        operations = snapshot.layout.pieces[index].tree.operations
        if operations:
            return snapshot.span_in(index, operations[0].name_span)
    return Span(section.span.start, section.span.start)
