/** The commands, each with what it does: what package.json offers, and what lenses of the server run. */

import * as vscode from "vscode";
import { act } from "./actions";
import { associate } from "./associate";
import type { BytecodeEditor } from "./bytecodeEditor";
import { differentiate, showActions } from "./differentiate";
import { doctor } from "./doctor";
import { mlirEditor } from "./documents";
import { openExample } from "./example";
import type { GenericForms } from "./genericForm";
import type { Gradchecks } from "./gradcheck";
import type { Installer } from "./install";
import type { LoweringCommands } from "./lowering";
import { menu } from "./menu";
import { type GradcheckParams, Method, type ShowActionsParams, type ShowLoweringParams, type ShowReferencesParams } from "./protocol";
import { running, told } from "./requests";
import type { Server } from "./server";
import type { StageRow } from "./stageRows";
import type { Stages } from "./stages";

/** The parts of the extension that do the work. */
export interface Parts {
  readonly log: vscode.LogOutputChannel;
  readonly server: Server;
  readonly installer: Installer;
  readonly lowering: LoweringCommands;
  readonly stages: Stages;
  readonly forms: GenericForms;
  readonly bytecode: BytecodeEditor;
  readonly gradchecks: Gradchecks;
}

/** Commands that ask for code actions of one kind at the cursor, with the title of the list if there are several. */
const ACTIONS: readonly (readonly [command: string, kind: string, title: string])[] = [
  ["convertSpelling", "refactor.rewrite.enzyme.spelling", "Convert the spelling"],
  ["copyPython", "refactor.rewrite.enzyme.copyPython", "Copy as Python"],
  ["copyRust", "refactor.rewrite.enzyme.copyRust", "Copy as Rust"],
  ["toGenericForm", "refactor.rewrite.enzyme.genericForm", "Put in generic form"],
  ["toCustomForm", "refactor.rewrite.enzyme.customForm", "Put in custom form"],
  ["annotateErrors", "refactor.rewrite.enzyme.expectedErrors", "Annotate errors"],
  ["changeOperation", "refactor.rewrite.enzyme", "Change the operation"],
  ["fixAll", "source.fixAll.enzyme", "Fix all"],
];

/** Those that mean the file where there is nothing at the cursor. */
const OF_FILES = new Set(["refactor.rewrite.enzyme.spelling", "refactor.rewrite.enzyme.expectedErrors"]);

export function registerCommands(parts: Parts): vscode.Disposable {
  const { log, server, installer, lowering, stages, forms, bytecode, gradchecks } = parts;
  return vscode.Disposable.from(
    command("restart", () => server.restart()),
    command("showLog", async () => log.show()),
    command("doctor", () => doctor(server, log)),
    command("settings", openSettings),
    command("install", () => installer.install()),
    command("installBindings", () => installer.installBindings()),
    command("menu", () => menu(server)),
    command("openExample", openExample),
    command("associate", associate),
    command("openBytecode", (file?: vscode.Uri | string) => bytecode.open(file)),
    command("saveBytecode", () => bytecode.save()),
    command("differentiate", () => differentiate(server)),
    command("lowerWith", () => lowering.choose()),
    command("lowerRunLine", () => lowering.chooseRunLine()),
    command("lowerPipeline", () => lowering.write()),
    command("checkGradient", (params?: GradcheckParams) => (params === undefined ? gradchecks.checkHere() : gradchecks.check(params))),
    command("checkGradients", () => gradchecks.checkFile()),
    command("showGenericForm", () => forms.show()),
    command("stages.open", (row: StageRow) => stages.open(row)),
    command("stages.compare", (row: StageRow) => stages.compare(row)),
    command("stages.compareWith", (row: StageRow) => stages.compareWith(row)),
    command("stages.refresh", () => stages.refresh()),
    command("stages.filter", () => stages.filterByName()),
    command("stages.showChanged", async () => stages.showChanged()),
    command("stages.showAll", async () => stages.showAll()),
    ...ACTIONS.map(([name, kind, title]) => command(name, () => actAtCursor(server, kind, title))),
    ofLens(Method.showActionsCommand, (params: ShowActionsParams) => showActions(server, params)),
    ofLens(Method.showLoweringCommand, (params: ShowLoweringParams) => lowering.lowerSymbol(params)),
    ofLens(Method.showReferencesCommand, (params: ShowReferencesParams) => showReferences(server, params)),
  );
}

async function actAtCursor(server: Server, kind: string, title: string): Promise<void> {
  const editor = mlirEditor();
  await act(server, editor, { place: editor.selection, only: [kind], title, orFile: OF_FILES.has(kind) });
}

async function openSettings(): Promise<void> {
  await vscode.commands.executeCommand("workbench.action.openSettings", "@ext:enzyme-lsp.enzyme-lsp");
}

async function showReferences(server: Server, params: ShowReferencesParams): Promise<void> {
  const convert = running(server).protocol2CodeConverter;
  const uri = convert.asUri(params.uri);
  const places = params.ranges.map((range) => new vscode.Location(uri, convert.asRange(range)));
  await vscode.commands.executeCommand("editor.action.showReferences", uri, convert.asPosition(params.position), places);
}

function command<Arguments extends unknown[]>(name: string, work: (...given: Arguments) => Promise<void>): vscode.Disposable {
  return ofLens(`enzyme-lsp.${name}`, work);
}

function ofLens<Arguments extends unknown[]>(name: string, work: (...given: Arguments) => Promise<void>): vscode.Disposable {
  return vscode.commands.registerCommand(name, (...given: Arguments) => told(() => work(...given)));
}
