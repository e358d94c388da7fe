/** The extension: makes its parts and connects them; must not do their work. */

import * as vscode from "vscode";
import { Server } from "./server";
import { StatusItem } from "./status";

let server: Server | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("Enzyme MLIR", { log: true });
  server = new Server(context, log);
  context.subscriptions.push(log, server, new StatusItem(server));
  // Not awaited: what needs no server works at once.
  void server.start();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
