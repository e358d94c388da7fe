"""Engine words: the messages of MLIR's parser and verifier as codes, clear sentences and the part that they speak of.

A table: the first row whose expression matches decides. Messages that no row knows keep their words, under
`invalid-syntax` when a parser wrote them, `invalid-operation` when a verifier did, `engine-error` when they do not tell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final


class Part(Enum):
    """Which part of the text a message speaks of."""

    TOKEN = "the token at the place that the engine named"
    OPERAND = "operand number `number` of the operation"
    RESULT = "result number `number` of the operation"
    RESULTS = "all results of the operation"
    ATTRIBUTE = "the attribute `name`"
    SYMBOL = "the symbol `name`"
    TYPE = "the type at the end of the operation"
    NAME = "the name of the operation, or the word `name` where the engine found it"
    ALIAS = "the alias `name`, which the engine has just passed"
    NEXT = "the token that stands where the engine expects another, which it names by the end of the one before"
    OPERATION = "the part of the operation that the message mentions, else its name"


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of message: its code, how to tell it, the part it speaks of, and the sentence for the user.

    `sentence` is filled with the groups of the pattern and with `token`, `operand` and `result`, which are what the
    part spans; empty, it keeps the engine's words.
    """

    code: str
    pattern: re.Pattern[str]
    part: Part
    sentence: str = ""


def _row(code: str, pattern: str, part: Part, sentence: str = "") -> Row:
    return Row(code, re.compile(pattern, re.DOTALL), part, sentence)


ROWS: Final = (
    _row(
        "undeclared-value",
        r"use of undeclared SSA value name",
        Part.TOKEN,
        "{token} is not defined before this use",
    ),
    _row(
        "undeclared-value",
        r"operand #(?P<number>\d+) does not dominate this use",
        Part.OPERAND,
        "operand {operand} is used here before it is defined",
    ),
    _row(
        "undefined-alias",
        r"undefined symbol alias id '(?P<name>[^']*)'",
        Part.ALIAS,
        "no alias {token} is defined before this",
    ),
    _row(
        "redefinition",
        r"region entry argument '(?P<value>[^']+)' is already in use",
        Part.TOKEN,
        "{value} is defined a second time",
    ),
    _row(
        "unknown-operation",
        r"operation being parsed with an unregistered dialect",
        Part.NAME,
        "this name of an operation has no dialect, or its operands in parentheses are missing",
    ),
    _row(
        "unknown-operation",
        r"^Dialect `' not found for custom op '(?P<name>[^']*)'",
        Part.NAME,
        "`{name}` is no operation: a dialect's name is missing before it",
    ),
    _row(
        "value-type-mismatch",
        r"use of value '(?P<value>[^']+)' expects different type than prior uses: '(?P<here>.*)' vs '(?P<prior>.*)'",
        Part.TOKEN,
        "{value} has type {prior}, but is used here as {here}",
    ),
    _row(
        "redefinition",
        r"redefinition of symbol named '(?P<name>.*)'",
        Part.SYMBOL,
        "@{name} is defined twice in this module",
    ),
    _row(
        "redefinition",
        r"redefinition of SSA value '(?P<value>[^']+)'",
        Part.TOKEN,
        "{value} is defined a second time",
    ),
    _row(
        "redefinition",
        r"redefinition of block '(?P<value>[^']+)'",
        Part.TOKEN,
        "block {value} is defined a second time",
    ),
    _row(
        "unknown-operation",
        r"custom op '(?P<name>[^']+)' is unknown",
        Part.NAME,
        "{name} is no operation that the engine knows",
    ),
    _row(
        "unknown-operation",
        r"unregistered operation '(?P<name>[^']+)' found in dialect \('(?P<dialect>[^']+)'\)",
        Part.NAME,
        "{name} is no operation of the dialect {dialect}",
    ),
    _row(
        "unknown-symbol",
        r"(?:'[^']+' op )?'?@?(?P<name>[\w$.-]+)'? does not reference a valid (?P<kind>.*)",
        Part.SYMBOL,
        "@{name} does not name a {kind} of this module",
    ),
    _row(
        "invalid-activity",
        r"expected ::mlir::enzyme::Activity to be one of: (?P<known>.*)",
        Part.TOKEN,
        "this is no activity, write one of {known}",
    ),
    _row(
        "missing-attribute",
        r"'(?P<op>[^']+)' op requires attribute '(?P<name>[^']+)'",
        Part.NAME,
        "{op} needs the attribute {name}",
    ),
    _row(
        "missing-attribute",
        r"properties dictionary is missing required attribute: (?P<name>\w+)",
        Part.NAME,
        "this operation needs the attribute {name}",
    ),
    # Words of IRDL, which is how upstream MLIR has the dialect.
    _row(
        "missing-attribute",
        r"'(?P<op>[^']+)' op attribute \"(?P<name>[^\"]+)\" is expected but not provided",
        Part.NAME,
        "{op} needs the attribute {name}",
    ),
    _row(
        "operand-count",
        r"^op (?P<rest>expects (?:exactly|at least) \d+ operands, but got \d+)",
        Part.NAME,
        "this operation {rest}",
    ),
    _row(
        "result-count",
        r"^op (?P<rest>expects (?:exactly|at least) \d+ results, but got \d+)",
        Part.NAME,
        "this operation {rest}",
    ),
    _row(
        "operand-type",
        r"^expected '(?P<expected>[^']+)' but got '(?P<given>[^']+)'$",
        Part.NAME,
        "the types of this operation do not go together: {given} stands where {expected} should",
    ),
    _row(
        "operand-type",
        r"^expected base type '(?P<expected>[^']+)' but got '(?P<given>[^']+)'$",
        Part.NAME,
        "this operation takes or gives a value of the type {expected}, not {given}",
    ),
    _row(
        "invalid-attribute",
        r"^expected base attribute '(?P<expected>[^']+)' but got '(?P<given>[^']+)'$",
        Part.NAME,
        "an attribute of this operation must be of the sort {expected}, not {given}",
    ),
    _row(
        "missing-attribute",
        r"expected key entry for (?P<name>\w+) in DictionaryAttr",
        Part.NAME,
        "this operation needs the attribute {name}",
    ),
    _row(
        "invalid-attribute",
        r"'(?P<op>[^']+)' op attribute '(?P<name>[^']+)' failed to satisfy constraint: (?P<constraint>.*)",
        Part.ATTRIBUTE,
        "{name} of {op} must be a {constraint}",
    ),
    _row(
        "invalid-attribute",
        r"inherent attribute '(?P<rest>[^']+)' cannot be parsed from attr-dict when strict",
        Part.OPERATION,
        "{rest} is an attribute that this operation has itself, which stands in `<...>` and not in `{{...}}`",
    ),
    _row(
        "invalid-attribute",
        r"duplicate key '(?P<name>[^']+)' in dictionary attribute",
        Part.TOKEN,
        "{name} is given twice",
    ),
    _row(
        "invalid-attribute",
        r"unknown attribute `(?P<name>[^`]*)` in dialect `(?P<dialect>[^`]*)`",
        Part.TOKEN,
        "`{name}` is no attribute of the dialect {dialect}",
    ),
    _row(
        "invalid-type",
        r"unknown +type `(?P<name>[^`]*)` in dialect `(?P<dialect>[^`]*)`",
        Part.TOKEN,
        "`{name}` is no type of the dialect {dialect}",
    ),
    _row(
        "operand-type",
        r"'(?P<op>[^']+)' op operand type mismatch: expected operand type '(?P<expected>.*)', but provided '(?P<given>.*)' for operand number (?P<number>\d+)",
        Part.OPERAND,
        "operand {operand} of {op} has type {given}, but its callee takes {expected}",
    ),
    _row(
        "operand-type",
        r"'(?P<op>[^']+)' op operand #(?P<number>\d+) (?P<rest>must be .*)",
        Part.OPERAND,
        "operand {operand} of {op} {rest}",
    ),
    _row(
        "operand-count",
        r"'(?P<op>[^']+)' op (?P<rest>incorrect number of operands.*)",
        Part.NAME,
        "{op} has an {rest}",
    ),
    _row(
        "operand-type",
        r"type of return operand (?P<number>\d+) \('(?P<given>.*)'\) doesn't match function result type"
        r" \('(?P<expected>.*)'\) in function @(?P<name>.*)",
        Part.OPERAND,
        "operand {operand} of this return has type {given}, but @{name} returns {expected}",
    ),
    _row(
        "operand-count",
        r"'(?P<op>[^']+)' op (?P<rest>has \d+ operands, but enclosing function .*)",
        Part.NAME,
        "{op} {rest}",
    ),
    _row(
        "result-type",
        r"'(?P<op>[^']+)' op result #(?P<number>\d+) (?P<rest>.*)",
        Part.RESULT,
        "result {result} of {op} {rest}",
    ),
    _row(
        "result-count",
        r"operation defines (?P<has>\d+) results? but was provided (?P<given>\d+) to bind",
        Part.RESULTS,
        "{given} results are named, but this operation defines {has}",
    ),
    _row(
        "result-count",
        r"cannot name an operation with no results",
        Part.RESULTS,
        "this operation has no results, so none can be named",
    ),
    _row("result-count", r"'(?P<op>[^']+)' op (?P<rest>expected \d+ results?.*)", Part.RESULTS, "{op} {rest}"),
    _row(
        "missing-terminator",
        r"block with no terminator",
        Part.OPERATION,
        "this block has no terminator, such as `return`, at its end",
    ),
    _row(
        "misplaced-terminator",
        r"'(?P<op>[^']+)' op must be the last operation in the parent block",
        Part.NAME,
        "{op} must be the last operation of its block",
    ),
    _row("operand-type", r"'(?P<op>[^']+)' op (?P<rest>requires the same .*type.*)", Part.TYPE, "{op} {rest}"),
    _row(
        "operand-type",
        r"'(?P<op>[^']+)' op operand #(?P<number>\d+) (?P<rest>.*)",
        Part.OPERAND,
        "operand {operand} of {op} {rest}",
    ),
    _row(
        "invalid-attribute",
        r"'(?P<op>[^']+)' op attribute '(?P<name>[^']+)' (?P<rest>.*)",
        Part.ATTRIBUTE,
        "{name} of {op} {rest}",
    ),
)

OPERATION: Final = _row("invalid-operation", r"'(?P<op>[^']+)' op (?P<rest>.*)", Part.OPERATION, "{op} {rest}")
SYNTAX: Final = _row(
    "invalid-syntax",
    r"(?P<rest>^(?:un)?expected\b.*|^failed to parse.*|^redefinition of (?:attribute|type) alias.*)",
    Part.NEXT,
    "{rest}",
)
OTHER: Final = _row("engine-error", r"(?P<rest>.*)", Part.TOKEN, "{rest}")

_TWICE_NAMED: Final = re.compile(r"^custom op '[^']+' (?!is unknown)")


@dataclass(frozen=True, slots=True)
class Reading:
    """A message with its row, and the named groups that the row's expression found in it."""

    row: Row
    groups: dict[str, str]


def read(message: str) -> Reading:
    """What an engine's message says. `custom op 'x' 'x' op ...` names the operation twice; once is enough."""
    short = _TWICE_NAMED.sub("", message.strip())
    for row in (*ROWS, OPERATION, SYNTAX):
        if (match := row.pattern.search(short)) is not None:
            return Reading(row, {key: value or "" for key, value in match.groupdict().items()})
    return Reading(OTHER, {"rest": short})
