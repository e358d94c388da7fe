/** Watches the package of the server that runs, and offers a restart when another version of it is installed. */

import { type FSWatcher, existsSync, readdirSync, statSync, watch } from "node:fs";
import { dirname, join } from "node:path";
import * as vscode from "vscode";
import type { Found } from "./discovery";
import type { Server } from "./server";

/** pip removes the old package and writes the new one; in between there is none. */
const SETTLED_MS = 3_000;

export class PackageWatch implements vscode.Disposable {
  readonly #disposable: vscode.Disposable;
  #watchers: FSWatcher[] = [];
  #mark = "";
  #pause: NodeJS.Timeout | undefined;

  constructor(
    private readonly server: Server,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.#disposable = server.onDidStart(() => this.#follow());
  }

  dispose(): void {
    this.#end();
    this.#disposable.dispose();
  }

  #follow(): void {
    this.#end();
    const found = this.server.found;
    if (found === undefined) {
      return;
    }
    this.#mark = mark(found);
    for (const folder of [dirname(found.command), ...packageFolders(found)]) {
      try {
        this.#watchers.push(watch(folder, () => this.#soon(found)));
      } catch (error) {
        this.log.debug(`${folder} is not watched: ${String(error)}`);
      }
    }
  }

  #soon(found: Found): void {
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => void this.#compare(found), SETTLED_MS);
  }

  async #compare(found: Found): Promise<void> {
    const now = mark(found);
    if (now === this.#mark || now === "") {
      return;
    }
    this.#mark = now;
    this.log.info("the server's package is another one");
    const message = "The Enzyme language server was installed anew.";
    if ((await vscode.window.showInformationMessage(message, "Restart It")) === "Restart It") {
      await this.server.restart();
    }
  }

  #end(): void {
    clearTimeout(this.#pause);
    this.#watchers.forEach((watcher) => watcher.close());
    this.#watchers = [];
  }
}

/** What is another text when another package is there; empty while there is none. */
function mark(found: Found): string {
  try {
    const program = statSync(found.command).mtimeMs;
    const packages = packageFolders(found).flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => /^enzyme_lsp-.*\.dist-info$/.test(name))
        .map((name) => `${name} ${statSync(join(folder, name, "RECORD")).mtimeMs}`),
    );
    return [program, ...packages].join(" ");
  } catch {
    return "";
  }
}

/** Where the environment of a program keeps its packages, on each system. */
function packageFolders(found: Found): readonly string[] {
  const environment = dirname(dirname(found.command));
  if (process.platform === "win32") {
    return [join(environment, "Lib", "site-packages")];
  }
  try {
    const versions = readdirSync(join(environment, "lib")).filter((name) => /^python3\.\d+$/.test(name));
    return versions.map((name) => join(environment, "lib", name, "site-packages")).filter((folder) => existsSync(folder));
  } catch {
    return [];
  }
}
