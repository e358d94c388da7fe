/** What the user is told of the server without having asked: that it stopped, once for each series of crashes. */

import * as vscode from "vscode";
import type { Server } from "./server";
import type { ServerState } from "./statusText";

const LOG = "Show Log";
const RESTART = "Restart";
const SETTINGS = "Open Settings";

export function tellOfCrashes(server: Server, log: vscode.LogOutputChannel): vscode.Disposable {
  return server.onDidChange((state) => void told(state, server, log));
}

async function told(state: ServerState, server: Server, log: vscode.LogOutputChannel): Promise<void> {
  let answer: string | undefined;
  if (state.kind === "restarting" && state.isFirst) {
    const message = "The Enzyme language server stopped unexpectedly and is started again.";
    answer = await vscode.window.showWarningMessage(message, LOG);
  } else if (state.kind === "failed") {
    const message = `The Enzyme language server does not run: ${state.reason}.`;
    answer = await vscode.window.showErrorMessage(message, RESTART, LOG, SETTINGS);
  }
  if (answer === LOG) {
    log.show();
  } else if (answer === RESTART) {
    await server.restart();
  } else if (answer === SETTINGS) {
    await vscode.commands.executeCommand("enzyme-lsp.settings");
  }
}
