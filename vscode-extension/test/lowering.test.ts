import assert from "node:assert/strict";
import { test } from "node:test";
import { LineMap } from "../src/lineMap";
import { loweredUri, nameOf, readUri } from "../src/loweredUri";
import { readHistory, remembered } from "../src/pipelineHistory";
import { completed, problemText } from "../src/pipelineText";
import type { LowerResult, LoweredStage } from "../src/protocol";
import { ALL, rowsOf, summary, time } from "../src/stageRows";

test("what the server reads of the name of a lowered document is as the server writes it", () => {
  const source = "file:///home/me/a%20b.mlir";
  assert.deepEqual(loweredUri({ source, symbol: "f", preset: "llvm" }, { number: 2, name: "2. cse" }), {
    scheme: "enzyme-lowered",
    path: "/2. cse: a b.mlir",
    query: '{"source":"file:///home/me/a%20b.mlir","symbol":"f","preset":"llvm","stage":2}',
  });
  assert.equal(loweredUri({ source, symbol: "", runLine: 1 }).query, '{"source":"file:///home/me/a%20b.mlir","runLine":1}');
});

test("the rest of it is for people", () => {
  assert.equal(loweredUri({ source: "untitled:Untitled-1" }).path, "/simplify: Untitled-1.mlir");
  assert.equal(loweredUri({ source: "file:///100%.mlir", preset: "llvm" }).path, "/llvm: 100%.mlir");
  const pipeline = "builtin.module(func.func(canonicalize{top/down}),cse,symbol-dce)";
  assert.equal(loweredUri({ source: "file:///a.mlir", pipeline }).path, "/builtin.module(func.func(canonicalize{to...: a.mlir");
});

test("and is read back, which any other is not", () => {
  const { scheme, query } = loweredUri({ source: "file:///a.mlir", pipeline: "cse" });
  assert.deepEqual(readUri(scheme, query), { source: "file:///a.mlir", pipeline: "cse" });
  assert.equal(readUri("file", query), undefined);
  for (const other of ["", "{", "[]", "null", '{"source":1}']) {
    assert.equal(readUri(scheme, other), undefined);
  }
});

test("titles say how something is lowered", () => {
  const source = "file:///a.mlir";
  const names = [{ preset: "llvm", symbol: "f" }, { pipeline: "cse" }, { runLine: 2 }, {}].map((how) => nameOf({ source, ...how }));
  assert.deepEqual(names, ["llvm of @f", "cse", "RUN line 2", "simplify"]);
});

test("lines belong together in both directions", () => {
  const map = new LineMap([-1, 4, 4, 7, -1, 4]);
  assert.equal(map.source(1), 4);
  assert.equal(map.source(0), undefined);
  assert.equal(map.source(99), undefined);
  assert.deepEqual(map.lowered(4), [1, 2, 5]);
  assert.deepEqual(map.lowered(5), []);
  assert.deepEqual(map.siblings(5), [1, 2, 5]);
  assert.deepEqual(map.siblings(4), []);
});

test("a pipeline is remembered once, newest first, and not without end", () => {
  assert.deepEqual(remembered(["a", "enzyme, cse", "b"], " enzyme,cse "), ["enzyme,cse", "a", "b"]);
  assert.deepEqual(remembered(["a"], "  "), ["a"]);
  const many = Array.from({ length: 30 }, (_, number) => `pass${number}`);
  assert.equal(remembered(many, "new").length, 20);
  assert.deepEqual(readHistory(["a", 1, null, "b"]), ["a", "b"]);
  assert.deepEqual(readHistory("a"), []);
});

test("the box says the first problem of the text, and takes completions", () => {
  const text = "enzyme,canonicalise";
  const problems = [
    { start: 7, end: 19, message: "there is no pass of that name" },
    { start: 0, end: 6, message: "first" },
  ];
  assert.equal(problemText(problems), "first");
  assert.equal(problemText([]), undefined);
  const completion = { label: "cse", insert: "cse", start: 7, end: 19, detail: "", documentation: "" };
  assert.equal(completed(text, completion), "enzyme,cse");
});

function stage(name: string, more: Partial<LoweredStage> = {}): LoweredStage {
  return { name, uri: `enzyme-lowered:/${name}`, changed: false, diff: "", milliseconds: 0.25, text: "", lines: [], ...more };
}

const RESULT: LowerResult = {
  outcome: "accepted",
  engine: "enzyme-ad 0.0.15",
  failed: "",
  detail: "",
  stages: [stage("input"), stage("enzyme", { changed: true, milliseconds: 12.4 }), stage("cse"), stage("canonicalize", { changed: true })],
  problems: [],
};

function drawn(result: LowerResult, filter = ALL): readonly string[] {
  return rowsOf(result, filter).map((row) => `${row.icon} ${row.label} ${row.description}`.trim());
}

test("stages are listed with their times, and those that changed something are marked", () => {
  assert.deepEqual(drawn(RESULT), [
    "file input",
    "diff-modified 1. enzyme 12 ms • changed",
    "circle-outline 2. cse 0.3 ms",
    "diff-modified 3. canonicalize 0.3 ms • changed",
  ]);
  assert.equal(summary(RESULT, ALL), "3 passes, 2 changed the module, 13 ms");
});

test("filters leave the input", () => {
  assert.deepEqual(drawn(RESULT, { onlyChanged: true, name: "" }).map((row) => row.split(" ")[2] ?? ""), ["", "enzyme", "canonicalize"]);
  assert.deepEqual(drawn(RESULT, { onlyChanged: false, name: "CSE" }), ["file input", "circle-outline 2. cse 0.3 ms"]);
  assert.match(summary(RESULT, { onlyChanged: false, name: "cse" }), /, with "cse"$/);
});

test("what ended a lowering is its last row", () => {
  const failed: LowerResult = {
    ...RESULT,
    outcome: "crashed",
    failed: "enzyme",
    detail: "The compiler crashed.",
    stages: RESULT.stages.slice(0, 1),
    problems: [{ severity: "error", message: "no", line: 1, character: 0 }],
  };
  assert.deepEqual(drawn(failed), ["file input", "error enzyme: crashed The compiler crashed."]);
  assert.equal(rowsOf(failed, ALL)[1]?.tooltip, "The compiler crashed.\n\nerror: no");
  assert.deepEqual(drawn({ ...failed, failed: "", outcome: "unavailable", stages: [] }), ["error unavailable The compiler crashed."]);
});

test("times are read at a glance", () => {
  assert.deepEqual([0.04, 9.96, 12.4, 1234].map(time), ["0.0 ms", "10.0 ms", "12 ms", "1.2 s"]);
});
