/** What the status item says; must not know VS Code, whose signs `$(name)` are text all the same. */

import type { StatusParams } from "./protocol";

/** How the extension sees the server; what the server says of its compiler is told while it runs. */
export type ServerState =
  | { readonly kind: "looking" }
  | { readonly kind: "missing"; readonly reason: string }
  | { readonly kind: "starting" }
  | { readonly kind: "running"; readonly version: string; readonly status: StatusParams | undefined }
  | { readonly kind: "restarting"; readonly waitMs: number; readonly isFirst: boolean }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "stopped" };

export interface Shown {
  readonly text: string;
  /** In sentences, each a line. */
  readonly details: readonly string[];
  readonly severity: "none" | "warning" | "error";
}

/** `document` is the URI of the one beside which this is shown; without one that which the server names counts. */
export function shown(state: ServerState, document = ""): Shown {
  switch (state.kind) {
    case "looking":
      return quiet("$(sync~spin) Enzyme", "Looking for the server.");
    case "starting":
      return quiet("$(sync~spin) Enzyme", "The server is starting.");
    case "missing":
      return { text: "$(warning) Enzyme: no server", details: [sentence(state.reason)], severity: "warning" };
    case "restarting": {
      const seconds = Math.max(1, Math.round(state.waitMs / 1000));
      const wait = `The server stopped unexpectedly and starts again in ${seconds} s.`;
      return { text: "$(sync~spin) Enzyme: restarting", details: [wait], severity: "warning" };
    }
    case "failed":
      return { text: "$(error) Enzyme: stopped", details: [sentence(state.reason)], severity: "error" };
    case "stopped":
      return quiet("$(circle-slash) Enzyme", "The server is not running.");
    case "running":
      return running(state.version, state.status, document);
  }
}

function running(version: string, told: StatusParams | undefined, document: string): Shown {
  const server = `Server: enzyme-lsp ${version}`.trimEnd() + ".";
  if (told === undefined) {
    return quiet("$(check) Enzyme", server);
  }
  const own = told.engines.find(({ documents }) => documents.includes(document));
  const status = { ...told, ...own };
  const others = told.engines.filter((one) => one !== own && one.engine !== "").map(named);
  const engine = status.engine === "" ? "none yet" : named(status);
  const details = [`Compiler: ${engine}.`, server];
  if (status.spelling !== "none") {
    details.splice(1, 0, `It reads the ${status.spelling} spelling.`);
  }
  if (own !== undefined && others.length > 0) {
    details.push(`Other files have ${others.join(", ")}.`);
  }
  if (status.message !== "") {
    details.unshift(sentence(status.message));
  }
  const name = status.engine === "" ? "Enzyme" : named(status);
  return {
    text: `${sign(status)} ${name}${status.spelling === "none" ? "" : ` (${status.spelling})`}`,
    details,
    severity: status.health === "ok" ? "none" : status.health,
  };
}

function named({ engine, version }: { readonly engine: string; readonly version: string }): string {
  return `${engine} ${version}`.trimEnd();
}

function sign(status: StatusParams): string {
  if (status.health !== "ok") {
    return status.health === "warning" ? "$(warning)" : "$(error)";
  }
  return status.quiescent ? "$(check)" : "$(sync~spin)";
}

function quiet(text: string, detail: string): Shown {
  return { text, details: [detail], severity: "none" };
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
