import assert from "node:assert/strict";
import { test } from "node:test";
import type { StatusParams } from "../src/protocol";
import { shown } from "../src/statusText";

const WELL: StatusParams = {
  health: "ok",
  quiescent: true,
  message: "",
  engine: "enzyme-ad",
  version: "0.0.15",
  spelling: "classic",
  engines: [],
};

function running(more: Partial<StatusParams> = {}): string {
  const { text, details, severity } = shown({ kind: "running", version: "0.1.0", status: { ...WELL, ...more } });
  return [`${text} [${severity}]`, ...details].join("\n");
}

test("a server that is well names its compiler and the spelling", () => {
  assert.equal(
    running(),
    "$(check) enzyme-ad 0.0.15 (classic) [none]\nCompiler: enzyme-ad 0.0.15.\nIt reads the classic spelling.\nServer: enzyme-lsp 0.1.0.",
  );
});

test("work under way turns", () => {
  assert.match(running({ quiescent: false }), /^\$\(sync~spin\) enzyme-ad/);
});

test("what is wrong comes first, as a sentence", () => {
  assert.equal(
    running({ health: "warning", engine: "", version: "", spelling: "none", message: "no compiler was found" }),
    "$(warning) Enzyme [warning]\nno compiler was found.\nCompiler: none yet.\nServer: enzyme-lsp 0.1.0.",
  );
  assert.match(running({ health: "error", message: "It crashed." }), /^\$\(error\) .* \[error\]\nIt crashed\.\n/);
});

test("before the first word of the server nothing is claimed", () => {
  assert.equal(shown({ kind: "running", version: "", status: undefined }).text, "$(check) Enzyme");
});

test("where files have several compilers, each is shown its own", () => {
  const engines: StatusParams["engines"] = [
    { documents: ["file:///a.mlir"], health: "ok", message: "", engine: "enzyme-ad", version: "0.0.15", spelling: "classic" },
    { documents: ["file:///b.mlir"], health: "warning", message: "it has no Enzyme", engine: "mlir", version: "22.1.8", spelling: "generic" },
  ];
  const beside = (document: string) => {
    const { text, details, severity } = shown({ kind: "running", version: "0.1.0", status: { ...WELL, engines } }, document);
    return [`${text} [${severity}]`, ...details].join("\n");
  };
  assert.equal(
    beside("file:///b.mlir"),
    "$(warning) mlir 22.1.8 (generic) [warning]\nit has no Enzyme.\nCompiler: mlir 22.1.8.\nIt reads the generic spelling.\n" +
      "Server: enzyme-lsp 0.1.0.\nOther files have enzyme-ad 0.0.15.",
  );
  assert.match(beside("file:///a.mlir"), /^\$\(check\) enzyme-ad 0\.0\.15 \(classic\) \[none\]\n[^]*Other files have mlir 22\.1\.8\.$/);
  assert.match(beside("file:///other.mlir"), /^\$\(check\) enzyme-ad[^]*Server: enzyme-lsp 0\.1\.0\.$/);
});

test("each state of the server is told", () => {
  const states = [
    shown({ kind: "looking" }),
    shown({ kind: "starting" }),
    shown({ kind: "stopped" }),
    shown({ kind: "missing", reason: "there is none" }),
    shown({ kind: "restarting", waitMs: 8_000, isFirst: false }),
    shown({ kind: "failed", reason: "it stopped, 5 times in a row" }),
  ];
  assert.deepEqual(
    states.map(({ text, details, severity }) => `${text} [${severity}] ${details.join(" ")}`),
    [
      "$(sync~spin) Enzyme [none] Looking for the server.",
      "$(sync~spin) Enzyme [none] The server is starting.",
      "$(circle-slash) Enzyme [none] The server is not running.",
      "$(warning) Enzyme: no server [warning] there is none.",
      "$(sync~spin) Enzyme: restarting [warning] The server stopped unexpectedly and starts again in 8 s.",
      "$(error) Enzyme: stopped [error] it stopped, 5 times in a row.",
    ],
  );
});
