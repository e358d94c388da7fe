// Colors every .mlir file of a folder and says what the grammar has no name for, where a string or a comment runs
// away, and how long the slowest line took: node scripts/scopes.mjs FOLDER
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { performance } from "node:perf_hooks";

const require = createRequire(import.meta.url);
const oniguruma = require("vscode-oniguruma");
const { INITIAL, Registry, parseRawGrammar } = require("vscode-textmate");

const folder = process.argv[2];
if (!folder) {
    console.error("usage: node scripts/scopes.mjs FOLDER");
    process.exit(2);
}
await oniguruma.loadWASM(readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm")).buffer);
const source = new URL("../syntaxes/mlir.tmLanguage.json", import.meta.url);
const registry = new Registry({
    onigLib: Promise.resolve({
        createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
        createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: () => Promise.resolve(parseRawGrammar(readFileSync(source, "utf8"), "mlir.tmLanguage.json")),
});
const grammar = await registry.loadGrammar("source.mlir");

const count = { files: 0, lines: 0, tokens: 0, unnamed: 0, runaway: 0 };
let slowest = { ms: 0, where: "" };
for (const path of readdirSync(folder, { recursive: true }).filter((path) => path.endsWith(".mlir")).sort()) {
    count.files += 1;
    let stack = INITIAL;
    for (const [index, line] of readFileSync(join(folder, path), "utf8").split(/\r?\n/).entries()) {
        const where = `${path}:${index + 1}`;
        const begin = performance.now();
        const answer = grammar.tokenizeLine(line, stack);
        const ms = performance.now() - begin;
        if (ms > slowest.ms) slowest = { ms, where };
        stack = answer.ruleStack;
        count.lines += 1;
        count.tokens += answer.tokens.length;
        const unnamed = answer.tokens.filter(
            ({ scopes, startIndex, endIndex }) => scopes.length === 1 && line.slice(startIndex, endIndex).trim(),
        );
        for (const { startIndex, endIndex } of unnamed) {
            count.unnamed += 1;
            if (count.unnamed <= 20) console.log(`${where}: no name for ${line.slice(startIndex, endIndex)}`);
        }
        // What goes on in the next line is seen there: an empty line has the scopes that are open.
        const open = grammar.tokenizeLine("", stack).tokens[0].scopes.join(" ");
        if (open !== "source.mlir" && open !== "source.mlir meta.resources.mlir") {
            count.runaway += 1;
            if (count.runaway <= 20) console.log(`${where}: open at the end of the line: ${open}`);
        }
    }
    if (stack.depth > 1) {
        count.runaway += 1;
        console.log(`${path}: still open at its end`);
    }
}
console.log(JSON.stringify(count), `slowest line ${slowest.ms.toFixed(1)} ms (${slowest.where})`);
process.exit(count.files && !count.unnamed && !count.runaway ? 0 : 1);
