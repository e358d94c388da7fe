// What generators share: a file is rewritten, or, with --check, must already be what would be written.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The path of a file, from the folder of the extension. */
export function here(name) {
  return fileURLToPath(new URL(`../${name}`, import.meta.url));
}

export function write(name, text) {
  const file = here(name);
  if (process.argv.includes("--check")) {
    if (current(file) !== text) {
      console.error(`${name} is not current: run \`npm run generate\``);
      process.exitCode = 1;
    }
    return;
  }
  writeFileSync(file, text);
}

function current(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
