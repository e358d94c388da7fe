// Makes src/protocol.ts of schemas/protocol.schema.json, which the server makes of its own dataclasses.

import { readFileSync } from "node:fs";
import { here, write } from "./generated.mjs";

const schema = JSON.parse(readFileSync(here("../schemas/protocol.schema.json"), "utf8"));

const lines = [
  "/**",
  " * The messages that are ours, as types; made by scripts/protocol.mjs from schemas/protocol.schema.json, not by hand.",
  " *",
  " * docs/protocol.md says when each of them is sent.",
  " */",
  "",
  "/** The names of the messages. */",
  "export const Method = {",
  ...Object.keys(schema.messages).map((name) => `  ${constant(name)}: ${JSON.stringify(name)},`),
  "} as const;",
];
for (const [name, definition] of Object.entries(schema.definitions)) {
  lines.push("", ...comment(definition.description, ""), `export interface ${name} {`, ...fields(definition, "  "), "}");
}
write("src/protocol.ts", `${lines.join("\n")}\n`);

function fields(definition, indent) {
  const required = new Set(definition.required ?? []);
  return Object.entries(definition.properties ?? {}).flatMap(([name, property]) => [
    ...comment(property.description, indent),
    `${indent}readonly ${name}${required.has(name) ? "" : "?"}: ${type(property, indent)};`,
  ]);
}

function type(property, indent) {
  if (property.$ref) {
    return property.$ref.split("/").at(-1);
  }
  if (property.enum) {
    return property.enum.map((value) => JSON.stringify(value)).join(" | ");
  }
  switch (property.type) {
    case "array":
      return `readonly ${bracketed(type(property.items ?? {}, indent))}[]`;
    case "object":
      return property.properties ? `{\n${fields(property, `${indent}  `).join("\n")}\n${indent}}` : "object";
    case "integer":
    case "number":
      return "number";
    case "string":
    case "boolean":
      return property.type;
    default:
      return "unknown";
  }
}

function bracketed(text) {
  return /^readonly | \| /.test(text) ? `(${text})` : text;
}

function comment(text, indent) {
  return text ? [`${indent}/** ${text.replaceAll("*/", "* /")} */`] : [];
}

/** `enzyme/lower` is lower, and `enzyme-lsp.lower`, which is a command, lowerCommand. */
function constant(name) {
  return name.replace(/^enzyme-lsp\.(\w+)$/, "$1Command").replace(/^.*\//, "");
}
