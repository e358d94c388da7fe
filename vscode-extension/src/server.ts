/**
 * The server while the editor runs: finds it, starts it, starts it again after a crash or when settings change.
 *
 * Each start makes a client of its own, so that nothing of one that crashed is left. What happens is one state, which
 * others show; `Running` is what they may ask.
 */

import type { ChildProcess } from "node:child_process";
import * as vscode from "vscode";
import { Backoff } from "./backoff";
import type { Client } from "./client";
import { type Found, find, isFound } from "./discovery";
import { end, launch } from "./launch";
import { machine, wishes } from "./machine";
import { Method, type StatusParams } from "./protocol";
import { RESTARTING } from "./settings";
import type { ServerState } from "./statusText";

/** Settings often come one after the other, when a window opens or somebody types. */
const SETTLED_MS = 400;

export class Server implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<ServerState>();
  /** The state is another one. */
  readonly onDidChange = this.#changed.event;
  readonly #started = new vscode.EventEmitter<Client>();
  /** A server answers. */
  readonly onDidStart = this.#started.event;

  readonly #backoff = new Backoff();
  readonly #disposables: vscode.Disposable[] = [this.#changed, this.#started];
  #state: ServerState = { kind: "stopped" };
  #client: Client | undefined;
  #process: ChildProcess | undefined;
  #found: Found | undefined;
  #startedAt = 0;
  /** The number of the newest start; an older one that is still under way is given up. */
  #attempt = 0;
  #settling: NodeJS.Timeout | undefined;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.#disposables.push(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (RESTARTING.some((section) => event.affectsConfiguration(section))) {
          this.restartSoon();
        }
      }),
      // What runs without trust was told so when it started.
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.restartSoon()),
    );
  }

  get state(): ServerState {
    return this.#state;
  }

  /** Which program runs, or ran last. */
  get found(): Found | undefined {
    return this.#found;
  }

  /** The client of a server that answers. */
  get client(): Client | undefined {
    return this.#state.kind === "running" ? this.#client : undefined;
  }

  async start(): Promise<void> {
    const attempt = ++this.#attempt;
    this.#show({ kind: "looking" });
    const found = find(await wishes(this.context, this.log), machine);
    if (attempt !== this.#attempt) {
      return;
    }
    if (!isFound(found)) {
      this.log.warn(found.reason);
      this.#show(found.isSetting ? { kind: "failed", reason: found.reason } : { kind: "missing", reason: found.reason });
      return;
    }
    this.#found = found;
    this.log.info(`starting ${[found.command, ...found.commandArguments].join(" ")} (${found.origin})`);
    this.#startedAt = Date.now();
    this.#show({ kind: "starting" });
    try {
      await this.#connect(found, attempt);
    } catch (error) {
      if (attempt === this.#attempt) {
        this.#fail(error instanceof Error ? error.message : String(error));
      }
    }
  }

  /** Ends the server that runs and starts one anew, which may be another. */
  async restart(): Promise<void> {
    this.#backoff.forget();
    await this.stop();
    await this.start();
  }

  /** The same, once what is changing has settled. */
  restartSoon(): void {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => void this.restart(), SETTLED_MS);
  }

  /** Another Python is selected, which may have another server; a command that is set stays the one. */
  lookAgain(): void {
    if (this.#found?.origin !== "setting") {
      this.restartSoon();
    }
  }

  async stop(): Promise<void> {
    this.#attempt += 1;
    clearTimeout(this.#settling);
    const [client, child] = [this.#client, this.#process];
    this.#client = this.#process = undefined;
    this.#show({ kind: "stopped" });
    // A client that never ran cannot be stopped, and says so; its process is ended all the same.
    await client?.stop().catch((error: unknown) => this.log.debug(`stopping: ${String(error)}`));
    if (child !== undefined) {
      await end(child);
    }
  }

  dispose(): void {
    clearTimeout(this.#settling);
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  async #connect(found: Found, attempt: number): Promise<void> {
    // The client is the larger part of this extension; it is read while the server starts, not before.
    const loading = import("./client");
    const child = await launch(found.command, found.commandArguments, folderToRunIn());
    const { Client } = await loading;
    if (attempt !== this.#attempt) {
      await end(child);
      return;
    }
    this.#process = child;
    child.once("exit", (code, signal) => this.log.info(`the server ended with ${signal ?? `exit code ${code}`}`));
    const client = (this.#client = new Client(child, this.log, () => this.#closed(attempt)));
    client.onNotification(Method.status, (status: StatusParams) => {
      if (attempt === this.#attempt) {
        this.#show({ kind: "running", version: versionOf(client), status });
      }
    });
    await client.start();
    if (attempt !== this.#attempt) {
      return;
    }
    this.log.info(`the server answers after ${Date.now() - this.#startedAt} ms`);
    this.#show({ kind: "running", version: versionOf(client), status: this.#status() });
    this.#started.fire(client);
  }

  /** The connection is gone, and nobody has asked for that. */
  #closed(attempt: number): void {
    if (attempt !== this.#attempt) {
      return;
    }
    this.#fail("the server stopped unexpectedly");
  }

  #fail(reason: string): void {
    const child = this.#process;
    this.#attempt += 1;
    this.#client = this.#process = undefined;
    if (child !== undefined) {
      void end(child);
    }
    const waitMs = this.#backoff.crashed(Date.now() - this.#startedAt);
    if (waitMs === undefined) {
      this.log.error(`${reason}; it is not started again after ${this.#backoff.crashes} times`);
      this.#show({ kind: "failed", reason: `${reason}, ${this.#backoff.crashes} times in a row` });
      return;
    }
    this.log.warn(`${reason}; it is started again in ${waitMs} ms`);
    this.#show({ kind: "restarting", waitMs, isFirst: this.#backoff.crashes === 1 });
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => void this.start(), waitMs);
  }

  #status(): StatusParams | undefined {
    return this.#state.kind === "running" ? this.#state.status : undefined;
  }

  #show(state: ServerState): void {
    this.#state = state;
    this.#changed.fire(state);
  }
}

/** The workspace; but a Python there could load what somebody has put into a workspace that is not trusted. */
function folderToRunIn(): string {
  const folder = vscode.workspace.workspaceFolders?.find((one) => one.uri.scheme === "file")?.uri.fsPath;
  return vscode.workspace.isTrusted && folder !== undefined ? folder : machine.home;
}

function versionOf(client: Client): string {
  return client.initializeResult?.serverInfo?.version ?? "";
}
