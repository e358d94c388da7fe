// Bundles the extension into dist/main.js, and puts the licenses of what is in it beside it.

import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { buildSync } from "esbuild";
import { here } from "./generated.mjs";

const { metafile } = buildSync({
  absWorkingDir: here("."),
  entryPoints: ["src/main.ts"],
  outfile: "dist/main.js",
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node18",
  external: ["vscode"],
  minify: true,
  metafile: true,
});

const packages = new Set(Object.keys(metafile.inputs).flatMap((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []));
const notices = [...packages].sort().map(notice);
writeFileSync(here("dist/NOTICES.txt"), `This extension contains these packages.\n\n${notices.join("\n\n")}\n`);
const size = Object.values(metafile.outputs)[0].bytes;
console.log(`dist/main.js: ${Math.round(size / 1000)} kB, with ${packages.size} packages`);

function notice(name) {
  const folder = here(`node_modules/${name}`);
  const { version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  if (file === undefined) {
    throw new Error(`${name} has no license file`);
  }
  return `${name} ${version} (${license})\n\n${readFileSync(`${folder}/${file}`, "utf8").trim()}`;
}
