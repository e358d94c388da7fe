/** Runs a program to its end, with its output in the log; must not know what it is for. */

import { homedir } from "node:os";
import * as vscode from "vscode";
import { end, launch } from "./launch";

/** How much of what a program writes is kept for a message. */
const TAIL_LINES = 3;

/** What the program wrote to its standard output. Throws when it fails, and a cancellation when it is canceled. */
export async function run(
  command: string,
  commandArguments: readonly string[],
  log: vscode.LogOutputChannel,
  token?: vscode.CancellationToken,
  heard: (line: string) => void = () => undefined,
): Promise<string> {
  log.info(`running ${[command, ...commandArguments].join(" ")}`);
  const child = await launch(command, commandArguments, homedir());
  const canceled = token?.onCancellationRequested(() => void end(child));
  child.stdin?.end();
  let output = "";
  const tail: string[] = [];
  const listen = (data: string): void => {
    for (const line of data.split(/\r?\n/).filter((one) => one.trim() !== "")) {
      log.info(line);
      heard(line);
      tail.push(line.trim());
    }
  };
  child.stdout?.setEncoding("utf8").on("data", (data: string) => {
    output += data;
    listen(data);
  });
  child.stderr?.setEncoding("utf8").on("data", listen);
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  canceled?.dispose();
  if (token?.isCancellationRequested === true) {
    throw new vscode.CancellationError();
  }
  if (code !== 0) {
    throw new Error(tail.slice(-TAIL_LINES).join(" ") || `${command} ended with exit code ${code}`);
  }
  return output;
}
