/** What level a line of the server's log has; must not know VS Code. */

export type Level = "error" | "warn" | "info" | "debug";

const LEVELS: Readonly<Record<string, Level>> = {
  CRITICAL: "error",
  ERROR: "error",
  WARNING: "warn",
  INFO: "info",
  DEBUG: "debug",
};

/** The server writes `2026-01-31 12:00:00,000 WARNING name: text`; what else it writes was meant for a terminal. */
export function levelOf(line: string): Level {
  const word = /^\d{4}-\d\d-\d\d [\d:,]+ ([A-Z]+) /.exec(line)?.[1];
  return LEVELS[word ?? ""] ?? "info";
}
