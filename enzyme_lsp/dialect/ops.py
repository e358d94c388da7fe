"""Operations of the Enzyme dialect, as data: what each means, takes and gives, and how it is written.

Found by asking the engines 0.0.15 (classic spelling) and 0.0.16 (strict), which have the same 26 operations; the tests
ask them about every row again. The words of constraints are those of the engines' verifiers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final


class AttributeKind(Enum):
    """What the value of an attribute is; the value here is that in words, as the engines say it."""

    FUNCTION = "flat symbol reference"
    ACTIVITIES = "array of argument activity states"
    I64 = "64-bit signless integer"
    BOOL = "bool"
    STRING = "string"
    I64_ARRAY = "i64 dense array"
    SEGMENTS = "i32 dense array, the number of operands in each group"
    ENUM = "one of some words"
    FAST_MATH = "floating point fast math flags"
    MAP = "AffineMap"
    MAP_ARRAY = "array of AffineMap"
    ARRAY = "array"


@dataclass(frozen=True, slots=True)
class ValueField:
    """An operand or result: its name, what its type must be, in words, and what it is for."""

    name: str
    constraint: str
    meaning: str
    is_variadic: bool = False


@dataclass(frozen=True, slots=True)
class AttributeField:
    """An attribute that the operation has of its own.

    `default` is its value in the generic form where it may be left out and that means something. `words` are those of
    an ENUM, each with the number that stands for it in the generic form. `since` is the release of the engine that
    brought it, empty for one that all have.
    """

    name: str
    kind: AttributeKind
    meaning: str
    required: bool = False
    default: str = ""
    words: tuple[tuple[str, int], ...] = ()
    since: str = ""


@dataclass(frozen=True, slots=True)
class RegionField:
    """A region: what is in it, its arguments in words, and the operation that ends it."""

    name: str
    meaning: str
    arguments: str
    terminator: str


@dataclass(frozen=True, slots=True)
class Op:
    """An operation of the dialect.

    `classic` and `strict` are its custom form in the two spellings, without its name and without `=` and results; empty
    where it has the generic form only. They are in the notation of MLIR's declarative assembly format, without its
    quotes: `$x` is an operand or attribute, `attr-dict` is `{...}`, `prop-dict` is `<...>`.
    """

    name: str
    meaning: str
    """One sentence, without a full stop."""
    operands: tuple[ValueField, ...] = ()
    results: tuple[ValueField, ...] = ()
    attributes: tuple[AttributeField, ...] = ()
    regions: tuple[RegionField, ...] = ()
    classic: str = ""
    strict: str = ""
    example: str = ""
    """The smallest text that says something, in classic spelling; generic where there is no custom form."""
    strict_example: str = ""
    """The same in strict spelling, where that differs."""
    rules: tuple[str, ...] = ()
    """What else the verifier asks for, as the sentence in which it complains."""
    parents: tuple[str, ...] = ()
    """The operations that it must stand in; empty: any."""
    is_terminator: bool = False
    lowered_by: tuple[str, ...] = ()
    """Passes that replace it by operations of other dialects."""

    @property
    def mnemonic(self) -> str:
        """The name without that of the dialect."""
        return self.name.removeprefix("enzyme.")

    @property
    def is_generic_only(self) -> bool:
        return not self.classic

    def example_in(self, *, strict: bool) -> str:
        """The example in one spelling."""
        return self.strict_example if strict and self.strict_example else self.example

    def attribute(self, name: str) -> AttributeField | None:
        return next((field for field in self.attributes if field.name == name), None)


_ANY: Final = "any type"
_MEMREF: Final = "memref of any non-token type values"
_RANKED: Final = "ranked tensor of any non-token type values"

_RMW_KINDS: Final = tuple(
    zip(
        (
            "addf", "addi", "andi", "assign", "maximumf", "maxnumf", "maxs", "maxu", "minimumf", "minnumf", "mins",
            "minu", "mulf", "muli", "ori", "xori",
        ),
        range(16),
        strict=True,
    )
)  # fmt: skip
_ORDERINGS: Final = (
    ("not_atomic", 0), ("unordered", 1), ("monotonic", 2), ("acquire", 4), ("release", 5), ("acq_rel", 6),
    ("seq_cst", 7),
)  # fmt: skip

_FN: Final = AttributeField("fn", AttributeKind.FUNCTION, "the function that is differentiated", required=True)
_REGION_FN: Final = AttributeField("fn", AttributeKind.STRING, "the name of the function that the region was made of")
_ACTIVITY: Final = AttributeField(
    "activity", AttributeKind.ACTIVITIES, "for each argument, how it takes part in differentiation", required=True
)
_RET_ACTIVITY: Final = AttributeField(
    "ret_activity", AttributeKind.ACTIVITIES, "for each result, how it takes part in differentiation", required=True
)
_WIDTH: Final = AttributeField(
    "width", AttributeKind.I64, "how many derivatives are taken at once: each shadow holds so many", default="1 : i64"
)
_STRONG_ZERO: Final = AttributeField(
    "strong_zero",
    AttributeKind.BOOL,
    "whether a derivative of zero stays zero when it is multiplied by infinity or NaN",
    default="false",
)
_ATOMIC_ADD: Final = AttributeField(
    "atomic_add",
    AttributeKind.BOOL,
    "whether gradients are added to memory with `enzyme.atomic_rmw`, for callees that run in parallel",
    default="false",
    since="0.0.15",
)
_FORWARD: Final = (_ACTIVITY, _RET_ACTIVITY, _WIDTH, _STRONG_ZERO)
_REVERSE: Final = (*_FORWARD, _ATOMIC_ADD)
_ALIGNMENT: Final = AttributeField("alignment", AttributeKind.I64, "the alignment of the access in bytes")
_FAST_MATH: Final = AttributeField(
    "fastmath", AttributeKind.FAST_MATH, "what the arithmetic may assume", since="0.0.16"
)
_KIND: Final = AttributeField(
    "kind", AttributeKind.ENUM, "what is done with the old value", required=True, words=_RMW_KINDS
)
_ORDERING: Final = AttributeField(
    "ordering", AttributeKind.ENUM, "LLVM's atomic ordering", required=True, words=_ORDERINGS
)
_SEGMENTS: Final = AttributeField(
    "operandSegmentSizes",
    AttributeKind.SEGMENTS,
    "how many operands each group has; the custom form says it by brackets",
    required=True,
)
_STATIC_SIZES: Final = AttributeField(
    "static_sizes",
    AttributeKind.I64_ARRAY,
    "the sizes that are numbers; the smallest i64 stands for one of `sizes`",
    required=True,
)

_CALL: Final = "$fn ( $inputs ) attr-dict : functional-type($inputs, $outputs)"
_STRICT_CALL: Final = "$fn ( $inputs ) prop-dict attr-dict : functional-type($inputs, $outputs)"
_REGION: Final = "( $inputs ) $body attributes attr-dict : functional-type($inputs, $outputs)"
_STRICT_REGION: Final = "( $inputs ) $body prop-dict (attributes attr-dict)? : functional-type($inputs, $outputs)"
_NO_FUNCTION: Final = "does not reference a valid global funcOp"
_RMW_TYPES: Final = ": ( type($value) , type($memref) ) -> type($result)"

_SQUARE: Final = """\
 {
^bb0(%a: f64):
  %b = arith.mulf %a, %a : f64
  enzyme.yield %b : f64
} """


def _inputs(meaning: str) -> tuple[ValueField, ...]:
    return (ValueField("inputs", _ANY, meaning, is_variadic=True),)


def _outputs(meaning: str) -> tuple[ValueField, ...]:
    return (ValueField("outputs", _ANY, meaning, is_variadic=True),)


_REVERSE_INPUTS: Final = _inputs(
    "each argument, a shadow behind those that are `dup`; then the seeds of active results"
)
_FORWARD_INPUTS: Final = _inputs("each argument, with its tangent behind it where that is `dup`")
_BODY: Final = RegionField("body", "the function itself", "the arguments of the function, no shadows", "enzyme.yield")

OPS: Final = {
    op.name: op
    for op in (
        Op(
            "enzyme.autodiff",
            "Differentiates a function in reverse mode: seeds of its results go in, gradients of arguments come out",
            _REVERSE_INPUTS,
            _outputs("the results of the callee that are wanted, then the gradients of active arguments"),
            (_FN, *_REVERSE),
            classic=_CALL,
            strict=_STRICT_CALL,
            example="%0 = enzyme.autodiff @square(%x, %x) {activity = [#enzyme<activity enzyme_active>],"
            " ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64",
            strict_example="%0 = enzyme.autodiff @square(%x, %x) <activity = [#enzyme.activity<enzyme_active>],"
            " ret_activity = [#enzyme.activity<enzyme_activenoneed>]> : (f64, f64) -> f64",
            rules=(_NO_FUNCTION,),
            lowered_by=("enzyme",),
        ),
        Op(
            "enzyme.fwddiff",
            "Differentiates a function in forward mode: tangents of arguments go in, tangents of results come out",
            _FORWARD_INPUTS,
            _outputs("for each result that is wanted its value, its tangent, or both one behind the other"),
            (_FN, *_FORWARD),
            classic=_CALL,
            strict=_STRICT_CALL,
            example="%0 = enzyme.fwddiff @square(%x, %x) {activity = [#enzyme<activity enzyme_dup>],"
            " ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64",
            strict_example="%0 = enzyme.fwddiff @square(%x, %x) <activity = [#enzyme.activity<enzyme_dup>],"
            " ret_activity = [#enzyme.activity<enzyme_dupnoneed>]> : (f64, f64) -> f64",
            rules=(_NO_FUNCTION,),
            lowered_by=("enzyme",),
        ),
        Op(
            "enzyme.jacobian",
            "Stands for a Jacobian of tensors, of which `lower-enzyme-jacobian-stablehlo` makes the products with it",
            _inputs("the arguments, without shadows"),
            _outputs("for each result and each argument, a tensor with the sizes of the result before the argument's"),
            (_FN, *_FORWARD),
            classic=_CALL,
            strict=_STRICT_CALL,
            example="%0 = enzyme.jacobian @square(%x) {activity = [#enzyme<activity enzyme_active>],"
            " ret_activity = [#enzyme<activity enzyme_active>]} : (f64) -> f64",
            strict_example="%0 = enzyme.jacobian @square(%x) <activity = [#enzyme.activity<enzyme_active>],"
            " ret_activity = [#enzyme.activity<enzyme_active>]> : (f64) -> f64",
            rules=(_NO_FUNCTION,),
        ),
        Op(
            "enzyme.batch",
            "Calls a function on many arguments at once: every tensor gets the batch's sizes in front",
            _inputs("the arguments, each with the sizes of the batch in front"),
            _outputs("the results, each with the sizes of the batch in front"),
            (
                AttributeField("fn", AttributeKind.FUNCTION, "the function that is batched", required=True),
                AttributeField("batch_shape", AttributeKind.I64_ARRAY, "the sizes of the batch", required=True),
            ),
            classic=_CALL,
            strict=_STRICT_CALL,
            example="%0 = enzyme.batch @square(%t) {batch_shape = array<i64: 2>} : (tensor<2xf64>) -> tensor<2xf64>",
            strict_example="%0 = enzyme.batch @square(%t) <batch_shape = [2]> : (tensor<2xf64>) -> tensor<2xf64>",
            rules=(_NO_FUNCTION,),
            lowered_by=("enzyme-batch",),
        ),
        Op(
            "enzyme.autodiff_region",
            "Differentiates the function in its region in reverse mode",
            _REVERSE_INPUTS,
            _outputs("the results of the region that are wanted, then the gradients of active arguments"),
            (_REGION_FN, *_REVERSE),
            (_BODY,),
            classic=_REGION,
            strict=_STRICT_REGION,
            example=f"%0 = enzyme.autodiff_region(%x, %x){_SQUARE}attributes {{activity ="
            " [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]}"
            " : (f64, f64) -> f64",
            strict_example=f"%0 = enzyme.autodiff_region(%x, %x){_SQUARE}<activity ="
            " [#enzyme.activity<enzyme_active>], ret_activity = [#enzyme.activity<enzyme_activenoneed>]>"
            " : (f64, f64) -> f64",
            lowered_by=("outline-enzyme-regions,enzyme",),
        ),
        Op(
            "enzyme.fwddiff_region",
            "Differentiates the function in its region in forward mode",
            _FORWARD_INPUTS,
            _outputs("for each result of the region its value, its tangent, or both one behind the other"),
            (_REGION_FN, *_FORWARD),
            (_BODY,),
            classic=_REGION,
            strict=_STRICT_REGION,
            example=f"%0 = enzyme.fwddiff_region(%x, %x){_SQUARE}attributes {{activity ="
            " [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]}"
            " : (f64, f64) -> f64",
            strict_example=f"%0 = enzyme.fwddiff_region(%x, %x){_SQUARE}<activity ="
            " [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>]>"
            " : (f64, f64) -> f64",
            lowered_by=("outline-enzyme-regions,enzyme",),
        ),
        Op(
            "enzyme.yield",
            "Ends the region of `enzyme.autodiff_region` or `enzyme.fwddiff_region` with the results of its function",
            (ValueField("operands", _ANY, "the results of the function", is_variadic=True),),
            classic="attr-dict ($operands : type($operands))?",
            strict="attr-dict ($operands : type($operands))?",
            example="enzyme.yield %x : f64",
            rules=("expects parent op to be one of 'enzyme.autodiff_region, enzyme.fwddiff_region'",),
            parents=("enzyme.autodiff_region", "enzyme.fwddiff_region"),
            is_terminator=True,
        ),
        Op(
            "enzyme.ignore_derivatives",
            "Gives its operand on as a constant: no derivative passes through it",
            (ValueField("input", _ANY, "the value"),),
            (ValueField("output", _ANY, "the same value, which does not depend on anything differentiated"),),
            classic="$input attr-dict : type($input) -> type($output)",
            strict="$input attr-dict : type($input) -> type($output)",
            example="%0 = enzyme.ignore_derivatives %x : f64 -> f64",
            rules=("requires the same element type for all operands and results",),
            lowered_by=("remove-unnecessary-enzyme-ops",),
        ),
        Op(
            "enzyme.broadcast",
            "Repeats a value: the sizes of `shape` come in front of its own",
            (ValueField("input", _ANY, "the value that is repeated"),),
            (ValueField("output", _RANKED, "the tensor, whose sizes the verifier does not check"),),
            (AttributeField("shape", AttributeKind.I64_ARRAY, "the sizes in front", required=True),),
            example='%0 = "enzyme.broadcast"(%x) <{shape = array<i64: 2>}> : (f64) -> tensor<2xf64>',
        ),
        Op(
            "enzyme.concat",
            "Puts values of one type side by side along a new first dimension, as the shadows of a width need it",
            (ValueField("inputs", _ANY, "the values, first to last", is_variadic=True),),
            (ValueField("output", _ANY, "a tensor whose first size is the number of inputs, which nothing checks"),),
            classic="( $inputs ) attr-dict : functional-type($inputs, $output)",
            strict="( $inputs ) attr-dict : functional-type($inputs, $output)",
            example="%0 = enzyme.concat(%x, %x) : (f64, f64) -> tensor<2xf64>",
            lowered_by=("enzyme-batch-to-tensor",),
        ),
        Op(
            "enzyme.extract",
            "Takes one entry along the first dimension, such as one derivative of several that a width gives",
            (ValueField("input", _ANY, "the tensor; or a memref that is the shadow of a width"),),
            (ValueField("output", _ANY, "the entry"),),
            (AttributeField("index", AttributeKind.I64, "which entry, from 0; no bound is checked", required=True),),
            classic="$input [ $index ] attr-dict : functional-type($input, $output)",
            strict="$input [ $index ] attr-dict : functional-type($input, $output)",
            example="%0 = enzyme.extract %t[1] : (tensor<2xf64>) -> f64",
            lowered_by=("enzyme-batch-to-tensor",),
        ),
        Op(
            "enzyme.dump",
            "Prints its operand under a label when the program runs, and gives it on",
            (ValueField("input", _ANY, "the value"),),
            (ValueField("output", _ANY, "the same value"),),
            (AttributeField("label", AttributeKind.STRING, "the words that are printed with it", required=True),),
            classic="$input attr-dict : functional-type($input, $output)",
            strict="$input prop-dict attr-dict : functional-type($input, $output)",
            example='%0 = enzyme.dump %x {label = "x"} : (f64) -> f64',
            strict_example='%0 = enzyme.dump %x <label = "x"> : (f64) -> f64',
        ),
        Op(
            "enzyme.placeholder",
            "Stands for a value that differentiation has still to put in",
            results=(ValueField("output", _ANY, "the value"),),
            example='%0 = "enzyme.placeholder"() : () -> f64',
        ),
        Op(
            "enzyme.init",
            "Makes an empty cache, or an accumulator for a gradient",
            results=(ValueField("output", _ANY, "an `!enzyme.Cache` or an `!enzyme.Gradient`, which nothing checks"),),
            example='%0 = "enzyme.init"() : () -> !enzyme.Cache<f64>',
            lowered_by=("remove-unnecessary-enzyme-ops", "convert-enzyme-to-memref"),
        ),
        Op(
            "enzyme.push",
            "Puts a value on a cache, for the reverse pass",
            (
                ValueField("cache", _ANY, "the cache"),
                ValueField("value", "the element type of the cache", "what the reverse pass will need"),
            ),
            example='"enzyme.push"(%cache, %x) : (!enzyme.Cache<f64>, f64) -> ()',
            rules=("failed to verify that type of 'value' matches element type of 'cache'",),
            lowered_by=("remove-unnecessary-enzyme-ops", "convert-enzyme-to-memref"),
        ),
        Op(
            "enzyme.pop",
            "Takes the value from a cache that was put there last",
            (ValueField("cache", _ANY, "the cache"),),
            (ValueField("output", "the element type of the cache", "the value"),),
            example='%0 = "enzyme.pop"(%cache) : (!enzyme.Cache<f64>) -> f64',
            rules=("failed to verify that type of 'output' matches element type of 'cache'",),
            lowered_by=("remove-unnecessary-enzyme-ops", "convert-enzyme-to-memref"),
        ),
        Op(
            "enzyme.set",
            "Overwrites the accumulator of a gradient",
            (
                ValueField("gradient", _ANY, "the accumulator"),
                ValueField("value", "the element type of the gradient", "its new value"),
            ),
            example='"enzyme.set"(%gradient, %x) : (!enzyme.Gradient<f64>, f64) -> ()',
            rules=("failed to verify that type of 'value' matches element type of 'gradient'",),
            lowered_by=("remove-unnecessary-enzyme-ops", "convert-enzyme-to-memref"),
        ),
        Op(
            "enzyme.get",
            "Reads the accumulator of a gradient",
            (ValueField("gradient", _ANY, "the accumulator"),),
            (ValueField("result", "the element type of the gradient", "its value"),),
            example='%0 = "enzyme.get"(%gradient) : (!enzyme.Gradient<f64>) -> f64',
            rules=("failed to verify that type of 'result' matches element type of 'gradient'",),
            lowered_by=("remove-unnecessary-enzyme-ops", "convert-enzyme-to-memref"),
        ),
        Op(
            "enzyme.fill_zero",
            "Sets memory to zero, as the shadow of memory that was just allocated",
            (ValueField("memref", _MEMREF, "the memory"),),
            classic="$memref attr-dict : type($memref)",
            strict="$memref attr-dict : type($memref)",
            example="enzyme.fill_zero %m : memref<4xf64>",
        ),
        Op(
            "enzyme.load",
            "Reads an element of a cache that is kept in memory",
            (
                ValueField("memref", _MEMREF, "the memory"),
                ValueField("indices", "index", "where, one for each dimension", is_variadic=True),
                ValueField("sizes", "index", "the sizes of the cache that are no numbers", is_variadic=True),
            ),
            (ValueField("result", "the element type of the memref", "the element"),),
            (_SEGMENTS, _STATIC_SIZES),
            classic="$memref [ $indices ] ( [ $sizes ] ) attr-dict : type($memref)",
            strict="$memref [ $indices ] ( [ $sizes ] ) attr-dict : type($memref)",
            example="%0 = enzyme.load %m[%i] ([2]) : memref<4xf64>",
            rules=("failed to verify that type of 'result' matches element type of 'memref'",),
            lowered_by=("flatten-enzyme-caches",),
        ),
        Op(
            "enzyme.store",
            "Writes an element of a cache that is kept in memory",
            (
                ValueField("value", "the element type of the memref", "the element"),
                ValueField("memref", _MEMREF, "the memory"),
                ValueField("indices", "index", "where, one for each dimension", is_variadic=True),
                ValueField("sizes", "index", "the sizes of the cache that are no numbers", is_variadic=True),
            ),
            attributes=(_SEGMENTS, _STATIC_SIZES),
            classic="$value , $memref [ $indices ] ( [ $sizes ] ) attr-dict : type($memref)",
            strict="$value , $memref [ $indices ] ( [ $sizes ] ) attr-dict : type($memref)",
            example="enzyme.store %x, %m[%i] ([2]) : memref<4xf64>",
            rules=("failed to verify that type of 'value' matches element type of 'memref'",),
            lowered_by=("flatten-enzyme-caches",),
        ),
        Op(
            "enzyme.atomic_rmw",
            "Combines a value with an element of memory in one step that no other thread sees the middle of",
            (
                ValueField("value", "the element type of the memref", "what the element is combined with"),
                ValueField("memref", _MEMREF, "the memory"),
                ValueField("indices", "index", "where, one for each dimension", is_variadic=True),
            ),
            (ValueField("result", "the type of the value", "the element as it was before"),),
            (_KIND, _ORDERING, _FAST_MATH, _ALIGNMENT),
            classic=f"$kind $value , $memref [ $indices ] $ordering attr-dict {_RMW_TYPES}",
            strict=f"$kind $value , $memref [ $indices ] $ordering $fastmath? prop-dict attr-dict {_RMW_TYPES}",
            example="%0 = enzyme.atomic_rmw addf %x, %m[%i] monotonic : (f64, memref<4xf64>) -> f64",
            rules=(
                "failed to verify that value type matches element type of memref",
                "failed to verify that all of {value, result} have same type",
            ),
        ),
        Op(
            "enzyme.affine_atomic_rmw",
            "Combines a value with the element of memory at which an affine map puts its indices, in one step",
            (
                ValueField("value", "the element type of the memref", "what the element is combined with"),
                ValueField("memref", _MEMREF, "the memory"),
                ValueField("indices", "index", "the operands of the map", is_variadic=True),
            ),
            (ValueField("result", "the type of the value", "the element as it was before"),),
            (
                _KIND,
                AttributeField("map", AttributeKind.MAP, "gives the place in memory", required=True),
                AttributeField(
                    "ordering",
                    AttributeKind.ENUM,
                    "LLVM's atomic ordering",
                    required=True,
                    words=_ORDERINGS,
                    since="0.0.16",
                ),
                _FAST_MATH,
                _ALIGNMENT,
            ),
            classic=f"$kind $value , $memref , ( $map ) [ $indices ] attr-dict {_RMW_TYPES}",
            strict=f"$kind $value , $memref , ( $map ) [ $indices ] $ordering $fastmath? prop-dict attr-dict"
            f" {_RMW_TYPES}",
            example="%0 = enzyme.affine_atomic_rmw addf %x, %m, (affine_map<(d0) -> (d0)>) [%i]"
            " : (f64, memref<4xf64>) -> f64",
            strict_example="%0 = enzyme.affine_atomic_rmw addf %x, %m, (affine_map<(d0) -> (d0)>) [%i] monotonic"
            " : (f64, memref<4xf64>) -> f64",
        ),
        Op(
            "enzyme.binomial_progress",
            "Says how far binomial checkpointing advances before it takes the next snapshot",
            (
                ValueField(
                    "num_steps",
                    "signless integer, index, or tensor thereof (0.0.15: unranked tensor)",
                    "the steps that are left",
                ),
                ValueField("budget", "the type of num_steps", "the snapshots that are left"),
            ),
            (ValueField("result", "the type of num_steps", "the number of steps"),),
            classic="$num_steps , $budget attr-dict : type($result)",
            strict="$num_steps , $budget attr-dict : type($result)",
            example="%0 = enzyme.binomial_progress %n, %n : i64",
            lowered_by=("lower-enzyme-binomial-progress",),
        ),
        Op(
            "enzyme.genericAdjoint",
            "The adjoint of a `linalg.generic`: its body gives what is added to the shadows of the outputs",
            (
                ValueField("inputs", _ANY, "what the body reads", is_variadic=True),
                ValueField("outputs", "shaped of any non-token type values", "what is added to", is_variadic=True),
            ),
            (ValueField("result_tensors", _RANKED, "the outputs, where they are tensors", is_variadic=True),),
            (
                _SEGMENTS,
                AttributeField(
                    "indexing_maps", AttributeKind.MAP_ARRAY, "for each operand, its place in the loops", required=True
                ),
                AttributeField("iterator_types", AttributeKind.ARRAY, "for each loop, its kind", required=True),
                AttributeField("doc", AttributeKind.STRING, "words for people"),
                AttributeField("library_call", AttributeKind.STRING, "a function that does the same"),
            ),
            (
                RegionField(
                    "region",
                    "what is done for one element of each operand",
                    "an element of each operand",
                    "enzyme.addTo",
                ),
            ),
            example='"enzyme.genericAdjoint"(%x, %t) <{indexing_maps = [affine_map<(d0) -> ()>,'
            ' affine_map<(d0) -> (d0)>], iterator_types = ["parallel"], operandSegmentSizes = array<i32: 1, 1>}> ({\n'
            '^bb0(%a: f64, %b: f64):\n  "enzyme.addTo"(%a) : (f64) -> ()\n}) : (f64, tensor<2xf64>) -> ()',
        ),
        Op(
            "enzyme.addTo",
            "Ends the body of `enzyme.genericAdjoint` and gives what is added to each output",
            (ValueField("values", _ANY, "one for each output", is_variadic=True),),
            example='"enzyme.addTo"(%x) : (f64) -> ()',
            rules=("must be the last operation in the parent block",),
            is_terminator=True,
        ),
    )
}  # fmt: skip
"""All operations, by name: first those that people write, then those that passes make."""

IMPULSE_OPS: Final = frozenset({
    "cholesky", "dot", "dynamic_slice", "dynamic_update_slice", "for", "generate", "if", "infer", "log_add_exp",
    "logistic", "mh", "popcount", "random", "randomSplit", "regenerate", "reshape", "sample", "select", "simulate",
    "slice", "triangular_solve", "untracedCall", "while", "yield",
})  # fmt: skip
"""Operations of the dialect `impulse`, to which Enzyme's probabilistic operations have moved."""


@dataclass(frozen=True, slots=True)
class DerivativeOp:
    """An operation that differentiates or batches: a function that it names, or its own region."""

    name: str
    required: tuple[str, ...]
    """The attributes without which the parser or verifier refuses it, besides the callee."""
    names_callee: bool = True
    """Whether its function is a symbol; otherwise it is its region."""

    @property
    def takes_activities(self) -> bool:
        """Whether it says how each argument and result takes part in differentiation."""
        return "activity" in self.required


def _derivative(op: Op, fn: AttributeField) -> DerivativeOp:
    required = tuple(field.name for field in op.attributes if field.required and field is not fn)
    return DerivativeOp(op.name, required, names_callee=fn.kind is AttributeKind.FUNCTION)


DERIVATIVE_OPS: Final = {op.name: _derivative(op, fn) for op in OPS.values() if (fn := op.attribute("fn")) is not None}
"""Those that differentiate or batch, by name."""
