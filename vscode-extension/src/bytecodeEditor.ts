/**
 * What opens for a file with bytecode: its text, in an editor of VS Code's own; must not know how it is converted.
 *
 * VS Code knows no other way to a text that is not the file's than a custom editor, which here gives its place to the
 * text. As long as there is none, its page says why, and what can be done. Two of them beside each other are a comparison,
 * as of versions in a repository, whose place a comparison of the texts takes.
 */

import { basename } from "node:path";
import * as vscode from "vscode";
import { bytesOf } from "./bytecode";
import { type BytecodeFiles, textUri } from "./bytecodeFiles";
import { type Link, page } from "./bytecodePage";
import { BYTECODE } from "./bytecodeUri";
import { mlirEditor } from "./documents";
import { type ConvertBytecodeResult, Method } from "./protocol";
import { replaceFile } from "./replaceFile";
import { Refused, answering, ask, told } from "./requests";
import type { Server } from "./server";

const VIEW = "enzyme-lsp.bytecode";

/** Upstream's extension has the same scheme, and fails when somebody else has it first. */
const UPSTREAMS_EXTENSION = "llvm-vs-code-extensions.vscode-mlir";

/** Commands that a page leads to. */
const OFFERED = ["openBytecode", "install", "installBindings", "restart", "doctor", "showLog"].map((name) => `enzyme-lsp.${name}`);

/** How the server says what to install. */
const BINDINGS = "[mlir]";

/** A custom editor that waits for its text, or for the other side of a comparison. */
interface Place {
  readonly source: vscode.Uri;
  readonly panel: vscode.WebviewPanel;
}

export class BytecodeEditor implements vscode.CustomReadonlyEditorProvider, vscode.Disposable {
  readonly #disposables: vscode.Disposable[];
  /** Those that show why there is no text. */
  readonly #failed = new Set<Place>();
  #side: Place | undefined;

  constructor(
    private readonly server: Server,
    private readonly files: BytecodeFiles,
    log: vscode.LogOutputChannel,
  ) {
    this.#disposables = [
      vscode.window.registerCustomEditorProvider(VIEW, this),
      server.onDidStart(() => this.#tryAgain()),
    ];
    if (vscode.extensions.getExtension(UPSTREAMS_EXTENSION) === undefined) {
      const isCaseSensitive = process.platform === "linux";
      this.#disposables.push(vscode.workspace.registerFileSystemProvider(BYTECODE, files, { isCaseSensitive }));
    } else {
      log.info(`texts of bytecode are left to the extension ${UPSTREAMS_EXTENSION}`);
    }
  }

  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    return { uri, dispose: () => undefined };
  }

  resolveCustomEditor({ uri }: vscode.CustomDocument, panel: vscode.WebviewPanel): void {
    const place = { source: uri, panel };
    panel.webview.options = { enableCommandUris: OFFERED };
    panel.webview.html = page(`Reading ${basename(uri.path)}`, []);
    panel.onDidDispose(() => {
      this.#failed.delete(place);
      if (this.#side === place) {
        this.#side = undefined;
      }
    });
    // Not awaited: VS Code shows nothing as long as this goes on.
    void (isAlone(panel) ? this.#becomeText(place) : this.#becomeSide(place));
  }

  /** Shows any file's bytecode as text, whatever its ending; without one the user chooses it. A page has names alone. */
  async open(given?: vscode.Uri | string): Promise<void> {
    const named = typeof given === "string" ? vscode.Uri.parse(given, true) : given;
    const source = named ?? activeBytecode() ?? (await chosenFile());
    if (source === undefined) {
      return;
    }
    const place = [...this.#failed].find((one) => one.source.toString() === source.toString());
    if (place !== undefined) {
      await this.#becomeText(place);
      return;
    }
    await this.#show(source, { preview: false });
  }

  /** Writes the active text as bytecode into a file that the user names. */
  async save(): Promise<void> {
    const { document } = mlirEditor();
    const client = await answering(this.server);
    const uri = client.code2ProtocolConverter.asUri(document.uri);
    const bytes = bytesOf(await ask<ConvertBytecodeResult>(this.server, Method.convertToBytecode, { uri }));
    const defaultUri = document.uri.with({ scheme: "file", path: document.uri.path.replace(/(\.mlir(bc)?)?$/, ".mlirbc"), query: "" });
    const file = await vscode.window.showSaveDialog({ defaultUri, filters: { "MLIR bytecode": ["mlirbc"] } });
    if (file === undefined) {
      return;
    }
    try {
      await replaceFile(file.fsPath, bytes);
    } catch (error) {
      throw new Refused(`${basename(file.path)} was not written: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  dispose(): void {
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  async #becomeText(place: Place): Promise<void> {
    const { source, panel } = place;
    const options = { viewColumn: panel.viewColumn ?? vscode.ViewColumn.Active, preserveFocus: !panel.active };
    try {
      await this.#show(source, { ...options, preview: tabOf(panel)?.isPreview ?? false });
    } catch (error) {
      this.#failed.add(place);
      const reason = error instanceof Error ? error.message : String(error);
      panel.webview.html = page(reason, this.#waysOut(source, reason));
      return;
    }
    panel.dispose();
  }

  async #show(source: vscode.Uri, options: vscode.TextDocumentShowOptions): Promise<void> {
    const uri = textUri(source);
    let document: vscode.TextDocument;
    try {
      document = await vscode.workspace.openTextDocument(uri);
    } catch (error) {
      throw new Refused(this.files.reason(uri) ?? (error instanceof Error ? error.message : String(error)));
    }
    const isMlir = document.languageId === "mlir";
    await vscode.window.showTextDocument(isMlir ? document : await vscode.languages.setTextDocumentLanguage(document, "mlir"), options);
  }

  async #becomeSide(place: Place): Promise<void> {
    const other = this.#side;
    if (other === undefined) {
      this.#side = place;
      return;
    }
    this.#side = undefined;
    const tab = tabOf(place.panel);
    const [before, after] = inOrder(other, place, tab?.label ?? "");
    const options: vscode.TextDocumentShowOptions = { preview: tab?.isPreview ?? true };
    await told(async () => {
      await vscode.commands.executeCommand("vscode.diff", textUri(before.source), textUri(after.source), tab?.label, options);
      if (tab !== undefined) {
        await vscode.window.tabGroups.close(tab, true);
      }
    });
  }

  #tryAgain(): void {
    for (const place of [...this.#failed]) {
      this.#failed.delete(place);
      void this.#becomeText(place);
    }
  }

  /** What a page offers: by the state of the server, and what it has said. */
  #waysOut(source: vscode.Uri, reason: string): readonly Link[] {
    const retry = { title: "Try Again", uri: commandUri("enzyme-lsp.openBytecode", source.toString()) };
    const log = { title: "Show the Log", uri: commandUri("enzyme-lsp.showLog") };
    switch (this.server.state.kind) {
      case "missing":
        return [{ title: "Install the Server", uri: commandUri("enzyme-lsp.install") }, log];
      case "running":
        return reason.includes(BINDINGS)
          ? [{ title: "Install the Bindings", uri: commandUri("enzyme-lsp.installBindings") }, retry, log]
          : [retry, { title: "Examine the Compiler", uri: commandUri("enzyme-lsp.doctor") }, log];
      default:
        return [retry, { title: "Restart the Server", uri: commandUri("enzyme-lsp.restart") }, log];
    }
  }
}

/** The tab that a custom editor is in; it is shown, since it is only now made. */
function tabOf(panel: vscode.WebviewPanel): vscode.Tab | undefined {
  return vscode.window.tabGroups.all.find((group) => group.viewColumn === panel.viewColumn)?.activeTab;
}

function isAlone(panel: vscode.WebviewPanel): boolean {
  return tabOf(panel)?.input instanceof vscode.TabInputCustom;
}

/** What is compared: the older version first, or the one that the title names first. */
function inOrder(one: Place, other: Place, title: string): readonly [Place, Place] {
  if (one.source.scheme !== other.source.scheme) {
    return other.source.scheme === "file" ? [one, other] : [other, one];
  }
  const isFirst = title.startsWith(basename(one.source.path)) || !title.startsWith(basename(other.source.path));
  return isFirst ? [one, other] : [other, one];
}

function activeBytecode(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof vscode.TabInputCustom && input.viewType === VIEW ? input.uri : undefined;
}

async function chosenFile(): Promise<vscode.Uri | undefined> {
  return (await vscode.window.showOpenDialog({ title: "MLIR bytecode", openLabel: "Open as Text" }))?.[0];
}

function commandUri(command: string, ...given: readonly string[]): string {
  return `command:${command}?${encodeURIComponent(JSON.stringify(given))}`;
}
