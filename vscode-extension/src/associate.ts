/** Makes files with the ending of the active one MLIR, in the user's settings, where the editor itself looks. */

import { basename } from "node:path";
import * as vscode from "vscode";
import { Refused } from "./requests";

export async function associate(): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  const ending = document === undefined ? undefined : /\.[^.]+$/.exec(basename(document.fileName))?.[0];
  if (document === undefined || ending === undefined) {
    throw new Refused("This works in a file whose name has an ending, as .ttir");
  }
  const files = vscode.workspace.getConfiguration("files");
  const known = files.inspect<Record<string, string>>("associations")?.globalValue ?? {};
  await files.update("associations", { ...known, [`*${ending}`]: "mlir" }, vscode.ConfigurationTarget.Global);
  await vscode.languages.setTextDocumentLanguage(document, "mlir");
}
