// Puts the settings of schemas/settings.schema.json into package.json, where VS Code looks for them.
//
// Sections that are made here say so under "$generated"; the others are the extension's own, and are left alone.

import { readFileSync } from "node:fs";
import { here, write } from "./generated.mjs";

const MARK = "scripts/settings.mjs";

/** What names programs or folders depends on the computer, and what it names would be run. */
const OF_THE_MACHINE = new Set([
  "enzyme-lsp.engine.python",
  "enzyme-lsp.engine.path",
  "enzyme-lsp.engine.program",
  "enzyme-lsp.engine.command",
  "enzyme-lsp.engine.files",
]);

const schema = JSON.parse(readFileSync(here("../schemas/settings.schema.json"), "utf8"));
const manifest = JSON.parse(readFileSync(here("package.json"), "utf8"));
const groups = schema.properties["enzyme-lsp"].properties;

const own = manifest.contributes.configuration.filter((section) => section.$generated === undefined);
manifest.contributes.configuration = [...own, ...Object.entries(groups).map(section)];
write("package.json", `${JSON.stringify(manifest, null, 2)}\n`);

function section([group, { description }]) {
  const names = Object.keys(schema.properties).filter((name) => name.startsWith(`enzyme-lsp.${group}.`));
  return {
    $generated: MARK,
    title: `${group[0].toUpperCase()}${group.slice(1)}`,
    properties: Object.fromEntries(names.map((name, order) => [name, setting(name, order, description)])),
  };
}

function setting(name, order, meaning) {
  const row = schema.properties[name];
  const scope = OF_THE_MACHINE.has(name) ? "machine-overridable" : "window";
  const described = order === 0 ? `${meaning}\n\n${row.markdownDescription}` : row.markdownDescription;
  return { ...row, markdownDescription: described, scope, order };
}
