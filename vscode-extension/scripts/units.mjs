// Runs the unit tests, which are TypeScript, on a Node that reads JavaScript alone.

import { readdirSync, rmSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { buildSync } from "esbuild";
import { here } from "./generated.mjs";

const out = here("out");
const tests = readdirSync(here("test")).filter((name) => name.endsWith(".test.ts"));

rmSync(out, { recursive: true, force: true });
buildSync({
  entryPoints: tests.map((name) => here(`test/${name}`)),
  outdir: out,
  bundle: true,
  platform: "node",
  format: "esm",
  outExtension: { ".js": ".mjs" },
  sourcemap: "inline",
  // What imports VS Code is no logic, and no test may need it.
  logOverride: { "unsupported-dynamic-import": "error" },
});
const files = tests.map((name) => `${out}/${name.replace(/\.ts$/, ".mjs")}`);
process.exitCode = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...files], { stdio: "inherit" }).status ?? 1;
