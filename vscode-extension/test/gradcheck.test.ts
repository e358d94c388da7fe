import assert from "node:assert/strict";
import { test } from "node:test";
import { lineNamedBy, reportOf, severityOf } from "../src/gradcheckReport";
import type { GradcheckComparison, GradcheckEntry, GradcheckResult } from "../src/protocol";

const COMPARISON: GradcheckComparison = {
  argument: "%x",
  output: "0",
  derivative: "3",
  differences: "3.0000000001",
  uncertainty: "1e-09",
  error: "3.3e-11",
  verdict: "agree",
};

const ENTRY: GradcheckEntry = {
  line: 6,
  character: 8,
  operation: "enzyme.autodiff",
  function: "square",
  mode: "reverse",
  verdict: "agree",
  reason: "",
  argument: "%x",
  at: ["%x = 1.5"],
  comparisons: [COMPARISON],
};

test("a report has each derivative with its place and its numbers in columns", () => {
  const wrong: GradcheckEntry = {
    ...ENTRY,
    verdict: "disagree",
    comparisons: [{ ...COMPARISON, derivative: "-3", error: "2", verdict: "disagree" }, { ...COMPARISON, argument: "%long[1, 2]" }],
  };
  const unchecked: GradcheckEntry = { ...ENTRY, verdict: "not checked", reason: "it calls @f, which has no body", at: [], comparisons: [] };
  assert.equal(
    reportOf({ summary: "1 of 2 gradients is wrong", derivatives: [wrong, unchecked] }),
    `1 of 2 gradients is wrong

DISAGREE  enzyme.autodiff of @square (reverse)
  line 7
  at %x = 1.5

  varied       of  derivative  differences   may be off by  error
  %x           0   -3          3.0000000001  1e-09          2        disagree
  %long[1, 2]  0   3           3.0000000001  1e-09          3.3e-11  agree

NOT CHECKED  enzyme.autodiff of @square (reverse): it calls @f, which has no body
  line 7
`,
  );
});

test("its lines lead to those of the document", () => {
  assert.deepEqual(["  line 7", "line 7", "  line 7: x", "  at %x = 7"].map(lineNamedBy), [7, undefined, undefined, undefined]);
});

test("what does not agree is a warning", () => {
  const result = (verdict: GradcheckEntry["verdict"]): GradcheckResult => ({ summary: "", derivatives: [ENTRY, { ...ENTRY, verdict }] });
  assert.equal(severityOf(result("agree")), "information");
  assert.deepEqual(
    (["disagree", "cannot tell", "not checked"] as const).map((verdict) => severityOf(result(verdict))),
    ["warning", "warning", "warning"],
  );
});
