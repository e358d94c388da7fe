/** This computer and this window, as `discovery` wants to know them; must not choose. */

import { accessSync, constants, statSync } from "node:fs";
import { homedir } from "node:os";
import * as vscode from "vscode";
import type { Machine, Wishes } from "./discovery";
import { SECTION } from "./settings";

export const machine: Machine = {
  platform: process.platform,
  home: homedir(),
  environment: process.env,
  isProgram(file: string): boolean {
    try {
      accessSync(file, constants.X_OK);
      return statSync(file).isFile();
    } catch {
      return false;
    }
  },
};

/** Where an environment of our own is, or would be. */
export function privateFolder(context: vscode.ExtensionContext): string {
  return vscode.Uri.joinPath(context.globalStorageUri, "environment").fsPath;
}

export async function wishes(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): Promise<Wishes> {
  const settings = vscode.workspace.getConfiguration(SECTION);
  const command = settings.get<string>("server.command", "").trim();
  return {
    command,
    commandArguments: settings.get<string[]>("server.arguments", []),
    folders: (vscode.workspace.workspaceFolders ?? [])
      .filter((folder) => folder.uri.scheme === "file")
      .map((folder) => folder.uri.fsPath),
    isTrusted: vscode.workspace.isTrusted,
    // The Python extension takes a second to start; who has set a command does not wait for it.
    selectedPython: command === "" ? await selectedPython(log) : "",
    privateFolder: privateFolder(context),
  };
}

/** The part of the Python extension's interface that we use. */
interface PythonExtension {
  readonly environments: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { readonly path: string };
    resolveEnvironment(
      environment: { readonly path: string } | string,
    ): Promise<{ readonly executable: { readonly uri?: vscode.Uri } } | undefined>;
    readonly onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}

/** Tells when another interpreter is selected. */
export function onDidSelectPython(listener: () => void): vscode.Disposable {
  const python = vscode.extensions.getExtension<PythonExtension>("ms-python.python");
  if (python?.isActive !== true) {
    return new vscode.Disposable(() => undefined);
  }
  return python.exports.environments.onDidChangeActiveEnvironmentPath(listener);
}

async function selectedPython(log: vscode.LogOutputChannel): Promise<string> {
  const python = vscode.extensions.getExtension<PythonExtension>("ms-python.python");
  if (python === undefined) {
    return "";
  }
  try {
    const { environments } = await python.activate();
    const selected = environments.getActiveEnvironmentPath(vscode.workspace.workspaceFolders?.[0]?.uri);
    return (await environments.resolveEnvironment(selected))?.executable.uri?.fsPath ?? "";
  } catch (error) {
    log.warn(`the Python extension does not say which interpreter is selected: ${String(error)}`);
    return "";
  }
}
