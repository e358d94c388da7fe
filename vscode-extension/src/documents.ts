/** Which documents are meant, and where in them; must not know what is done there. */

import * as vscode from "vscode";
import { type Lowering, readUri } from "./loweredUri";
import { Refused } from "./requests";
import { WRITTEN } from "./settings";

/** The editor whose MLIR a command is about. */
export function mlirEditor(): vscode.TextEditor {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined || !isMlir(editor.document)) {
    throw new Refused("This works in an MLIR file");
  }
  return editor;
}

export function isMlir(document: vscode.TextDocument): boolean {
  return vscode.languages.match(WRITTEN, document) > 0;
}

/** What is lowered by a command: that of the document, or of the preview that has the focus, which has a source. */
export async function mlirSource(): Promise<vscode.TextDocument> {
  const lowering = activePreview();
  if (lowering !== undefined) {
    return vscode.workspace.openTextDocument(vscode.Uri.parse(lowering.source, true));
  }
  return mlirEditor().document;
}

/** The lowering that the active editor shows. */
export function activePreview(): Lowering | undefined {
  const uri = vscode.window.activeTextEditor?.document.uri;
  return uri === undefined ? undefined : readUri(uri.scheme, uri.query);
}

/** A function, and the place of its name. */
export interface NamedFunction {
  readonly name: string;
  readonly range: vscode.Range;
  readonly at: vscode.Position;
}

export async function functionsOf(document: vscode.TextDocument): Promise<readonly NamedFunction[]> {
  const symbols =
    (await vscode.commands.executeCommand<vscode.DocumentSymbol[] | undefined>(
      "vscode.executeDocumentSymbolProvider",
      document.uri,
    )) ?? [];
  return symbols.flatMap(within);
}

/** The innermost function around a place. */
export function around(functions: readonly NamedFunction[], place: vscode.Position): NamedFunction | undefined {
  return functions.filter((one) => one.range.contains(place)).at(-1);
}

function within(symbol: vscode.DocumentSymbol): NamedFunction[] {
  const inner = symbol.children.flatMap(within);
  if (symbol.kind !== vscode.SymbolKind.Function) {
    return inner;
  }
  return [{ name: symbol.name, range: symbol.range, at: symbol.selectionRange.start }, ...inner];
}
