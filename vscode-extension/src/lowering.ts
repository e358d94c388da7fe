/** Lower: which pipeline, chosen or written, for the document or a symbol of it; others show what comes of it. */

import * as vscode from "vscode";
import { activePreview, mlirSource } from "./documents";
import { type Lowering, nameOf } from "./loweredUri";
import type { PipelineInput } from "./pipelineInput";
import { Method, type PipelineChoice, type PipelinesResult, type ShowLoweringParams } from "./protocol";
import { Refused, ask, running } from "./requests";
import type { Server } from "./server";

/** Where a lowering is shown. */
export type Show = (lowering: Lowering) => Promise<void>;

const EDIT: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon("edit"), tooltip: "Edit this pipeline" };

interface Row extends vscode.QuickPickItem {
  readonly choice?: PipelineChoice;
  readonly writes?: boolean;
  readonly pipeline?: string;
}

const GROUPS: readonly (readonly [PipelineChoice["where"], string])[] = [
  ["run line", "RUN lines of this file"],
  ["preset", "presets"],
  ["setting", "from your settings"],
];

export class LoweringCommands {
  constructor(
    private readonly server: Server,
    private readonly input: PipelineInput,
    private readonly show: Show,
  ) {}

  /** Any pipeline, from a list. */
  async choose(): Promise<void> {
    await this.#chooseFrom(await mlirSource(), {}, () => true);
  }

  /** A RUN line of the document. */
  async chooseRunLine(): Promise<void> {
    await this.#chooseFrom(await mlirSource(), {}, (choice) => choice.where === "run line");
  }

  /** A pipeline that the user writes. In a preview it begins with that of the preview. */
  async write(): Promise<void> {
    const source = await mlirSource();
    await this.#write(source, {}, activePreview()?.pipeline ?? this.input.history[0] ?? "");
  }

  /** From a lens: a symbol of a document. */
  async lowerSymbol(params: ShowLoweringParams): Promise<void> {
    const uri = running(this.server).protocol2CodeConverter.asUri(params.uri);
    const document = await vscode.workspace.openTextDocument(uri);
    await this.#chooseFrom(document, { symbol: params.symbol }, (choice) => choice.where !== "run line");
  }

  async #chooseFrom(
    document: vscode.TextDocument,
    part: { readonly symbol?: string },
    wanted: (choice: PipelineChoice) => boolean,
  ): Promise<void> {
    const source = running(this.server).code2ProtocolConverter.asUri(document.uri);
    const { pipelines } = await ask<PipelinesResult>(this.server, Method.pipelines, { textDocument: { uri: source } });
    const choices = pipelines.filter(wanted);
    if (choices.length === 0) {
      throw new Refused("This file has no RUN line with a pipeline");
    }
    const title = part.symbol === undefined ? "Lower with" : `Lower @${part.symbol} with`;
    const row = await picked(title, rowsOf(choices));
    if (row?.writes === true) {
      await this.#write(document, part, row.pipeline ?? this.input.history[0] ?? "");
    } else if (row?.choice !== undefined) {
      if (row.choice.reason !== "") {
        throw new Refused(row.choice.reason);
      }
      await this.show({ source, ...part, ...how(row.choice) });
    }
  }

  async #write(document: vscode.TextDocument, part: { readonly symbol?: string }, text: string): Promise<void> {
    const source = running(this.server).code2ProtocolConverter.asUri(document.uri);
    const pipeline = await this.input.edited(document, text);
    if (pipeline !== undefined) {
      await this.show({ source, ...part, pipeline });
    }
  }
}

function how(choice: PipelineChoice): Pick<Lowering, "preset" | "runLine"> {
  return choice.where === "run line" ? { runLine: Number(choice.name) } : { preset: choice.name };
}

function rowsOf(choices: readonly PipelineChoice[]): Row[] {
  const rows = GROUPS.flatMap(([where, label]): Row[] => {
    const ofGroup = choices.filter((choice) => choice.where === where);
    const separator: Row = { label, kind: vscode.QuickPickItemKind.Separator };
    return ofGroup.length === 0 ? [] : [separator, ...ofGroup.map(rowOf)];
  });
  rows.push(
    { label: "", kind: vscode.QuickPickItemKind.Separator },
    { label: "$(edit) Write a pipeline...", writes: true, alwaysShow: true },
  );
  return rows;
}

function rowOf(choice: PipelineChoice): Row {
  const name = nameOf({ source: "", ...how(choice) });
  return {
    label: choice.reason === "" ? name : `$(circle-slash) ${name}`,
    description: choice.meaning,
    detail: choice.reason === "" ? choice.pipeline : choice.reason,
    buttons: choice.pipeline === "" ? [] : [EDIT],
    choice,
  };
}

/** The row that the user takes; the pencil beside one takes its pipeline to be edited. */
function picked(title: string, rows: readonly Row[]): Promise<Row | undefined> {
  const pick = vscode.window.createQuickPick<Row>();
  pick.title = title;
  pick.matchOnDescription = pick.matchOnDetail = true;
  pick.items = rows;
  return new Promise((resolve) => {
    pick.onDidAccept(() => {
      resolve(pick.selectedItems[0]);
      pick.hide();
    });
    pick.onDidTriggerItemButton(({ item }) => {
      resolve({ label: item.label, writes: true, pipeline: item.choice?.pipeline ?? "" });
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}
