/** What came of checks of gradients, as a text to read; must not know VS Code. */

import type { GradcheckComparison, GradcheckEntry, GradcheckResult } from "./protocol";

const INDENT = "  ";
const HEAD = ["varied", "of", "derivative", "differences", "may be off by", "error", ""] as const;

export function reportOf({ summary, derivatives }: GradcheckResult): string {
  const parts = derivatives.map((entry) => [titleOf(entry), `${INDENT}line ${entry.line + 1}`, ...detailsOf(entry)].join("\n"));
  return `${[summary, ...parts].join("\n\n")}\n`;
}

/** The line of the document, from 1, that a line of a report names. */
export function lineNamedBy(text: string): number | undefined {
  const found = /^ {2}line (\d+)$/.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** How bad it is: what VS Code's messages distinguish. */
export function severityOf({ derivatives }: GradcheckResult): "information" | "warning" {
  return derivatives.every(({ verdict }) => verdict === "agree") ? "information" : "warning";
}

function titleOf({ operation, function: name, mode, verdict, reason }: GradcheckEntry): string {
  const what = [operation, name === "" ? "" : `of @${name}`, mode === "" ? "" : `(${mode})`].filter((part) => part !== "");
  return `${verdict.toUpperCase()}  ${what.join(" ")}${reason === "" ? "" : `: ${reason}`}`;
}

function detailsOf({ at, comparisons }: GradcheckEntry): readonly string[] {
  const where = at.length === 0 ? [] : [`${INDENT}at ${at.join(", ")}`];
  return comparisons.length === 0 ? where : [...where, "", ...table([HEAD, ...comparisons.map(rowOf)])];
}

function rowOf(one: GradcheckComparison): readonly string[] {
  return [one.argument, one.output, one.derivative, one.differences, one.uncertainty, one.error, one.verdict];
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `${INDENT}${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd());
}
