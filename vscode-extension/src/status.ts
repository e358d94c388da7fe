/** The status item: shows the server's state beside MLIR files; its menu is a command of its own. */

import * as vscode from "vscode";
import type { Server } from "./server";
import { type ServerState, shown } from "./statusText";

/** Documents beside which the state is of interest. */
const ABOUT: vscode.DocumentSelector = [{ language: "mlir" }, { scheme: "enzyme-lowered" }];

export class StatusItem implements vscode.Disposable {
  readonly #item = vscode.window.createStatusBarItem("enzyme-lsp.status", vscode.StatusBarAlignment.Right, 100);
  readonly #disposables: vscode.Disposable[];

  constructor(server: Server) {
    this.#item.name = "Enzyme MLIR";
    this.#item.command = "enzyme-lsp.menu";
    this.#disposables = [
      this.#item,
      server.onDidChange((state) => this.#show(state)),
      vscode.window.onDidChangeActiveTextEditor(() => {
        this.#show(server.state);
        this.#place();
      }),
    ];
    this.#show(server.state);
    this.#place();
  }

  dispose(): void {
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  #show(state: ServerState): void {
    const { text, details, severity } = shown(state, vscode.window.activeTextEditor?.document.uri.toString());
    this.#item.text = text;
    this.#item.tooltip = new vscode.MarkdownString(details.join("\n\n"));
    this.#item.accessibilityInformation = { label: `${text.replace(/\$\([^)]*\)\s*/g, "")}. ${details.join(" ")}` };
    this.#item.backgroundColor = severity === "none" ? undefined : new vscode.ThemeColor(`statusBarItem.${severity}Background`);
  }

  #place(): void {
    const document = vscode.window.activeTextEditor?.document;
    if (document !== undefined && vscode.languages.match(ABOUT, document) > 0) {
      this.#item.show();
    } else {
      this.#item.hide();
    }
  }
}
