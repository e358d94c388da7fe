/** The extension: makes its parts and connects them; must not do their work. */

import * as vscode from "vscode";
import { BytecodeEditor } from "./bytecodeEditor";
import { BytecodeFiles } from "./bytecodeFiles";
import { registerCommands } from "./commands";
import { GenericForms } from "./genericForm";
import { Gradchecks } from "./gradcheck";
import { Installer } from "./install";
import { LoweringCommands } from "./lowering";
import { onDidSelectPython } from "./machine";
import { tellOfCrashes } from "./notices";
import { PackageWatch } from "./packageWatch";
import { PipelineInput } from "./pipelineInput";
import { Previews } from "./preview";
import { Server } from "./server";
import { Stages } from "./stages";
import { StatusItem } from "./status";

let server: Server | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("Enzyme MLIR", { log: true });
  const running = (server = new Server(context, log));
  const installer = new Installer(context, log, running);
  const previews = new Previews(running);
  const stages = new Stages(running, previews);
  const input = new PipelineInput(running, context.globalState);
  const lowering = new LoweringCommands(running, input, (wish) => stages.show(wish));
  const forms = new GenericForms(running);
  const gradchecks = new Gradchecks(running);
  const files = new BytecodeFiles(running);
  const bytecode = new BytecodeEditor(running, files, log);
  context.subscriptions.push(
    log,
    running,
    previews,
    stages,
    forms,
    gradchecks,
    files,
    bytecode,
    new StatusItem(running),
    new PackageWatch(running, log),
    registerCommands({ log, server: running, installer, lowering, stages, forms, bytecode, gradchecks }),
    tellOfCrashes(running, log),
    running.onDidChange((state) => {
      if (state.kind === "missing") {
        void installer.offer();
      }
    }),
  );
  // Not awaited: what needs no server works at once.
  void running.start().then(() => context.subscriptions.push(onDidSelectPython(() => running.lookAgain())));
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
