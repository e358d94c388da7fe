/** Questions to the server: one way to ask, and one to tell why there is no answer; must not know what is asked. */

import * as vscode from "vscode";
import type { Client } from "./client";
import type { Server } from "./server";

/** How long a server may take to start. */
const START_MS = 30_000;

/** Why there is no answer, in words for the user. */
export class Refused extends Error {}

/** The answer of the server. Throws `Refused`, also when there is no server, and a cancellation as it is. */
export async function ask<Answer>(
  server: Server,
  method: string,
  params: unknown,
  token?: vscode.CancellationToken,
): Promise<Answer> {
  const client = running(server);
  try {
    // A token that is undefined would be taken for a second parameter.
    const more = token === undefined ? [] : [token];
    return await client.sendRequest<Answer>(method, params, ...more);
  } catch (error) {
    if (error instanceof vscode.CancellationError || token?.isCancellationRequested === true) {
      throw new vscode.CancellationError();
    }
    throw new Refused(error instanceof Error ? error.message : String(error));
  }
}

export function running(server: Server): Client {
  if (server.client === undefined) {
    throw new Refused("The language server is not running");
  }
  return server.client;
}

/** The client, once a server answers that is on its way. Throws `Refused`, with what can be done, when none comes. */
export async function answering(server: Server): Promise<Client> {
  const end = Date.now() + START_MS;
  for (;;) {
    const { client, state } = server;
    if (client !== undefined) {
      return client;
    }
    if (state.kind === "missing") {
      throw new Refused('There is no language server: the command "Enzyme: Install the Language Server" gets one');
    }
    if (state.kind === "failed") {
      throw new Refused(`The language server does not run, since ${state.reason}: "Enzyme: Restart the Language Server" tries again`);
    }
    if (Date.now() > end) {
      throw new Refused('The language server does not answer: "Enzyme: Show the Log" tells more');
    }
    await changed(server, end - Date.now());
  }
}

/** Does what a command is for; what is refused becomes a message, and what was canceled nothing. */
export async function told(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof vscode.CancellationError) {
      return;
    }
    if (!(error instanceof Refused)) {
      throw error;
    }
    await vscode.window.showWarningMessage(`Enzyme: ${error.message}`);
  }
}

/** Until the server's state is another one, or the time is over. */
function changed(server: Server, waitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const listening = server.onDidChange(done);
    const timer = setTimeout(done, Math.max(0, waitMs) + 1);
    function done(): void {
      clearTimeout(timer);
      listening.dispose();
      resolve();
    }
  });
}
