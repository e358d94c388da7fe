/**
 * Makes an environment of our own with the server in it, when there is none and the user wants that.
 *
 * It lies in the folder that VS Code keeps for the extension; nothing else on the computer is changed. Who declines is
 * told what works without, and is not asked again.
 */

import { readdirSync } from "node:fs";
import * as vscode from "vscode";
import { onPath } from "./discovery";
import { PYTHONS, QUESTION, type Plan, type Python, pipArguments, planned, plannedBindings, progressOf, pythonOf, readAnswer, takesCompiler, venvArguments } from "./installPlan";
import { machine, privateFolder, wishes } from "./machine";
import { Refused } from "./requests";
import { run } from "./run";
import type { Server } from "./server";
import { SECTION } from "./settings";

const DECLINED = "install.declined";

const WITH = "With Compiler";
const WITHOUT = "Without Compiler";
const ONLY = "Install";
const SETTINGS = "Open Settings";
const LOG = "Show Log";

type Report = vscode.Progress<{ message: string }>;

const STILL_WORKS =
  "Colors, brackets, folding, indentation and snippets work without the server. Problems, hovers, completion, derivatives" +
  " and lowering need it: it can be installed later, from the item in the status bar.";

export class Installer {
  #isRunning = false;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly log: vscode.LogOutputChannel,
    private readonly server: Server,
  ) {}

  /** Offers it once, to whoever has not declined. */
  async offer(): Promise<void> {
    if (this.context.globalState.get(DECLINED) !== true) {
      await this.install();
    }
  }

  async install(): Promise<void> {
    if (this.#isRunning) {
      return;
    }
    this.#isRunning = true;
    try {
      await this.#asked();
    } finally {
      this.#isRunning = false;
    }
  }

  /** Adds upstream MLIR's bindings, which bytecode needs, to the environment that we have made. */
  async installBindings(): Promise<void> {
    if (this.server.found?.origin !== "private environment") {
      const how = 'pip install "enzyme-lsp[mlir]"';
      throw new Refused(`The server is in no environment of this extension: in its own, ${how} installs upstream MLIR's bindings`);
    }
    const { requirement, size } = plannedBindings(this.#source());
    const text = `Bytecode is read and written by upstream MLIR's bindings: ${size}.`;
    if ((await vscode.window.showInformationMessage(text, ONLY, "Not Now")) !== ONLY) {
      return;
    }
    const isDone = await this.#told("Installing upstream MLIR's bindings", async (report, token) => {
      await this.#pip(requirement, report, token);
    });
    if (isDone) {
      await this.server.restart();
    }
  }

  async #asked(): Promise<void> {
    const python = await this.#python();
    if (python === undefined) {
      const reason = "The Enzyme language server needs Python 3.11 or newer with its venv module, which was not found on PATH.";
      if ((await vscode.window.showWarningMessage(`${reason} ${STILL_WORKS}`, SETTINGS)) === SETTINGS) {
        await openServerSettings();
      }
      return;
    }
    const plan = await this.#plan(python);
    if (plan === undefined) {
      await this.context.globalState.update(DECLINED, true);
      void vscode.window.showInformationMessage(STILL_WORKS);
      return;
    }
    await this.#carriedOut(plan);
  }

  async #plan(python: Python): Promise<Plan | undefined> {
    const source = this.#source();
    const whole = planned(python, source, { compiler: true });
    const bare = planned(python, source, { compiler: false });
    const version = python.version.join(".");
    const text = `The Enzyme language server is not installed. It can be put into an environment of its own, with Python ${version}.`;
    const detail = takesCompiler(python)
      ? ` With the Enzyme compiler that is ${whole.size}; without it ${bare.size}, and only the server's own checks.`
      : ` That is ${bare.size}. The Enzyme compiler has packages for Python 3.11 alone, on Linux and on Apple silicon.`;
    const choices = takesCompiler(python) ? [WITH, WITHOUT] : [ONLY];
    const choice = await vscode.window.showInformationMessage(text + detail, ...choices, "Not Now");
    switch (choice) {
      case WITH:
        return whole;
      case WITHOUT:
      case ONLY:
        return bare;
      default:
        return undefined;
    }
  }

  async #carriedOut(plan: Plan): Promise<void> {
    const folder = privateFolder(this.context);
    await vscode.workspace.fs.createDirectory(this.context.globalStorageUri);
    const isDone = await this.#told("Installing the Enzyme server", async (report, token) => {
      await run(plan.python.command, venvArguments(folder), this.log, token);
      await this.#pip(plan.requirement, report, token);
    });
    if (!isDone) {
      // Half an environment would be taken for a whole one.
      await vscode.workspace.fs.delete(vscode.Uri.file(folder), { recursive: true, useTrash: false });
      return;
    }
    await this.context.globalState.update(DECLINED, undefined);
    await this.server.restart();
  }

  async #pip(requirement: string, report: Report, token: vscode.CancellationToken): Promise<void> {
    await run(pythonOf(privateFolder(this.context), machine), pipArguments({ requirement }), this.log, token, (line) => {
      const message = progressOf(line);
      if (message !== undefined) {
        report.report({ message });
      }
    });
  }

  /** Whether the work came to its end; else the user knows why. */
  async #told(title: string, work: (report: Report, token: vscode.CancellationToken) => Promise<void>): Promise<boolean> {
    try {
      await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, work);
      return true;
    } catch (error) {
      if (error instanceof vscode.CancellationError) {
        this.log.info("the installation was canceled");
        return false;
      }
      const reason = error instanceof Error ? error.message : String(error);
      void this.#failed(`${title} failed: ${reason}`);
      return false;
    }
  }

  async #failed(message: string): Promise<void> {
    if ((await vscode.window.showErrorMessage(message, LOG)) === LOG) {
      this.log.show();
    }
  }

  /** The setting; else the wheel that came with the extension. */
  #source(): string {
    const set = vscode.workspace.getConfiguration(SECTION).get<string>("server.package", "").trim();
    if (set !== "") {
      return set;
    }
    const folder = this.context.asAbsolutePath("server");
    try {
      const wheel = readdirSync(folder).find((name) => name.endsWith(".whl"));
      return wheel === undefined ? "enzyme-lsp" : `${folder}/${wheel}`;
    } catch {
      return "enzyme-lsp";
    }
  }

  /** The first interpreter that can make an environment. One that takes the compiler is found first. */
  async #python(): Promise<Python | undefined> {
    const { folders, isTrusted, selectedPython } = await wishes(this.context, this.log);
    const files = PYTHONS.flatMap((name) => onPath(name, machine)).filter((file) => machine.isProgram(file));
    const selected = selectedPython !== "" && (isTrusted || !folders.some((one) => selectedPython.startsWith(one))) ? [selectedPython] : [];
    for (const command of new Set([...files.slice(0, 1), ...selected, ...files])) {
      try {
        const python = readAnswer(command, await run(command, ["-c", QUESTION], this.log));
        if (python !== undefined) {
          return python;
        }
      } catch (error) {
        this.log.debug(`${command} makes no environments: ${String(error)}`);
      }
    }
    return undefined;
  }
}

export async function openServerSettings(): Promise<void> {
  await vscode.commands.executeCommand("workbench.action.openSettings", "enzyme-lsp.server");
}
