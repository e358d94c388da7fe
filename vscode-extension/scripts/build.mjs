// Bundles the extension into dist/, and puts the licenses of what is in it beside it. The client, which is most of it, is
// a bundle of its own that is read when a server starts, so that the extension itself is there at once.

import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { buildSync } from "esbuild";
import { here } from "./generated.mjs";

const { metafile } = buildSync({
  absWorkingDir: here("."),
  entryPoints: ["src/main.ts", "src/client.ts"],
  outdir: "dist",
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node18",
  external: ["vscode", "./client"],
  // VS Code gives its own module to what asks by `require`.
  supported: { "dynamic-import": false },
  minify: true,
  metafile: true,
});

const packages = new Set(Object.keys(metafile.inputs).flatMap((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []));
const notices = [...packages].sort().map(notice);
writeFileSync(here("dist/NOTICES.txt"), `This extension contains these packages.\n\n${notices.join("\n\n")}\n`);
for (const [file, { bytes }] of Object.entries(metafile.outputs)) {
  console.log(`${file}: ${Math.round(bytes / 1000)} kB`);
}

function notice(name) {
  const folder = here(`node_modules/${name}`);
  const { version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  if (file === undefined) {
    throw new Error(`${name} has no license file`);
  }
  return `${name} ${version} (${license})\n\n${readFileSync(`${folder}/${file}`, "utf8").trim()}`;
}
