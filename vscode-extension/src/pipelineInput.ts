/** The box in which a pipeline is written: completions, what is wrong with it, and what was written before. */

import * as vscode from "vscode";
import { completed, problemText } from "./pipelineText";
import { readHistory, remembered } from "./pipelineHistory";
import { Method, type PipelineCompletion, type PipelineResult } from "./protocol";
import { Refused, ask, running } from "./requests";
import type { Server } from "./server";

const HISTORY = "pipelines";

/** Two keys that follow each other are one question. */
const PAUSE_MS = 60;

/** More completions than this are found sooner by typing on. */
const MOST_COMPLETIONS = 40;

interface Row extends vscode.QuickPickItem {
  readonly completion?: PipelineCompletion;
  readonly earlier?: string;
  readonly runs?: boolean;
}

export class PipelineInput {
  constructor(
    private readonly server: Server,
    private readonly memory: vscode.Memento,
  ) {}

  get history(): readonly string[] {
    return readHistory(this.memory.get(HISTORY));
  }

  /** The pipeline that the user has written, or undefined. `text` is what stands in the box first. */
  async edited(document: vscode.TextDocument, text: string): Promise<string | undefined> {
    const uri = running(this.server).code2ProtocolConverter.asUri(document.uri);
    const written = await new Box(this.server, uri, this.history).shown(text);
    if (written !== undefined) {
      await this.memory.update(HISTORY, remembered(this.history, written));
    }
    return written;
  }
}

/** One time that the box is shown. */
class Box {
  readonly #pick = vscode.window.createQuickPick<Row>();
  #pause: NodeJS.Timeout | undefined;
  #question = 0;

  constructor(
    private readonly server: Server,
    private readonly uri: string,
    private readonly history: readonly string[],
  ) {}

  shown(text: string): Promise<string | undefined> {
    const pick = this.#pick;
    pick.title = "Passes, as MLIR writes them";
    pick.placeholder = "enzyme,canonicalize,cse";
    pick.value = text;
    // What is chosen to be typed goes on in the same box.
    pick.keepScrollPosition = true;
    return new Promise((resolve) => {
      pick.onDidChangeValue(() => this.#soon());
      pick.onDidAccept(() => this.#accept(resolve));
      pick.onDidHide(() => {
        clearTimeout(this.#pause);
        resolve(undefined);
        pick.dispose();
      });
      this.#show(text, { passes: [], problems: [], completions: [] });
      pick.show();
      void this.#help();
    });
  }

  #accept(resolve: (text: string) => void): void {
    const row = this.#pick.selectedItems[0];
    if (row?.completion !== undefined) {
      this.#pick.value = completed(this.#pick.value, row.completion);
      void this.#help();
    } else if (row?.earlier !== undefined) {
      this.#pick.value = row.earlier;
      void this.#help();
    } else if (row?.runs === true) {
      resolve(this.#pick.value.trim());
      this.#pick.hide();
    }
  }

  #soon(): void {
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => void this.#help(), PAUSE_MS);
  }

  async #help(): Promise<void> {
    const question = ++this.#question;
    const text = this.#pick.value;
    const params = { textDocument: { uri: this.uri }, text };
    try {
      const help = await ask<PipelineResult>(this.server, Method.pipeline, params);
      if (question === this.#question) {
        this.#show(text, help);
      }
    } catch (error) {
      if (!(error instanceof Refused)) {
        throw error;
      }
    }
  }

  #show(text: string, help: PipelineResult): void {
    const problem = problemText(help.problems);
    const meanings = help.passes.filter((pass) => pass.meaning !== "").map((pass) => `${pass.name}: ${pass.meaning}`);
    const rows: Row[] = [];
    if (problem !== undefined) {
      rows.push({ label: `$(error) ${problem}`, alwaysShow: true });
    } else if (text.trim() !== "") {
      rows.push({ label: "$(play) Lower with this pipeline", detail: meanings.join("; "), runs: true, alwaysShow: true });
    }
    if (help.completions.length > 0) {
      rows.push({ label: "go on with", kind: vscode.QuickPickItemKind.Separator });
      rows.push(...help.completions.slice(0, MOST_COMPLETIONS).map(completionRow));
    }
    const earlier = this.history.filter((one) => one !== text);
    if (earlier.length > 0) {
      rows.push({ label: "written before", kind: vscode.QuickPickItemKind.Separator });
      rows.push(...earlier.map((one) => ({ label: `$(history) ${one}`, earlier: one, alwaysShow: true })));
    }
    this.#pick.items = rows;
    // The word that is being typed is wrong until it is whole: then Enter completes it.
    const completion = problem === undefined ? undefined : rows.find((row) => row.completion !== undefined);
    this.#pick.activeItems = completion === undefined ? rows.slice(0, 1) : [completion];
  }
}

function completionRow(completion: PipelineCompletion): Row {
  // The box compares labels with the whole text, which a pass is a part of; the server has chosen already.
  return { label: completion.label, description: completion.detail, completion, alwaysShow: true };
}
