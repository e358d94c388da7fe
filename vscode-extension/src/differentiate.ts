/** Differentiate: the derivatives that the server can write of a function, as a list; must not know how they look. */

import * as vscode from "vscode";
import { act } from "./actions";
import { around, functionsOf, mlirEditor } from "./documents";
import type { ShowActionsParams } from "./protocol";
import { Refused, running } from "./requests";
import type { Server } from "./server";

/** The kinds of all derivatives; those below them, as `reverse.seeds`, are of their kind. */
const DERIVATIVES = ["reverse", "forward", "jacobian", "hvp", "batch"].map((mode) => `refactor.rewrite.enzyme.${mode}`);

/** From the palette or the context menu: of the function around the cursor, or of one that is chosen. */
export async function differentiate(server: Server): Promise<void> {
  const editor = mlirEditor();
  running(server);
  const functions = await functionsOf(editor.document);
  if (functions.length === 0) {
    throw new Refused("There is no function in this file");
  }
  const here = around(functions, editor.selection.active) ?? (functions.length === 1 ? functions[0] : undefined);
  const chosen =
    here ??
    (
      await vscode.window.showQuickPick(
        functions.map((one) => ({ label: one.name, description: `line ${one.at.line + 1}`, one })),
        { title: "Differentiate which function?" },
      )
    )?.one;
  if (chosen !== undefined) {
    await act(server, editor, { place: chosen.at, only: DERIVATIVES, title: `Derivatives of ${chosen.name}` });
  }
}

/** From a lens: at its place, of the kinds that it names. */
export async function showActions(server: Server, params: ShowActionsParams): Promise<void> {
  const convert = running(server).protocol2CodeConverter;
  const editor = await vscode.window.showTextDocument(convert.asUri(params.uri), { preserveFocus: false });
  await act(server, editor, { place: convert.asPosition(params.position), only: params.only, title: "Differentiate" });
}
