"""The engines confirm every row of the tables of operations, types and attributes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from enzyme_lsp.dialect.ops import DERIVATIVE_OPS, IMPULSE_OPS, OPS, AttributeField, AttributeKind, Op
from enzyme_lsp.dialect.types_and_attributes import ATTRIBUTES, TYPES, Named
from enzyme_lsp.engines.api import Answer, Outcome, Request
from enzyme_lsp.engines.pool import Lane

if TYPE_CHECKING:
    from tests.judges import EngineThread

RELEASES = {"classic": "0.0.15", "strict": "0.0.16"}


@pytest.fixture(params=["classic", "strict"])
def engine(request: pytest.FixtureRequest) -> EngineThread:
    found: EngineThread = request.getfixturevalue(request.param)
    return found


def asked(engine: EngineThread, text: str, pipeline: str = "") -> Answer:
    return engine.wait(engine.pool.run(Request(text.encode(), pipeline), lane=Lane.INTERACTIVE))


def is_strict(engine: EngineThread) -> bool:
    identity = engine.pool.status.identity
    assert identity is not None
    assert RELEASES[identity.spelling] == identity.version, "another release: look at its rows anew"
    return identity.spelling == "strict"


def has(engine: EngineThread, field: AttributeField) -> bool:
    return field.since != RELEASES["strict"] or is_strict(engine)


def in_function(operation: str) -> str:
    """A module in which an operation finds the values that the examples use."""
    return (
        "func.func private @square(%x: f64) -> f64 {\n  %y = arith.mulf %x, %x : f64\n  return %y : f64\n}\n"
        "func.func private @consume(f64, i64)\n"
        "func.func private @user(%x: f64, %m: memref<4xf64>, %t: tensor<2xf64>, %i: index, %n: i64, %cache: "
        "!enzyme.Cache<f64>, %gradient: !enzyme.Gradient<f64>, %bad: none) {\n"
        f"{operation}\n  return\n}}\n"
    )


def module(op: Op, operation: str) -> str:
    """The smallest module that may hold the operation."""
    if op.is_terminator:
        holder = op.parents[0] if op.parents else "enzyme.genericAdjoint"
        operation = f'"{holder}"() <{{{HOLDERS[holder]}}}> ({{\n{operation}\n}}) : () -> ()'
    return in_function(operation)


HOLDERS = {
    "enzyme.autodiff_region": "activity = [], ret_activity = []",
    "enzyme.genericAdjoint": "indexing_maps = [], iterator_types = [], operandSegmentSizes = array<i32: 0, 0>",
}
"""The attributes of operations that hold terminators."""


def activities(word: str, *, strict: bool) -> str:
    return f"[#enzyme.activity<{word}>]" if strict else f"[#enzyme<activity {word}>]"


def shown(one: object) -> str:
    """A short name for a row of a table."""
    return one.mnemonic if isinstance(one, Op) else one.name if isinstance(one, AttributeField) else str(one)


def test_names_are_those_of_the_dialect():
    assert len(OPS) == 26
    for name, op in OPS.items():
        assert name == op.name == f"enzyme.{op.mnemonic}"
        assert not op.meaning.endswith(".")
        assert op.is_generic_only == (not op.strict)
        assert op.is_generic_only == ('"enzyme.' in op.example.split("(")[0])
        assert op.example_in(strict=False) == op.example
    for name, named in (TYPES | ATTRIBUTES).items():
        assert name == named.name
        assert named.full_name in (f"!enzyme.{name}", f"#enzyme.{name}")


def test_derivative_ops_are_a_view_of_the_table():
    assert list(DERIVATIVE_OPS) == [
        "enzyme.autodiff",
        "enzyme.fwddiff",
        "enzyme.jacobian",
        "enzyme.batch",
        "enzyme.autodiff_region",
        "enzyme.fwddiff_region",
    ]
    batch, region = DERIVATIVE_OPS["enzyme.batch"], DERIVATIVE_OPS["enzyme.fwddiff_region"]
    assert (batch.required, batch.takes_activities, batch.names_callee) == (("batch_shape",), False, True)
    assert (region.required, region.names_callee) == (("activity", "ret_activity"), False)


@pytest.mark.parametrize("op", OPS.values(), ids=shown)
def test_an_example_is_of_its_form(op: Op):
    for form, example in ((op.classic, op.example), (op.strict, op.example_in(strict=True))):
        if op.is_generic_only:
            assert re.match(rf'(?:%0 = )?"{re.escape(op.name)}"\(', example)
            continue
        assert re.fullmatch(rf"(?:%0 = )?{re.escape(op.name)}\s*{pattern(form)}\s*", example, re.DOTALL), form


def pattern(form: str) -> str:
    """A template as an expression: its punctuation and words, with anything for its parameters."""
    form = re.sub(r"\(\$operands : type\(\$operands\)\)\?", "$operands : type", form)
    form = re.sub(r"\(attributes attr-dict\)\?", "attr-dict", form)
    parts: list[str] = []
    for word in re.sub(r"type\([^)]*\)|functional-type\([^)]*\)", "type", form).split():
        if word in ("attr-dict", "prop-dict") or word.endswith("?"):
            parts.append(r"(?:\{.*\}|<.*>)?")
        else:
            parts.append(r".+" if word.startswith("$") or word == "type" else re.escape(word))
    return r"\s*".join(parts)


@pytest.mark.engine
@pytest.mark.parametrize("op", OPS.values(), ids=shown)
def test_an_example_is_accepted(op: Op, engine: EngineThread):
    answer = asked(engine, module(op, op.example_in(strict=is_strict(engine))))
    assert answer.outcome is Outcome.ACCEPTED, answer.problems


@pytest.mark.engine
@pytest.mark.parametrize("op", OPS.values(), ids=shown)
def test_another_name_is_refused(op: Op, engine: EngineThread):
    example = op.example_in(strict=is_strict(engine)).replace(op.name, f"{op.name}x", 1)
    answer = asked(engine, module(op, example))
    assert answer.outcome is Outcome.REJECTED
    assert re.search(r"is unknown|unregistered operation", answer.problems[0].message)


@pytest.mark.engine
@pytest.mark.parametrize(
    "name",
    ["custom_reverse_rule", "call_augmented_primal", "sample", "simulate", "untracedCall", "clear", "jacobian_apply"],
)
def test_names_of_other_times_are_refused(name: str, engine: EngineThread):
    assert f"enzyme.{name}" not in OPS
    answer = asked(engine, f'"enzyme.{name}"() : () -> ()')
    assert "does not allow unknown operations" in answer.problems[0].message


@pytest.mark.engine
@pytest.mark.parametrize("name", sorted(IMPULSE_OPS))
def test_the_dialect_impulse_has_what_is_said_of_it(name: str, engine: EngineThread):
    answer = asked(engine, f'"impulse.{name}"() : () -> ()')
    assert not any("unregistered" in problem.message for problem in answer.problems)


@pytest.mark.engine
@pytest.mark.parametrize("op", OPS.values(), ids=shown)
def test_only_those_with_a_template_have_a_custom_form(op: Op, engine: EngineThread):
    answer = asked(engine, module(op, f"{op.name} %nothing"))
    has_none = "has no custom assembly form" in answer.problems[0].message
    assert has_none == op.is_generic_only


GENERIC = {
    "enzyme.autodiff": ("(%x, %x)", "", "(f64, f64) -> f64"),
    "enzyme.fwddiff": ("(%x, %x)", "", "(f64, f64) -> f64"),
    "enzyme.jacobian": ("(%x)", "", "(f64) -> f64"),
    "enzyme.batch": ("(%t)", "", "(tensor<2xf64>) -> tensor<2xf64>"),
    "enzyme.autodiff_region": ("(%x)", '({\n^bb0(%a: f64):\n  "enzyme.yield"() : () -> ()\n})', "(f64) -> f64"),
    "enzyme.fwddiff_region": ("(%x)", '({\n^bb0(%a: f64):\n  "enzyme.yield"() : () -> ()\n})', "(f64) -> f64"),
    "enzyme.broadcast": ("(%x)", "", "(f64) -> tensor<2xf64>"),
    "enzyme.extract": ("(%t)", "", "(tensor<2xf64>) -> f64"),
    "enzyme.dump": ("(%x)", "", "(f64) -> f64"),
    "enzyme.load": ("(%m, %i)", "", "(memref<4xf64>, index) -> f64"),
    "enzyme.store": ("(%x, %m, %i)", "", "(f64, memref<4xf64>, index) -> ()"),
    "enzyme.atomic_rmw": ("(%x, %m, %i)", "", "(f64, memref<4xf64>, index) -> f64"),
    "enzyme.affine_atomic_rmw": ("(%x, %m, %i)", "", "(f64, memref<4xf64>, index) -> f64"),
    "enzyme.genericAdjoint": ("(%x)", '({\n^bb0(%a: f64):\n  "enzyme.addTo"() : () -> ()\n})', "(f64) -> ()"),
}
"""Of the operations with attributes: operands, regions and type of a generic form."""

SEGMENTS = {"enzyme.load": "1, 1, 0", "enzyme.store": "1, 1, 1, 0", "enzyme.genericAdjoint": "1, 0"}


def value(op: Op, field: AttributeField, *, strict: bool) -> str:
    """A value of the kind that the table asks for."""
    values = {
        AttributeKind.FUNCTION: "@square",
        AttributeKind.ACTIVITIES: activities("enzyme_const", strict=strict),
        AttributeKind.I64: "2 : i64",
        AttributeKind.BOOL: "true",
        AttributeKind.STRING: '"words"',
        AttributeKind.I64_ARRAY: "array<i64: 2>",
        AttributeKind.SEGMENTS: f"array<i32: {SEGMENTS.get(op.name)}>",
        AttributeKind.ENUM: f"{field.words[-1][1] if field.words else 0} : {'i32' if field.name == 'ordering' else 'i64'}",
        AttributeKind.FAST_MATH: "#arith.fastmath<fast>",
        AttributeKind.MAP: "affine_map<(d0) -> (d0)>",
        AttributeKind.MAP_ARRAY: "[affine_map<() -> ()>]",
        AttributeKind.ARRAY: '["parallel"]',
    }
    return values[field.kind]


def generic(op: Op, *, strict: bool, without: str = "", instead: tuple[str, str] | None = None) -> str:
    """The operation in generic form with all its attributes, but for one that is left out or has another value."""
    operands, regions, type_ = GENERIC[op.name]
    pairs = {field.name: value(op, field, strict=strict) for field in op.attributes if field.name != without}
    if instead is not None:
        pairs[instead[0]] = instead[1]
    inside = ", ".join(f"{name} = {text}" for name, text in pairs.items())
    return f'"{op.name}"{operands} <{{{inside}}}> {regions} : {type_}'


WITH_ATTRIBUTES = [(op, field) for op in OPS.values() for field in op.attributes]


@pytest.mark.engine
@pytest.mark.parametrize(("op", "field"), WITH_ATTRIBUTES, ids=shown)
def test_attributes_are_as_the_table_says(op: Op, field: AttributeField, engine: EngineThread):
    strict = is_strict(engine)
    whole = asked(engine, in_function(generic(op, strict=strict)))
    assert whole.outcome is Outcome.ACCEPTED, whole.problems
    without = asked(engine, in_function(generic(op, strict=strict, without=field.name)))
    is_required = field.required and has(engine, field)
    assert (without.outcome is Outcome.REJECTED) == is_required, without.problems
    if is_required and field.kind is not AttributeKind.SEGMENTS and field.name != "fn":
        assert f"requires attribute '{field.name}'" in without.problems[0].message
    # A unit is of no kind that the dialect knows.
    wrong = asked(engine, in_function(generic(op, strict=strict, instead=(field.name, "unit"))))
    assert (wrong.outcome is Outcome.REJECTED) == has(engine, field), wrong.problems


@pytest.mark.engine
@pytest.mark.parametrize(
    ("op", "field"),
    [(op, field) for op, field in WITH_ATTRIBUTES if field.default],
    ids=shown,
)
def test_a_default_is_what_is_left_out(op: Op, field: AttributeField, engine: EngineThread):
    strict = is_strict(engine)
    explicit = asked(
        engine, in_function(generic(op, strict=strict, instead=(field.name, field.default))), "strip-debuginfo"
    )
    left_out = asked(engine, in_function(generic(op, strict=strict, without=field.name)), "strip-debuginfo")
    assert explicit.output == left_out.output is not None
    other = asked(engine, in_function(generic(op, strict=strict)), "strip-debuginfo")
    assert other.output != left_out.output


@pytest.mark.engine
@pytest.mark.parametrize("name", ["enzyme.atomic_rmw", "enzyme.affine_atomic_rmw"])
def test_words_and_numbers_of_enums(name: str, engine: EngineThread):
    op, strict = OPS[name], is_strict(engine)
    for field in op.attributes:
        if field.kind is not AttributeKind.ENUM or not has(engine, field):
            continue
        numbers = {number for _, number in field.words}
        suffix = "i32" if field.name == "ordering" else "i64"
        for word, number in field.words:
            text = in_function(generic(op, strict=strict, instead=(field.name, f"{number} : {suffix}")))
            answer = asked(engine, text, "strip-debuginfo")
            assert f" {word} " in (answer.output or "")
        for number in set(range(max(numbers) + 2)) - numbers:
            text = in_function(generic(op, strict=strict, instead=(field.name, f"{number} : {suffix}")))
            assert asked(engine, text).outcome is Outcome.REJECTED


WRONG_VALUES = {
    "enzyme.broadcast": ('"enzyme.broadcast"(%x) <{shape = array<i64: 2>}> : (f64) -> f64', "result #0"),
    "enzyme.fill_zero": ('"enzyme.fill_zero"(%x) : (f64) -> ()', "operand #0"),
    "enzyme.load memref": (
        '"enzyme.load"(%x, %i) <{operandSegmentSizes = array<i32: 1, 1, 0>, static_sizes = array<i64: 2>}> : (f64, index) -> f64',
        "operand #0",
    ),
    "enzyme.load indices": (
        '"enzyme.load"(%m, %x) <{operandSegmentSizes = array<i32: 1, 1, 0>, static_sizes = array<i64: 2>}> : (memref<4xf64>, f64) -> f64',
        "operand #1",
    ),
    "enzyme.load sizes": (
        '"enzyme.load"(%m, %x) <{operandSegmentSizes = array<i32: 1, 0, 1>, static_sizes = array<i64: 2>}> : (memref<4xf64>, f64) -> f64',
        "operand #1",
    ),
    "enzyme.store memref": (
        '"enzyme.store"(%x, %x, %i) <{operandSegmentSizes = array<i32: 1, 1, 1, 0>, static_sizes = array<i64: 2>}> : (f64, f64, index) -> ()',
        "operand #1",
    ),
    "enzyme.store indices": (
        '"enzyme.store"(%x, %m, %x) <{operandSegmentSizes = array<i32: 1, 1, 1, 0>, static_sizes = array<i64: 2>}> : (f64, memref<4xf64>, f64) -> ()',
        "operand #2",
    ),
    "enzyme.store sizes": (
        '"enzyme.store"(%x, %m, %x) <{operandSegmentSizes = array<i32: 1, 1, 0, 1>, static_sizes = array<i64: 2>}> : (f64, memref<4xf64>, f64) -> ()',
        "operand #2",
    ),
    "enzyme.atomic_rmw memref": (
        '"enzyme.atomic_rmw"(%x, %x, %i) <{kind = 0 : i64, ordering = 2 : i32}> : (f64, f64, index) -> f64',
        "operand #1",
    ),
    "enzyme.atomic_rmw indices": (
        '"enzyme.atomic_rmw"(%x, %m, %x) <{kind = 0 : i64, ordering = 2 : i32}> : (f64, memref<4xf64>, f64) -> f64',
        "operand #2",
    ),
    "enzyme.affine_atomic_rmw memref": (
        '"enzyme.affine_atomic_rmw"(%x, %x, %i) <{kind = 0 : i64, map = affine_map<(d0) -> (d0)>, ordering = 2 : i32}> : (f64, f64, index) -> f64',
        "operand #1",
    ),
    "enzyme.affine_atomic_rmw indices": (
        '"enzyme.affine_atomic_rmw"(%x, %m, %x) <{kind = 0 : i64, map = affine_map<(d0) -> (d0)>, ordering = 2 : i32}> : (f64, memref<4xf64>, f64) -> f64',
        "operand #2",
    ),
    "enzyme.genericAdjoint outputs": (
        '"enzyme.genericAdjoint"(%x) <{indexing_maps = [affine_map<() -> ()>], iterator_types = [], operandSegmentSizes = array<i32: 0, 1>}> ({}) : (f64) -> ()',
        "operand #0",
    ),
    "enzyme.genericAdjoint result_tensors": (
        '"enzyme.genericAdjoint"(%x) <{indexing_maps = [affine_map<() -> ()>], iterator_types = [], operandSegmentSizes = array<i32: 1, 0>}> ({}) : (f64) -> f64',
        "result #0",
    ),
}
"""By operation and, where it has several constraints, operand or result: a text that breaks the constraint."""


@pytest.mark.engine
@pytest.mark.parametrize("key", WRONG_VALUES)
def test_constraints_are_in_the_words_of_the_verifier(key: str, engine: EngineThread):
    name, _, of = key.partition(" ")
    op = OPS[name]
    fields = [field for field in (*op.operands, *op.results) if field.name == of or not of]
    constrained = next(field for field in fields if field.constraint != "any type")
    text, place = WRONG_VALUES[key]
    message = asked(engine, in_function(text)).problems[0].message
    variadic = "variadic of " if constrained.is_variadic else ""
    assert f"{place} must be {variadic}{constrained.constraint}, but got" in message


def test_every_constraint_is_tried():
    constrained = {
        (op.name, field.name)
        for op in OPS.values()
        for field in (*op.operands, *op.results)
        if field.constraint != "any type" and not field.constraint.startswith("the ")
    }
    tried = {
        (name, of or next(f.name for f in (*OPS[name].operands, *OPS[name].results) if f.constraint != "any type"))
        for name, _, of in (key.partition(" ") for key in WRONG_VALUES)
    }
    assert constrained - tried == {("enzyme.binomial_progress", "num_steps")}  # below


@pytest.mark.engine
def test_binomial_progress_takes_tensors_since_the_strict_release(engine: EngineThread):
    for type_, accepted in (
        ("i64", True),
        ("index", True),
        ("tensor<*xi64>", True),
        ("tensor<i64>", is_strict(engine)),
        ("f64", False),
    ):
        text = f"func.func private @f(%a: {type_}) {{\n  %0 = enzyme.binomial_progress %a, %a : {type_}\n  return\n}}\n"
        assert (asked(engine, text).outcome is Outcome.ACCEPTED) == accepted, type_


BROKEN_RULES = {
    "does not reference a valid global funcOp": {
        name: f'"{name}"() <{{activity = [], ret_activity = [], batch_shape = array<i64>, fn = @nowhere}}> : () -> ()'
        for name in ("enzyme.autodiff", "enzyme.fwddiff", "enzyme.jacobian", "enzyme.batch")
    },
    "expects parent op to be one of 'enzyme.autodiff_region, enzyme.fwddiff_region'": {
        "enzyme.yield": '"enzyme.yield"() : () -> ()'
    },
    "requires the same element type for all operands and results": {
        "enzyme.ignore_derivatives": "%0 = enzyme.ignore_derivatives %x : f64 -> f32"
    },
    "failed to verify that type of 'value' matches element type of 'cache'": {
        "enzyme.push": '"enzyme.push"(%cache, %n) : (!enzyme.Cache<f64>, i64) -> ()'
    },
    "failed to verify that type of 'output' matches element type of 'cache'": {
        "enzyme.pop": '%0 = "enzyme.pop"(%cache) : (!enzyme.Cache<f64>) -> i64'
    },
    "failed to verify that type of 'value' matches element type of 'gradient'": {
        "enzyme.set": '"enzyme.set"(%gradient, %n) : (!enzyme.Gradient<f64>, i64) -> ()'
    },
    "failed to verify that type of 'result' matches element type of 'gradient'": {
        "enzyme.get": '%0 = "enzyme.get"(%gradient) : (!enzyme.Gradient<f64>) -> i64'
    },
    "failed to verify that type of 'result' matches element type of 'memref'": {
        "enzyme.load": '%0 = "enzyme.load"(%m, %i) <{operandSegmentSizes = array<i32: 1, 1, 0>, static_sizes = array<i64>}> : (memref<4xf64>, index) -> i64'
    },
    "failed to verify that type of 'value' matches element type of 'memref'": {
        "enzyme.store": '"enzyme.store"(%n, %m, %i) <{operandSegmentSizes = array<i32: 1, 1, 1, 0>, static_sizes = array<i64>}> : (i64, memref<4xf64>, index) -> ()'
    },
    "failed to verify that value type matches element type of memref": {
        "enzyme.atomic_rmw": "%0 = enzyme.atomic_rmw addf %n, %m[%i] monotonic : (i64, memref<4xf64>) -> i64"
    },
    "failed to verify that all of {value, result} have same type": {
        "enzyme.atomic_rmw": "%0 = enzyme.atomic_rmw addf %x, %m[%i] monotonic : (f64, memref<4xf64>) -> i64"
    },
    "must be the last operation in the parent block": {"enzyme.addTo": '"enzyme.addTo"() : () -> ()'},
}
"""By rule and operation, a text that breaks it."""


@pytest.mark.engine
@pytest.mark.parametrize(("op", "rule"), [(op, rule) for op in OPS.values() for rule in op.rules], ids=shown)
def test_rules_are_in_the_words_of_the_verifier(op: Op, rule: str, engine: EngineThread):
    assert rule in asked(engine, in_function(BROKEN_RULES[rule][op.name])).problems[0].message


@pytest.mark.engine
@pytest.mark.parametrize(
    ("op", "pipeline"), [(op, pipeline) for op in OPS.values() for pipeline in op.lowered_by], ids=shown
)
def test_the_passes_that_lower_an_operation_do(op: Op, pipeline: str, engine: EngineThread):
    text = LOWERED.get(op.name, op.example_in(strict=is_strict(engine)))
    result = re.match(r"%0 = .* -> (f64|i64)$|%0 = .* : (i64)$", text.splitlines()[-1])
    if result is not None:
        f64, i64 = ("%0", "%n") if result[1] == "f64" else ("%x", "%0")
        text += f"\n  func.call @consume({f64}, {i64}) : (f64, i64) -> ()"
    answer = asked(engine, in_function(text), pipeline)
    assert answer.outcome is Outcome.ACCEPTED, (answer.detail, answer.problems)
    assert op.name not in (answer.output or op.name)


CACHE = (
    '%c = "enzyme.init"() : () -> !enzyme.Cache<f64>\n  "enzyme.push"(%c, %x) : (!enzyme.Cache<f64>, f64) -> ()\n'
    '  %0 = "enzyme.pop"(%c) : (!enzyme.Cache<f64>) -> f64'
)
GRADIENT = (
    '%g = "enzyme.init"() : () -> !enzyme.Gradient<f64>\n  "enzyme.set"(%g, %x) : (!enzyme.Gradient<f64>, f64) -> ()\n'
    '  %0 = "enzyme.get"(%g) : (!enzyme.Gradient<f64>) -> f64'
)
LOWERED = {
    "enzyme.init": CACHE,
    "enzyme.push": CACHE,
    "enzyme.pop": CACHE,
    "enzyme.set": GRADIENT,
    "enzyme.get": GRADIENT,
    "enzyme.load": "%0 = enzyme.load %m[%i] ([%i]) : memref<4xf64>\n  func.call @consume(%0, %n) : (f64, i64) -> ()",
    "enzyme.concat": "%1 = enzyme.concat(%x, %x) : (f64, f64) -> tensor<2xf64>\n  %0 = tensor.extract %1[%i] : tensor<2xf64>\n  func.call @consume(%0, %n) : (f64, i64) -> ()",
    "enzyme.binomial_progress": "%c = arith.constant 7 : i64\n  %0 = enzyme.binomial_progress %c, %n : i64",
}


@pytest.mark.engine
@pytest.mark.parametrize("named", (TYPES | ATTRIBUTES).values(), ids=lambda named: named.full_name)
def test_types_and_attributes_are_accepted_and_others_refused(named: Named, engine: EngineThread):
    example = named.example_in(strict=is_strict(engine))
    inner = example.removeprefix(f"{named.mark}enzyme.")
    nested = example if "<activity " in example else f"{named.mark}enzyme<{inner}>"
    for text in (example, nested):
        assert asked(engine, holding(named, text)).outcome is Outcome.ACCEPTED, text
        answer = asked(engine, holding(named, text.replace(named.name, f"{named.name}x", 1)))
        assert re.search(rf"unknown +\w+ `{named.name}x` in dialect `enzyme`", answer.problems[0].message)


def holding(named: Named, text: str) -> str:
    return f"func.func private @f({text})" if named.mark == "!" else f"module attributes {{a.b = {text}}} {{}}"
