/** A first file for whoever has none: a function, and room for its derivative. */

import * as vscode from "vscode";

const TEXT = `// Put the cursor on @f and choose "Enzyme: Differentiate", or click on the words above it.

func.func @f(%x: f64, %y: f64) -> f64 {
  %0 = arith.mulf %x, %y : f64
  %1 = math.sin %0 : f64
  return %1 : f64
}
`;

export async function openExample(): Promise<void> {
  const document = await vscode.workspace.openTextDocument({ language: "mlir", content: TEXT });
  const editor = await vscode.window.showTextDocument(document);
  const at = new vscode.Position(2, TEXT.split("\n")[2]?.indexOf("@f") ?? 0);
  editor.selection = new vscode.Selection(at, at);
}
