/** One connection to one server process: what we declare, and what we do with its messages; must not start it again. */

import type { ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  type Middleware,
  type StaticFeature,
} from "vscode-languageclient/node";
import { isBeingSaved } from "./bytecodeUri";
import { levelOf } from "./logLines";
import { Method } from "./protocol";
import { SECTION, SELECTOR, forServer } from "./settings";

/** The commands of ours that lenses run; package.json does not list them, since they need arguments. */
const LENS_COMMANDS = [Method.showReferencesCommand, Method.showActionsCommand, Method.showLoweringCommand];

export class Client extends LanguageClient {
  constructor(child: ChildProcess, log: vscode.LogOutputChannel, closed: () => void) {
    const options: LanguageClientOptions = {
      documentSelector: SELECTOR,
      outputChannel: log,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => {
          closed();
          return { action: CloseAction.DoNotRestart, message: "the connection to the server is closed", handled: true };
        },
      },
      middleware: MIDDLEWARE,
      stdioOptions: { stdout: writeLines, stderr: writeLines },
    };
    super(SECTION, "Enzyme MLIR", () => Promise.resolve(child), options);
    this.registerFeature(new OurCapabilities());
  }

  // Until the server runs, whoever started it says what went wrong, once and with what can be done about it.
  override error(message: string, data?: unknown, show: boolean | "force" = true): void {
    super.error(message, data, this.isRunning() && show);
  }
}

const MIDDLEWARE: Middleware = {
  handleDiagnostics: (uri, diagnostics, next) => {
    if (!isBeingSaved(uri)) {
      next(uri, diagnostics);
    }
  },
  workspace: {
    configuration: async (params, token, next) => {
      const answer = await next(params, token);
      return Array.isArray(answer) ? answer.map((one, at) => (isOurs(params.items[at]) ? forServer(one) : one)) : answer;
    },
  },
  executeCommand: async (command, commandArguments, next) => {
    if (command === Method.gradcheckCommand) {
      // A lens runs it. We ask ourselves, so that there is a report.
      return vscode.commands.executeCommand("enzyme-lsp.checkGradient", ...commandArguments);
    }
    const answer: unknown = await next(command, commandArguments);
    if (command === Method.builderCodeCommand && typeof answer === "string") {
      await vscode.env.clipboard.writeText(answer);
      vscode.window.setStatusBarMessage("$(clippy) The builder code is in the clipboard.", 4_000);
    }
    return answer;
  },
};

function isOurs(item: { section?: string } | undefined): boolean {
  return item?.section === SECTION;
}

class OurCapabilities implements StaticFeature {
  fillClientCapabilities(capabilities: { experimental?: unknown }): void {
    capabilities.experimental = {
      enzymeStatus: true,
      enzymeClipboard: true,
      enzymeTrusted: vscode.workspace.isTrusted,
      commands: { commands: LENS_COMMANDS },
    };
  }

  initialize(): void {}

  getState(): { kind: "static" } {
    return { kind: "static" };
  }

  clear(): void {}
}

function writeLines(input: Readable, log: vscode.LogOutputChannel): void {
  let rest = "";
  input.setEncoding("utf8");
  input.on("data", (data: string) => {
    const lines = (rest + data).split(/\r?\n/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      log[levelOf(line)](line);
    }
  });
  input.on("end", () => {
    if (rest !== "") {
      log[levelOf(rest)](rest);
    }
  });
}
