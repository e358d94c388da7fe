/** Code actions of some kinds at a place: asked for, chosen from a list and applied; must not know which kinds. */

import * as vscode from "vscode";
import type { CodeAction, CodeActionTriggerKind, Command } from "vscode-languageclient/node";
import { Refused, ask, running } from "./requests";
import type { Server } from "./server";

/** Somebody asks for the actions; they are not looked for beside a cursor that moves. */
const INVOKED: CodeActionTriggerKind = 1;

/** The actions of these kinds, those that cannot be done here with the reason why. */
export async function offered(
  server: Server,
  document: vscode.TextDocument,
  place: vscode.Range | vscode.Position,
  only: readonly string[],
): Promise<readonly CodeAction[]> {
  const convert = running(server).code2ProtocolConverter;
  const range = place instanceof vscode.Position ? new vscode.Range(place, place) : place;
  const found = await ask<(CodeAction | Command)[] | null>(server, "textDocument/codeAction", {
    textDocument: convert.asTextDocumentIdentifier(document),
    range: convert.asRange(range),
    context: { diagnostics: [], only: [...only], triggerKind: INVOKED },
  });
  return (found ?? []).filter((one): one is CodeAction => typeof one.command !== "string");
}

/** Lets the user choose; one that is alone needs no list. Those that cannot be done are shown last, with the reason. */
export async function chosen(title: string, actions: readonly CodeAction[]): Promise<CodeAction | undefined> {
  const possible = actions.filter((one) => one.disabled === undefined);
  const disabled = actions.filter((one) => one.disabled !== undefined);
  if (actions.length === 0) {
    throw new Refused("There is nothing of the kind to do at this place");
  }
  if (possible.length === 0 && disabled.length === 1) {
    throw new Refused(disabled[0]?.disabled?.reason ?? "");
  }
  if (actions.length === 1) {
    return actions[0];
  }
  const items: (vscode.QuickPickItem & { action?: CodeAction })[] = possible.map((action) => ({
    label: action.title,
    action,
  }));
  if (disabled.length > 0) {
    items.push({ label: "Not here", kind: vscode.QuickPickItemKind.Separator });
    items.push(...disabled.map((action) => ({ label: `$(circle-slash) ${action.title}`, detail: action.disabled?.reason ?? "", action })));
  }
  const pick = await vscode.window.showQuickPick(items, { title, matchOnDetail: true });
  if (pick?.action?.disabled !== undefined) {
    throw new Refused(pick.action.disabled.reason);
  }
  return pick?.action;
}

/** Does what an action says, and shows where. */
export async function apply(server: Server, action: CodeAction): Promise<void> {
  const { protocol2CodeConverter } = running(server);
  const needsEdit = action.edit === undefined && action.data !== undefined;
  const whole = needsEdit ? await ask<CodeAction>(server, "codeAction/resolve", action) : action;
  const edit = await protocol2CodeConverter.asWorkspaceEdit(whole.edit);
  if (edit !== undefined) {
    if (!(await vscode.workspace.applyEdit(edit, { isRefactoring: true }))) {
      throw new Refused("The text has changed meanwhile, so that nothing was done");
    }
    reveal(edit);
  }
  if (whole.command !== undefined) {
    await vscode.commands.executeCommand(whole.command.command, ...(whole.command.arguments ?? []));
  }
}

/** What actions are asked for: a place, the kinds, and the title of their list. */
export interface Wanted {
  readonly place: vscode.Range | vscode.Position;
  readonly only: readonly string[];
  readonly title: string;
  /** Where there is nothing at the place, the file is meant. */
  readonly orFile?: boolean;
}

/** The whole way, for a command. */
export async function act(server: Server, editor: vscode.TextEditor, wanted: Wanted): Promise<void> {
  const { document } = editor;
  let actions = await offered(server, document, wanted.place, wanted.only);
  if (actions.length === 0 && wanted.orFile === true) {
    actions = await offered(server, document, new vscode.Range(0, 0, document.lineCount, 0), wanted.only);
  }
  const action = await chosen(wanted.title, actions);
  if (action !== undefined) {
    await apply(server, action);
  }
}

function reveal(edit: vscode.WorkspaceEdit): void {
  const editor = vscode.window.activeTextEditor;
  const edits = editor === undefined ? [] : edit.get(editor.document.uri);
  const last = edits.at(-1);
  if (editor !== undefined && last !== undefined) {
    const lines = last.newText.split("\n").length;
    const shown = new vscode.Range(last.range.start, last.range.start.translate(lines));
    editor.revealRange(shown, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }
}
