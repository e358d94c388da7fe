/** Runs `enzyme-lsp doctor` with the settings of this window; the report is in the log. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { Refused } from "./requests";
import { run } from "./run";
import type { Server } from "./server";
import { SECTION, forServer } from "./settings";

export async function doctor(server: Server, log: vscode.LogOutputChannel): Promise<void> {
  const found = server.found;
  if (found === undefined) {
    throw new Refused("There is no server yet that could be examined");
  }
  log.show(true);
  const folder = await mkdtemp(join(tmpdir(), "enzyme-lsp-"));
  try {
    const file = join(folder, "settings.json");
    await writeFile(file, JSON.stringify(forServer(vscode.workspace.getConfiguration().get(SECTION)) ?? {}));
    const before = found.commandArguments.filter((one) => one !== "serve" && one !== "--stdio");
    await run(found.command, [...before, "doctor", "--config", file], log);
    void vscode.window.showInformationMessage("The Enzyme compiler answers. The report is in the log.");
  } catch (error) {
    // The report says what is wrong; this is for a program that did not come to say it.
    log.warn(String(error));
    void vscode.window.showWarningMessage("Not all is well with the Enzyme compiler. The report is in the log.");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
