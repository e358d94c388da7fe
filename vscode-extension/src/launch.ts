/** Starts programs, and says why one did not start; must not know what they are. */

import { type ChildProcess, spawn } from "node:child_process";

/** How long a program that was asked to end may take. */
const PATIENCE_MS = 2_000;

/**
 * A program with pipes for its three streams. Rejects with a sentence when the system cannot start it.
 *
 * The folder is where it runs, and matters: Python loads modules from it.
 */
export function launch(command: string, commandArguments: readonly string[], folder: string): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, commandArguments, { cwd: folder, stdio: "pipe", windowsHide: true });
    child.once("spawn", () => resolve(child));
    child.once("error", (error) => reject(new Error(`${command} cannot be started: ${error.message}`)));
  });
}

/** Ends a program that does not end by itself. */
export async function end(child: ChildProcess): Promise<void> {
  if (await hasEnded(child, PATIENCE_MS)) {
    return;
  }
  child.kill();
  if (!(await hasEnded(child, PATIENCE_MS))) {
    child.kill("SIGKILL");
  }
}

function hasEnded(child: ChildProcess, patienceMs: number): Promise<boolean> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return Promise.resolve(true);
  }
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), patienceMs);
    child.once("exit", () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
