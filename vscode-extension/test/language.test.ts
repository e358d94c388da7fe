/** language-configuration.json, read as VS Code reads it: its expressions, held against lines of MLIR. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const ROOT = new URL("../", import.meta.url);
const configuration = JSON.parse(readFileSync(new URL("language-configuration.json", ROOT), "utf8"));
const { increaseIndentPattern, decreaseIndentPattern } = configuration.indentationRules;

function words(line: string): readonly string[] {
  return line.match(new RegExp(configuration.wordPattern, "g")) ?? [];
}

test("a word is a name with its mark, an operation with its dialect, or a number", () => {
  const lines: readonly (readonly [string, readonly string[]])[] = [
    ["%0 = arith.mulf %arg0, %x : f64", ["%0", "arith.mulf", "%arg0", "%x", "f64"]],
    ["%a-b = func.call @outer::@in-ner$1(%4#1)", ["%a-b", "func.call", "@outer", "@in-ner$1", "%4", "#1"]],
    ["^bb0(%x: tensor<4x8xf32>):", ["^bb0", "%x", "tensor", "4x8xf32"]],
    ["#enzyme<activity enzyme_dup>, !llvm.ptr", ["#enzyme", "activity", "enzyme_dup", "!llvm.ptr"]],
    ["arith.constant -1.5e-3 : f32", ["arith.constant", "-1.5e-3", "f32"]],
    ["(f64)->f64", ["f64", "f64"]],
    ["affine_map<(d0)[s0] -> (d0-s0)>", ["affine_map", "d0", "s0", "d0", "s0"]],
  ];
  for (const [line, expected] of lines) {
    assert.deepEqual(words(line), expected);
  }
});

test("behind a bracket that stays open lines are indented", () => {
  const increase = new RegExp(increaseIndentPattern);
  const open = [
    "func.func @f(%x: f64) -> f64 {",
    "  %0 = enzyme.autodiff @f(%x) {",
    '  "scf.if"(%c) ({',
    "  }, {",
    "    activity = [",
    "  func.func @f(%x: f64,",
    "module { // with (more) to come",
    "#map = affine_map<",
  ];
  const closed = [
    "",
    "  return %x : f64",
    "  %y = arith.mulf %x, %x : f64",
    "  } : (f64) -> f64",
    "// {",
    "  return // {",
    "  return %x : f64 // see (",
    "#map = affine_map<(d0) -> (d0)>",
    "func.func private @f(f64) -> f64",
    "  %0:2 = func.call @f(%x) : (f64) -> (f64, f64)",
    '  "test.op"() {name = "a{"} : () -> ()',
  ];
  assert.deepEqual(open.filter((line) => !increase.test(line)), []);
  assert.deepEqual(closed.filter((line) => increase.test(line)), []);
});

test("a bracket that closes stands one step back", () => {
  const decrease = new RegExp(decreaseIndentPattern);
  assert.ok(["}", "  } : (f64) -> f64", "  ])", "  > : f64"].every((line) => decrease.test(line)));
  assert.ok(["return", "  {", "// }", '  "}"'].every((line) => !decrease.test(line)));
});

test("long lines are no obstacle", () => {
  const lines = [`dense<[${"[1.0, 2.0], ".repeat(50_000)}`, "<".repeat(20_000), `"${"x".repeat(500_000)}"`, "/".repeat(100_000)];
  for (const line of lines) {
    const begin = performance.now();
    new RegExp(increaseIndentPattern).test(line);
    words(line);
    assert.ok(performance.now() - begin < 500, line.slice(0, 20));
  }
});

test("Enter goes on with a comment that is divided, and indents behind the label of a block", () => {
  const [label, comment] = configuration.onEnterRules;
  const isLabel = (line: string) => new RegExp(label.beforeText).test(line);
  assert.ok(["^bb0:", "  ^bb1(%a: i32, %b: f64):", "^exit: // the end", "^a-b.c$1:"].every(isLabel));
  assert.ok(["cf.br ^bb0", "// ^bb0:", "^bb0(%a: i32)", "%x = f : i32"].every((line) => !isLabel(line)));
  assert.equal(label.action.indent, "indent");
  const divides = (before: string, after: string) =>
    new RegExp(comment.beforeText).test(before) && new RegExp(comment.afterText).test(after);
  assert.ok(divides("  // a sentence", " that goes on"));
  assert.ok(!divides("  // a sentence", ""));
  assert.ok(!divides("  //", "x"));
  assert.ok(!divides("  return %x : f64", " // x"));
  assert.equal(comment.action.appendText, "// ");
});

test("regions are folded by their comments", () => {
  const { start, end } = configuration.folding.markers;
  assert.ok(["// region helpers", "  //#region", "// #region x"].every((line) => new RegExp(start).test(line)));
  assert.ok(["// endregion", "//#endregion"].every((line) => new RegExp(end).test(line)));
  assert.ok(!new RegExp(start).test("// regions of a loop"));
  assert.ok(!new RegExp(start).test("scf.region"));
});

test("what opens is what closes, in pairs that VS Code colors, and comments are those of MLIR", () => {
  const pairs = ["{}", "[]", "()"];
  const joined = (list: readonly (readonly [string, string])[]) => list.map(([open, close]) => open + close);
  assert.deepEqual(joined(configuration.brackets), pairs);
  assert.deepEqual(joined(configuration.colorizedBracketPairs), pairs);
  assert.deepEqual(joined(configuration.surroundingPairs), [...pairs, "<>", '""']);
  const closing = configuration.autoClosingPairs as readonly { open: string; close: string; notIn: readonly string[] }[];
  assert.deepEqual(closing.map(({ open, close }) => open + close), [...pairs, "<>", '""']);
  assert.ok(closing.every(({ notIn }) => notIn.join() === "string,comment"));
  assert.deepEqual(configuration.comments, { lineComment: "//" });
});
