/** Checks gradients against differences, which runs the code of the document, and shows what came of it beside it. */

import { basename } from "node:path";
import * as vscode from "vscode";
import { mlirEditor } from "./documents";
import { lineNamedBy, reportOf, severityOf } from "./gradcheckReport";
import { type GradcheckParams, type GradcheckResult, Method } from "./protocol";
import { ask, running } from "./requests";
import type { Server } from "./server";

const SCHEME = "enzyme-gradcheck";

const TRUST = "Manage Trust";

export class Gradchecks
  implements vscode.TextDocumentContentProvider, vscode.DocumentLinkProvider, vscode.Disposable
{
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #registered = [
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
    vscode.languages.registerDocumentLinkProvider({ scheme: SCHEME }, this),
  ];
  readonly #texts = new Map<string, string>();

  constructor(private readonly server: Server) {}

  /** The operation at the cursor, or the function in whose header it is. */
  async checkHere(): Promise<void> {
    const { document, selection } = mlirEditor();
    const convert = running(this.server).code2ProtocolConverter;
    await this.check({
      textDocument: convert.asTextDocumentIdentifier(document),
      position: convert.asPosition(selection.active),
    });
  }

  /** Each operation of the file that differentiates. */
  async checkFile(): Promise<void> {
    const convert = running(this.server).code2ProtocolConverter;
    await this.check({ textDocument: convert.asTextDocumentIdentifier(mlirEditor().document) });
  }

  /** What a lens asks for, too. */
  async check(params: GradcheckParams): Promise<void> {
    if (!vscode.workspace.isTrusted) {
      const message = "Checking a gradient runs the code of the file, for which you must trust this workspace.";
      if ((await vscode.window.showWarningMessage(message, TRUST)) === TRUST) {
        await vscode.commands.executeCommand("workbench.trust.manage");
      }
      return;
    }
    const source = running(this.server).protocol2CodeConverter.asUri(params.textDocument.uri);
    const progress = {
      location: vscode.ProgressLocation.Notification,
      title: `Checking gradients of ${basename(source.path)}`,
      cancellable: true,
    };
    const result = await vscode.window.withProgress(progress, (_, token) =>
      ask<GradcheckResult>(this.server, Method.gradcheck, params, token),
    );
    await this.#show(source, result);
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.toString()) ?? "Nothing is known of a check.\n";
  }

  /** From a report to the derivatives that it is about. */
  provideDocumentLinks(document: vscode.TextDocument): vscode.DocumentLink[] {
    const source = vscode.Uri.parse(document.uri.query, true);
    return document
      .getText()
      .split("\n")
      .flatMap((text, at) => {
        const line = lineNamedBy(text);
        const range = new vscode.Range(at, text.length - text.trimStart().length, at, text.length);
        return line === undefined ? [] : [new vscode.DocumentLink(range, source.with({ fragment: `L${line}` }))];
      });
  }

  dispose(): void {
    vscode.Disposable.from(...this.#registered, this.#changed).dispose();
  }

  async #show(source: vscode.Uri, result: GradcheckResult): Promise<void> {
    // One document for each file: the next check takes the place of the last.
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `${source.path}: gradients`, query: source.toString() });
    this.#texts.set(uri.toString(), reportOf(result));
    this.#changed.fire(uri);
    await vscode.window.showTextDocument(uri, { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true, preview: true });
    if (severityOf(result) === "warning") {
      void vscode.window.showWarningMessage(`Enzyme: ${result.summary}`);
    }
  }
}
