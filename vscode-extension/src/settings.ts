/**
 * Which settings and documents are the server's, and which the extension's; must not know VS Code.
 *
 * The server reads its section strictly, so that a misspelled setting is told of. What is ours is kept from it.
 */

import { BYTECODE } from "./bytecodeUri";
import { LOWERED } from "./loweredUri";

export const SECTION = "enzyme-lsp";

/** Documents that people write. In other schemes than these there is no file behind a name. */
export const WRITTEN = [
  { language: "mlir", scheme: "file" },
  { language: "mlir", scheme: "untitled" },
  { language: "mlir", scheme: BYTECODE },
];

/** Documents that the server answers about: lowered ones, which it has made itself, can be read as others. */
export const SELECTOR = [...WRITTEN, { language: "mlir", scheme: LOWERED }];

/** The groups of our own settings, which package.json has outside of the generated part. */
const OWN_GROUPS = new Set(["server", "trace"]);

/** Settings of which a new server must be started, not only told. */
export const RESTARTING = ["enzyme-lsp.server.command", "enzyme-lsp.server.arguments"] as const;

/** The answer to `workspace/configuration` for our section, without what is the extension's own. */
export function forServer(section: unknown): unknown {
  if (typeof section !== "object" || section === null || Array.isArray(section)) {
    return section;
  }
  return Object.fromEntries(Object.entries(section).filter(([group]) => !OWN_GROUPS.has(group)));
}
