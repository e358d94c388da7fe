import assert from "node:assert/strict";
import { test } from "node:test";
import { type Python, pipArguments, planned, plannedBindings, progressOf, readAnswer, takesCompiler } from "../src/installPlan";

const PYTHON: Python = { command: "/usr/bin/python3.11", version: [3, 11], platform: "linux", architecture: "x86_64" };

test("an interpreter that is new enough can make an environment", () => {
  assert.deepEqual(readAnswer("/usr/bin/python3.11", '[3, 11, "linux", "x86_64"]\n'), PYTHON);
  assert.equal(readAnswer("p", '[3, 10, "linux", "x86_64"]'), undefined);
  for (const other of ["", "no module named venv", "{}", '["3", 11]', "[2]"]) {
    assert.equal(readAnswer("p", other), undefined);
  }
});

test("the compiler has packages for one Python and three platforms", () => {
  assert.ok(takesCompiler(PYTHON));
  assert.ok(takesCompiler({ ...PYTHON, platform: "darwin", architecture: "arm64" }));
  assert.ok(!takesCompiler({ ...PYTHON, platform: "darwin" }));
  assert.ok(!takesCompiler({ ...PYTHON, platform: "win32", architecture: "AMD64" }));
  assert.ok(!takesCompiler({ ...PYTHON, version: [3, 12] }));
});

test("pip is asked for the wheel, with the compiler where it is wanted and can be had", () => {
  const wanted = (python: Python, compiler: boolean) => pipArguments(planned(python, "/x/server.whl", { compiler })).at(-1);
  assert.equal(wanted(PYTHON, true), "/x/server.whl[enzyme]");
  assert.equal(wanted(PYTHON, false), "/x/server.whl");
  assert.equal(wanted({ ...PYTHON, version: [3, 13] }, true), "/x/server.whl");
});

test("the size says what is installed", () => {
  assert.match(planned(PYTHON, "x", { compiler: true }).size, /125 MB/);
  assert.match(planned(PYTHON, "x", { compiler: false }).size, /4 MB, 50 MB/);
});

test("what bytecode needs is an extra of the same package", () => {
  const plan = plannedBindings("/x/server.whl");
  assert.equal(pipArguments(plan).at(-1), "/x/server.whl[mlir]");
  assert.match(plan.size, /150 MB/);
});

test("progress is what pip is at", () => {
  const lines = [
    "Processing /x/enzyme_lsp-0.1.0-py3-none-any.whl",
    "Collecting pygls<2.2,>=2.1.1",
    "  Downloading https://example.invalid/packages/enzyme_ad-0.0.15-cp311.whl (120.3 MB)",
    "Installing collected packages: pygls, enzyme-lsp",
    "Successfully installed enzyme-lsp-0.1.0",
    "WARNING: something",
  ];
  assert.deepEqual(lines.map(progressOf), [
    "looking for enzyme_lsp-0.1.0-py3-none-any.whl",
    "looking for pygls",
    "downloading enzyme_ad-0.0.15-cp311.whl (120.3 MB)",
    "installing",
    "done",
    undefined,
  ]);
});
