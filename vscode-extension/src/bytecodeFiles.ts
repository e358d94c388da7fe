/**
 * Bytecode as files of text: reading one turns bytecode into text, writing turns text into bytecode; must not show any.
 *
 * For VS Code these are files like others, so that undo, conflicts, hot exit and differences are its own. A text that is
 * no bytecode is not written, and what was in the file stays.
 */

import { randomBytes } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import * as vscode from "vscode";
import { MOST_TEXT_BYTES, bytesOf, hasComments, megabytes } from "./bytecode";
import { BYTECODE, isOfFile, savedFragment, sourceOf, textParts } from "./bytecodeUri";
import { type ConvertBytecodeResult, Method } from "./protocol";
import { isReadOnly, replaceFile } from "./replaceFile";
import { Refused, answering, ask } from "./requests";
import type { Server } from "./server";
import { SELECTOR } from "./settings";

/** How long the status bar tells of something. */
const TOLD_MS = 10_000;

/** The text of a file with bytecode; of what is one already it is itself. */
export function textUri(source: vscode.Uri): vscode.Uri {
  return source.scheme === BYTECODE ? source : source.with({ ...textParts(source, () => source.toString()), authority: "", fragment: "" });
}

/** The file, or whatever else, that a text is of. */
export function sourceUri(text: vscode.Uri): vscode.Uri {
  const source = sourceOf(text);
  return typeof source === "string" ? vscode.Uri.parse(source, true) : text.with(source);
}

export class BytecodeFiles implements vscode.FileSystemProvider, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;
  /** Why a file could not be read, by its text's URI, without the words that VS Code puts around. */
  readonly #reasons = new Map<string, string>();
  #saved = 0;

  constructor(private readonly server: Server) {}

  /** Why the text could not be read the last time. */
  reason(text: vscode.Uri): string | undefined {
    return this.#reasons.get(text.toString());
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const source = sourceUri(uri);
    const { type, ctime, mtime, size } = await vscode.workspace.fs.stat(source);
    const isLocked = !isOfFile(uri) || (await isReadOnly(source.fsPath));
    return { type, ctime, mtime, size, ...(isLocked ? { permissions: vscode.FilePermission.Readonly } : {}) };
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    try {
      const text = await this.#read(sourceUri(uri));
      this.#reasons.delete(uri.toString());
      return text;
    } catch (error) {
      this.#reasons.set(uri.toString(), error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  async writeFile(
    uri: vscode.Uri,
    content: Uint8Array,
    options: { readonly create: boolean; readonly overwrite: boolean },
  ): Promise<void> {
    if (!isOfFile(uri)) {
      throw vscode.FileSystemError.NoPermissions("This is an older version, which cannot be changed");
    }
    const source = sourceUri(uri);
    const isThere = await exists(source);
    if (!isThere && !options.create) {
      throw vscode.FileSystemError.FileNotFound(source);
    }
    if (isThere && options.create && !options.overwrite) {
      throw vscode.FileSystemError.FileExists(source);
    }
    const text = new TextDecoder().decode(content);
    await replaceFile(source.fsPath, await this.#bytecode(uri, text));
    if (hasComments(text)) {
      const message = `$(info) Bytecode keeps no comments: those of ${basename(source.path)} go when it is closed.`;
      vscode.window.setStatusBarMessage(message, TOLD_MS);
    }
  }

  watch(uri: vscode.Uri): vscode.Disposable {
    const source = sourceUri(uri);
    if (source.scheme !== "file") {
      return new vscode.Disposable(() => undefined);
    }
    const name = basename(source.path).replace(/[[\]{}*?]/g, "[$&]");
    const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(vscode.Uri.joinPath(source, ".."), name));
    const tell = (type: vscode.FileChangeType) => () => this.#changed.fire([{ type, uri }]);
    return vscode.Disposable.from(
      watcher,
      watcher.onDidCreate(tell(vscode.FileChangeType.Created)),
      watcher.onDidChange(tell(vscode.FileChangeType.Changed)),
      watcher.onDidDelete(tell(vscode.FileChangeType.Deleted)),
    );
  }

  async rename(from: vscode.Uri, to: vscode.Uri, options: { readonly overwrite: boolean }): Promise<void> {
    await vscode.workspace.fs.rename(sourceUri(from), sourceUri(to), options);
  }

  async delete(uri: vscode.Uri, options: { readonly recursive: boolean }): Promise<void> {
    await vscode.workspace.fs.delete(sourceUri(uri), options);
  }

  async readDirectory(uri: vscode.Uri): Promise<[string, vscode.FileType][]> {
    return vscode.workspace.fs.readDirectory(sourceUri(uri));
  }

  async createDirectory(uri: vscode.Uri): Promise<void> {
    await vscode.workspace.fs.createDirectory(sourceUri(uri));
  }

  dispose(): void {
    this.#changed.dispose();
  }

  /** The bytecode of a text, which is that of a document of this name or on its way to it. */
  async #bytecode(uri: vscode.Uri, text: string): Promise<Uint8Array> {
    if (text.trim() === "" && !(await exists(sourceUri(uri)))) {
      return new Uint8Array();
    }
    const client = await answering(this.server);
    const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri.toString());
    // What is saved may be another text than the document's, and the document need not be one that the server looks at.
    if (document !== undefined && document.getText() === text && vscode.languages.match(SELECTOR, document) > 0) {
      return bytesOf(await ask<ConvertBytecodeResult>(this.server, Method.convertToBytecode, { uri: client.code2ProtocolConverter.asUri(uri) }));
    }
    const name = client.code2ProtocolConverter.asUri(uri.with({ fragment: savedFragment(++this.#saved) }));
    await client.sendNotification("textDocument/didOpen", {
      textDocument: { uri: name, languageId: "mlir", version: 1, text },
    });
    try {
      return bytesOf(await ask<ConvertBytecodeResult>(this.server, Method.convertToBytecode, { uri: name }));
    } finally {
      await client.sendNotification("textDocument/didClose", { textDocument: { uri: name } });
    }
  }

  async #read(source: vscode.Uri): Promise<Uint8Array> {
    const { size } = await vscode.workspace.fs.stat(source);
    if (size === 0) {
      // A file that somebody has just made, to write into.
      return new Uint8Array();
    }
    if (source.scheme === "file") {
      return this.#text(source);
    }
    // The server reads what is on a disk.
    const copy = join(tmpdir(), `enzyme-lsp-${randomBytes(8).toString("hex")}.mlirbc`);
    try {
      await writeFile(copy, await vscode.workspace.fs.readFile(source), { flag: "wx", mode: 0o600 });
      return await this.#text(vscode.Uri.file(copy));
    } finally {
      await rm(copy, { force: true });
    }
  }

  async #text(file: vscode.Uri): Promise<Uint8Array> {
    const { code2ProtocolConverter } = await answering(this.server);
    const { output } = await ask<ConvertBytecodeResult>(this.server, Method.convertFromBytecode, { uri: code2ProtocolConverter.asUri(file) });
    const text = new TextEncoder().encode(output);
    if (text.length > MOST_TEXT_BYTES) {
      const most = megabytes(MOST_TEXT_BYTES);
      throw new Refused(`As text this is ${megabytes(text.length)}, and VS Code lets an extension have ${most} at most`);
    }
    return text;
  }
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch (error) {
    if (error instanceof vscode.FileSystemError && error.code === "FileNotFound") {
      return false;
    }
    throw error;
  }
}
