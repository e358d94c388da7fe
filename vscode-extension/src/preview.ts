/**
 * Previews: lowered documents beside their sources, in which lines that belong together are marked on both sides.
 *
 * The server keeps the texts current; a cursor that the user moves in one side moves the other. Only what the user does
 * counts: a selection that we set ourselves must not come back to us.
 */

import * as vscode from "vscode";
import { LineMap } from "./lineMap";
import { LOWERED, type Lowering, type StageName, loweredUri, readUri } from "./loweredUri";
import { Method, type SourceMapResult } from "./protocol";
import { Refused, ask } from "./requests";
import type { Server } from "./server";

/** Edits that follow each other are asked about once, when they have paused. */
const PAUSE_MS = 300;

export class Previews implements vscode.Disposable {
  readonly #maps = new Map<string, LineMap>();
  readonly #pauses = new Map<string, NodeJS.Timeout>();
  readonly #mark = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor("editor.selectionHighlightBackground"),
    overviewRulerColor: new vscode.ThemeColor("editorOverviewRuler.selectionHighlightForeground"),
    overviewRulerLane: vscode.OverviewRulerLane.Center,
  });
  readonly #disposables: vscode.Disposable[];

  constructor(private readonly server: Server) {
    this.#disposables = [
      this.#mark,
      server.onDidStart(() => this.#askAgain()),
      vscode.workspace.onDidOpenTextDocument((document) => this.#follow(document)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.#follow(document)),
      vscode.workspace.onDidCloseTextDocument((document) => this.#forget(document)),
      vscode.window.onDidChangeTextEditorSelection((event) => this.#selected(event)),
    ];
  }

  /** Shows a lowering beside its source. */
  async open(lowering: Lowering, stage?: StageName): Promise<void> {
    const uri = vscode.Uri.from(loweredUri(lowering, stage));
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, {
      viewColumn: this.column,
      preserveFocus: true,
      preview: true,
    });
    await this.#map(document);
    const source = visible(lowering.source);
    if (source !== undefined) {
      this.#fromSource(source);
    }
  }

  /** Where previews are shown: where one is already, or beside the source. */
  get column(): vscode.ViewColumn {
    const shown = vscode.window.visibleTextEditors.find(({ document }) => document.uri.scheme === LOWERED);
    return shown?.viewColumn ?? vscode.ViewColumn.Beside;
  }

  dispose(): void {
    this.#pauses.forEach(clearTimeout);
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  /** A document has another text: the previews of it, or it, have another map. */
  #follow(document: vscode.TextDocument): void {
    if (document.uri.scheme === LOWERED) {
      this.#soon(document);
      return;
    }
    for (const preview of previewsOf(document.uri)) {
      this.#soon(preview);
    }
  }

  #soon(preview: vscode.TextDocument): void {
    const key = preview.uri.toString();
    clearTimeout(this.#pauses.get(key));
    this.#pauses.set(key, setTimeout(() => void this.#map(preview), PAUSE_MS));
  }

  async #map(preview: vscode.TextDocument): Promise<void> {
    const key = preview.uri.toString();
    if (readUri(preview.uri.scheme, preview.uri.query) === undefined) {
      return;
    }
    try {
      const { lines } = await ask<SourceMapResult>(this.server, Method.sourceMap, { uri: key });
      this.#maps.set(key, new LineMap(lines));
    } catch (error) {
      // A document that is a difference, or of a server that is starting again, has no map; nothing is marked in it.
      this.#maps.delete(key);
      if (!(error instanceof Refused)) {
        throw error;
      }
    }
  }

  #forget(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    this.#maps.delete(key);
    clearTimeout(this.#pauses.get(key));
    this.#pauses.delete(key);
  }

  #selected({ textEditor, kind }: vscode.TextEditorSelectionChangeEvent): void {
    const isOfUser =
      kind === vscode.TextEditorSelectionChangeKind.Mouse || kind === vscode.TextEditorSelectionChangeKind.Keyboard;
    if (!isOfUser) {
      return;
    }
    const { uri } = textEditor.document;
    const lowering = readUri(uri.scheme, uri.query);
    if (lowering !== undefined) {
      void this.#fromPreview(textEditor, lowering);
    } else if (previewsOf(uri).length > 0) {
      this.#fromSource(textEditor);
    }
  }

  async #fromPreview(preview: vscode.TextEditor, lowering: Lowering): Promise<void> {
    const map = this.#maps.get(preview.document.uri.toString());
    const line = preview.selection.active.line;
    const sourceLine = map?.source(line);
    if (map === undefined || sourceLine === undefined) {
      preview.setDecorations(this.#mark, []);
      return;
    }
    preview.setDecorations(this.#mark, map.siblings(line).map(wholeLine));
    const editor = visible(lowering.source) ?? (await this.#shownSource(preview, lowering));
    const at = new vscode.Position(sourceLine, firstColumn(editor.document, sourceLine));
    editor.selection = new vscode.Selection(at, at);
    editor.revealRange(new vscode.Range(at, at), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    editor.setDecorations(this.#mark, [wholeLine(sourceLine)]);
  }

  #fromSource(source: vscode.TextEditor): void {
    const line = source.selection.active.line;
    let isMarked = false;
    for (const editor of vscode.window.visibleTextEditors) {
      if (isPreviewOf(editor.document, source.document.uri)) {
        const lines = this.#maps.get(editor.document.uri.toString())?.lowered(line) ?? [];
        editor.setDecorations(this.#mark, lines.map(wholeLine));
        isMarked = isMarked || lines.length > 0;
        const first = lines[0];
        if (first !== undefined) {
          editor.revealRange(wholeLine(first), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
        }
      }
    }
    source.setDecorations(this.#mark, isMarked ? [wholeLine(line)] : []);
  }

  /** The source is in no editor that can be seen: it comes to the side where the preview is not. */
  async #shownSource(preview: vscode.TextEditor, lowering: Lowering): Promise<vscode.TextEditor> {
    const first = preview.viewColumn === vscode.ViewColumn.One;
    return vscode.window.showTextDocument(vscode.Uri.parse(lowering.source, true), {
      viewColumn: first ? vscode.ViewColumn.Two : vscode.ViewColumn.One,
      preserveFocus: true,
    });
  }

  /** A server that has just started knows no preview, until each is read anew. */
  #askAgain(): void {
    const providers = this.server.client?.getFeature("workspace/textDocumentContent")?.getProviders() ?? [];
    for (const document of vscode.workspace.textDocuments) {
      if (document.uri.scheme === LOWERED) {
        providers.forEach((provider) => provider.onDidChangeEmitter.fire(document.uri));
        this.#soon(document);
      }
    }
  }
}

function previewsOf(source: vscode.Uri): readonly vscode.TextDocument[] {
  return vscode.workspace.textDocuments.filter((document) => isPreviewOf(document, source));
}

function isPreviewOf(document: vscode.TextDocument, source: vscode.Uri): boolean {
  const lowering = readUri(document.uri.scheme, document.uri.query);
  return lowering !== undefined && isSame(lowering.source, source);
}

function visible(source: string): vscode.TextEditor | undefined {
  return vscode.window.visibleTextEditors.find((editor) => isSame(source, editor.document.uri));
}

function isSame(source: string, uri: vscode.Uri): boolean {
  return source === uri.toString() || vscode.Uri.parse(source, true).toString() === uri.toString();
}

function wholeLine(line: number): vscode.Range {
  return new vscode.Range(line, 0, line, 0);
}

function firstColumn(document: vscode.TextDocument, line: number): number {
  return line < document.lineCount ? document.lineAt(line).firstNonWhitespaceCharacterIndex : 0;
}
