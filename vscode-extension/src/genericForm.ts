/** The operation at the cursor in generic form, as a read-only document beside it. */

import * as vscode from "vscode";
import { mlirEditor } from "./documents";
import { type GenericForm, Method } from "./protocol";
import { ask, running } from "./requests";
import type { Server } from "./server";

const SCHEME = "enzyme-generic-form";

export class GenericForms implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #registered = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  readonly #texts = new Map<string, string>();

  constructor(private readonly server: Server) {}

  async show(): Promise<void> {
    const editor = mlirEditor();
    const convert = running(this.server).code2ProtocolConverter;
    const { text } = await ask<GenericForm>(this.server, Method.genericForm, {
      textDocument: convert.asTextDocumentIdentifier(editor.document),
      position: convert.asPosition(editor.selection.active),
    });
    // One document for each file: the next operation takes the place of the last.
    const uri = vscode.Uri.from({ scheme: SCHEME, path: editor.document.uri.path, query: editor.document.uri.toString() });
    this.#texts.set(uri.toString(), text);
    this.#changed.fire(uri);
    const document = await vscode.languages.setTextDocumentLanguage(await vscode.workspace.openTextDocument(uri), "mlir");
    await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true, preview: true });
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.toString()) ?? "// The operation is no longer known.\n";
  }

  dispose(): void {
    vscode.Disposable.from(this.#registered, this.#changed).dispose();
  }
}
