/** MLIR inside of Markdown, C++ and Python, by the grammars of those languages that VS Code brings. */

import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { EXTENSIONS, ROOT } from "./window.mjs";

const GRAMMARS = ["markdown-basics/syntaxes/markdown", "python/syntaxes/MagicPython", "cpp/syntaxes/cpp", "html/syntaxes/html"];

test("MLIR inside of other languages has its colors, and leaves them theirs", async () => {
  const program = join(ROOT, "vscode-extension/node_modules/.bin/vscode-tmgrammar-test");
  const grammars = GRAMMARS.flatMap((name) => ["-g", join(EXTENSIONS, `${name}.tmLanguage.json`)]);
  const options = { cwd: join(ROOT, "vscode-extension") };
  await promisify(execFile)(process.execPath, [program, ...grammars, "test/grammar/embedded/*.test.*"], options);
});
