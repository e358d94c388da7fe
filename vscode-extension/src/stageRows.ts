/** The stages of a lowering as rows of a list: what each says, and which are shown; must not know VS Code. */

import type { LowerResult, LoweredStage } from "./protocol";

/** A stage of which there is a document, or what ended the lowering. */
export interface StageRow {
  /** From 0, which is the input. */
  readonly number: number;
  readonly label: string;
  readonly description: string;
  readonly icon: "file" | "diff-modified" | "circle-outline" | "error";
  /** The document that shows it; empty for what has none. */
  readonly uri: string;
  readonly tooltip: string;
}

export interface StageFilter {
  readonly onlyChanged: boolean;
  /** A part of the pass's name; empty for all. */
  readonly name: string;
}

export const ALL: StageFilter = { onlyChanged: false, name: "" };

export function rowsOf(result: LowerResult, filter: StageFilter): readonly StageRow[] {
  const stages = result.stages.flatMap((stage, number) => (isShown(stage, number, filter) ? [stageRow(stage, number)] : []));
  return result.outcome === "accepted" ? stages : [...stages, failureRow(result)];
}

/** One line over the list. */
export function summary(result: LowerResult, filter: StageFilter): string {
  const passes = Math.max(0, result.stages.length - 1);
  const changed = result.stages.filter((stage, number) => number > 0 && stage.changed).length;
  const spent = result.stages.reduce((sum, stage) => sum + stage.milliseconds, 0);
  const parts = [`${passes} ${passes === 1 ? "pass" : "passes"}`, `${changed} changed the module`, time(spent)];
  if (filter.name !== "") {
    parts.push(`with "${filter.name}"`);
  }
  return parts.join(", ");
}

export function time(milliseconds: number): string {
  if (milliseconds >= 1000) {
    return `${(milliseconds / 1000).toFixed(1)} s`;
  }
  return milliseconds >= 10 ? `${Math.round(milliseconds)} ms` : `${milliseconds.toFixed(1)} ms`;
}

/** The input is where everything begins, so that it is always there. */
function isShown(stage: LoweredStage, number: number, filter: StageFilter): boolean {
  const isWanted = stage.changed || !filter.onlyChanged;
  return number === 0 || (isWanted && stage.name.toLowerCase().includes(filter.name.toLowerCase()));
}

function stageRow(stage: LoweredStage, number: number): StageRow {
  if (number === 0) {
    return { number, label: "input", description: "", icon: "file", uri: stage.uri, tooltip: "What is lowered" };
  }
  const changes = stage.changed ? "changed the module" : "changed nothing";
  return {
    number,
    label: `${number}. ${stage.name}`,
    description: stage.changed ? `${time(stage.milliseconds)} • changed` : time(stage.milliseconds),
    icon: stage.changed ? "diff-modified" : "circle-outline",
    uri: stage.uri,
    tooltip: `${stage.name} ${changes} in ${time(stage.milliseconds)}`,
  };
}

function failureRow(result: LowerResult): StageRow {
  const problems = result.problems.map((problem) => `${problem.severity}: ${problem.message}`);
  return {
    number: result.stages.length,
    label: result.failed === "" ? result.outcome : `${result.failed}: ${result.outcome}`,
    description: result.detail,
    icon: "error",
    uri: "",
    tooltip: [result.detail, ...problems].join("\n\n"),
  };
}
