/** The menu of the status item: how things are, and what can be done about it. */

import * as vscode from "vscode";
import type { Server } from "./server";
import { shown } from "./statusText";

interface Row extends vscode.QuickPickItem {
  readonly command?: string;
}

export async function menu(server: Server): Promise<void> {
  const { text, details } = shown(server.state, vscode.window.activeTextEditor?.document.uri.toString());
  const rows: Row[] = [
    { label: "Restart the server", iconPath: new vscode.ThemeIcon("debug-restart"), command: "enzyme-lsp.restart" },
    { label: "Show the log", iconPath: new vscode.ThemeIcon("output"), command: "enzyme-lsp.showLog" },
    { label: "Examine the compiler", description: "enzyme-lsp doctor", iconPath: new vscode.ThemeIcon("pulse"), command: "enzyme-lsp.doctor" },
    { label: "Open the settings", iconPath: new vscode.ThemeIcon("gear"), command: "enzyme-lsp.settings" },
  ];
  if (server.state.kind === "missing") {
    rows.unshift({ label: "Install the server", iconPath: new vscode.ThemeIcon("cloud-download"), command: "enzyme-lsp.install" });
  }
  const placeHolder = details.join(" ");
  const pick = await vscode.window.showQuickPick(rows, { title: text.replace(/\$\([^)]*\)\s*/g, ""), placeHolder });
  if (pick?.command !== undefined) {
    await vscode.commands.executeCommand(pick.command);
  }
}
