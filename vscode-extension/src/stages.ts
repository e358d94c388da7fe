/** The list of stages: what every pass of the lowering that is shown has done; a click shows the module after it. */

import * as vscode from "vscode";
import { type Lowering, nameOf } from "./loweredUri";
import type { Previews } from "./preview";
import { type LowerResult, Method } from "./protocol";
import { Refused, ask, told } from "./requests";
import type { Server } from "./server";
import { ALL, type StageFilter, type StageRow, rowsOf, summary } from "./stageRows";

const VIEW = "enzyme-lsp.stages";

/** What package.json asks for, to show the list and its buttons. */
const HAS_STAGES = "enzyme-lsp.hasStages";
const ONLY_CHANGED = "enzyme-lsp.onlyChangedStages";

export class Stages implements vscode.TreeDataProvider<StageRow>, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #view = vscode.window.createTreeView<StageRow>(VIEW, { treeDataProvider: this });
  readonly #disposables: vscode.Disposable[];
  #lowering: Lowering | undefined;
  #result: LowerResult | undefined;
  #filter = ALL;
  #wasRevealed = false;
  /** A newer question makes the answer to an older one worthless. */
  #question = 0;

  constructor(
    private readonly server: Server,
    private readonly previews: Previews,
  ) {
    this.#disposables = [
      this.#changed,
      this.#view,
      vscode.workspace.onDidSaveTextDocument((document) => {
        if (this.#lowering !== undefined && document.uri.toString() === uriOf(this.#lowering.source).toString()) {
          void told(() => this.refresh());
        }
      }),
    ];
  }

  /** Shows the last stage of a lowering beside its source, and the list of all. */
  async show(lowering: Lowering): Promise<void> {
    this.#lowering = lowering;
    const location = { location: vscode.ProgressLocation.Window, title: `Lowering: ${nameOf(lowering)}` };
    await vscode.window.withProgress(location, async () => {
      await this.refresh();
      await this.previews.open(lowering);
    });
    await this.#reveal();
    const result = this.#result;
    if (result !== undefined && result.outcome !== "accepted") {
      const reason = result.detail === "" ? result.outcome : result.detail;
      void vscode.window.showWarningMessage(`Enzyme: ${result.failed === "" ? "" : `${result.failed}: `}${reason}`);
    }
  }

  async refresh(): Promise<void> {
    const lowering = this.#lowering;
    if (lowering === undefined) {
      return;
    }
    const question = ++this.#question;
    const { source, ...how } = lowering;
    const params = { textDocument: { uri: source }, stages: "last", ...how };
    const result = await ask<LowerResult>(this.server, Method.lower, params);
    if (question === this.#question) {
      this.#result = result;
      this.#redraw();
      await vscode.commands.executeCommand("setContext", HAS_STAGES, true);
    }
  }

  /** Click on a row. */
  async open(row: StageRow): Promise<void> {
    if (this.#lowering !== undefined && row.uri !== "") {
      await this.previews.open(this.#lowering, { number: row.number, name: row.label });
    } else if (row.icon === "error") {
      await vscode.window.showErrorMessage(row.tooltip, { modal: true });
    }
  }

  /** What a pass has done: the module before it beside the one after it. */
  async compare(row: StageRow): Promise<void> {
    const before = this.#result?.stages[row.number - 1];
    if (before === undefined || row.uri === "") {
      throw new Refused("There is no stage before this one");
    }
    await this.#diff(row.number - 1, row.number);
  }

  /** A stage beside any other. */
  async compareWith(row: StageRow): Promise<void> {
    const others = rowsOf(this.#result ?? nothing(), ALL).filter((one) => one.uri !== "" && one.number !== row.number);
    const items = others.map((one) => ({ label: one.label, description: one.description, one }));
    const other = await vscode.window.showQuickPick(items, { title: `Compare ${row.label} with` });
    if (other !== undefined) {
      await this.#diff(Math.min(row.number, other.one.number), Math.max(row.number, other.one.number));
    }
  }

  async filterByName(): Promise<void> {
    const name = await vscode.window.showInputBox({ title: "Show passes with this in their names", value: this.#filter.name });
    if (name !== undefined) {
      this.#setFilter({ ...this.#filter, name: name.trim() });
    }
  }

  showChanged(): void {
    this.#setFilter({ ...this.#filter, onlyChanged: true });
  }

  showAll(): void {
    this.#setFilter(ALL);
  }

  getChildren(row?: StageRow): StageRow[] {
    return row !== undefined || this.#result === undefined ? [] : [...rowsOf(this.#result, this.#filter)];
  }

  getParent(): undefined {
    return undefined;
  }

  getTreeItem(row: StageRow): vscode.TreeItem {
    const item = new vscode.TreeItem(row.label);
    item.id = `${row.number} ${row.label}`;
    item.description = row.description;
    item.tooltip = row.tooltip;
    item.accessibilityInformation = { label: `${row.label} ${row.description}`.trimEnd() };
    const color = { "diff-modified": "gitDecoration.modifiedResourceForeground", error: "errorForeground" } as const;
    const colored = row.icon === "diff-modified" || row.icon === "error" ? new vscode.ThemeColor(color[row.icon]) : undefined;
    item.iconPath = new vscode.ThemeIcon(row.icon, colored);
    item.contextValue = row.uri === "" ? "failure" : row.number === 0 ? "input" : "stage";
    item.command = { command: "enzyme-lsp.stages.open", title: "Show This Stage", arguments: [row] };
    return item;
  }

  dispose(): void {
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  /** Opens the list the first time that there is one; who closes it then wants it closed. */
  async #reveal(): Promise<void> {
    const first = this.getChildren()[0];
    if (!this.#wasRevealed && first !== undefined) {
      this.#wasRevealed = true;
      await this.#view.reveal(first, { select: false, focus: false });
    }
  }

  async #diff(before: number, after: number): Promise<void> {
    const [left, right] = [this.#result?.stages[before], this.#result?.stages[after]];
    if (left !== undefined && right !== undefined) {
      const title = before === 0 ? `input ↔ ${right.name}` : `${left.name} ↔ ${right.name}`;
      const options: vscode.TextDocumentShowOptions = { viewColumn: this.previews.column, preview: true };
      await vscode.commands.executeCommand("vscode.diff", uriOf(left.uri), uriOf(right.uri), title, options);
    }
  }

  #setFilter(filter: StageFilter): void {
    this.#filter = filter;
    void vscode.commands.executeCommand("setContext", ONLY_CHANGED, filter.onlyChanged || filter.name !== "");
    this.#redraw();
  }

  #redraw(): void {
    if (this.#lowering !== undefined && this.#result !== undefined) {
      this.#view.description = nameOf(this.#lowering);
      this.#view.message = summary(this.#result, this.#filter);
    }
    this.#changed.fire();
  }
}

function nothing(): LowerResult {
  return { outcome: "unavailable", engine: "", failed: "", detail: "", stages: [], problems: [] };
}

function uriOf(text: string): vscode.Uri {
  return vscode.Uri.parse(text, true);
}
