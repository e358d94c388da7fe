import assert from "node:assert/strict";
import { chmod, lstat, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { bytesOf, hasComments, megabytes } from "../src/bytecode";
import { page } from "../src/bytecodePage";
import { isBeingSaved, isOfFile, savedFragment, sourceOf, textParts } from "../src/bytecodeUri";
import { isReadOnly, replaceFile } from "../src/replaceFile";

const NAME = "git:/home/me/a.mlirbc?%7B%22ref%22%3A%22HEAD%22%7D";

test("a text has the path of its file", () => {
  const text = textParts({ scheme: "file", path: "/home/me/a b.mlirbc", query: "" }, () => "");
  assert.deepEqual(text, { scheme: "mlir.bytecode-mlir", path: "/home/me/a b.mlirbc", query: "" });
  assert.deepEqual(sourceOf(text), { scheme: "file", path: "/home/me/a b.mlirbc" });
  assert.ok(isOfFile(text));
});

test("the text of an older version has another name than that of the file, and cannot be written", () => {
  const text = textParts({ scheme: "git", path: "/home/me/a.mlirbc", query: '{"ref":"HEAD"}' }, () => NAME);
  assert.deepEqual(text, { scheme: "mlir.bytecode-mlir", path: "/home/me/a.mlirbc", query: NAME });
  assert.equal(sourceOf(text), NAME);
  assert.ok(!isOfFile(text));
});

test("a text on its way into a file is known by its fragment", () => {
  const scheme = "mlir.bytecode-mlir";
  assert.ok(isBeingSaved({ scheme, fragment: savedFragment(7) }));
  assert.ok(!isBeingSaved({ scheme, fragment: "" }));
  assert.ok(!isBeingSaved({ scheme: "file", fragment: savedFragment(7) }));
});

test("what is no bytecode does not get into a file", () => {
  const bytes = Buffer.from([0x4d, 0x4c, 0xef, 0x52, 0x0d, 0x00]);
  assert.deepEqual([...bytesOf({ output: bytes.toString("base64") })], [...bytes]);
  for (const other of ["", "module {}", Buffer.from("MLIR").toString("base64"), "TUw="]) {
    assert.throws(() => bytesOf({ output: other }), /something else than bytecode/);
  }
});

test("comments are told from slashes in strings", () => {
  const withComments = ["// a", "x\n  y // z", '"a" //', '"a\\"b" // c', '"not closed\n// a', '"//" "//" //'];
  const without = ["", "a / b", '"//"', '"\\"//"', 'loc("a//b.mlir":1:1)', '"a" "b//" "c"', '"never closed // a', '"\\'];
  assert.deepEqual(withComments.map(hasComments), withComments.map(() => true));
  assert.deepEqual(without.map(hasComments), without.map(() => false));
});

test("a large constant is no obstacle", () => {
  const text = `"${"AB".repeat(8_000_000)}" `.repeat(2) + '"a" '.repeat(200_000);
  const begin = performance.now();
  assert.ok(!hasComments(text));
  assert.ok(performance.now() - begin < 2_000);
});

test("sizes are told as people read them", () => {
  assert.deepEqual([1, 50 * 1024 * 1024, 51 * 1024 * 1024 + 1].map(megabytes), ["1 MB", "50 MB", "52 MB"]);
});

test("a page shows what it is given, and runs nothing", () => {
  const html = page('<b>"a" & b</b>', [{ title: "Try <Again>", uri: 'command:x?"' }]);
  assert.match(html, /<p>&lt;b&gt;&quot;a&quot; &amp; b&lt;\/b&gt;<\/p>/);
  assert.match(html, /<a href="command:x\?&quot;">Try &lt;Again&gt;<\/a>/);
  assert.match(html, /default-src 'none'/);
});

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "enzyme-lsp-test-"));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const NEW = Buffer.from("new");

test("a file is replaced as a whole, with its permissions, and nothing is left beside it", () =>
  inFolder(async (folder) => {
    const file = join(folder, "a.mlirbc");
    await replaceFile(file, Buffer.from("old"));
    await chmod(file, 0o640);
    await replaceFile(file, NEW);
    assert.equal(await readFile(file, "utf8"), "new");
    assert.equal((await stat(file)).mode & 0o777, 0o640);
    assert.deepEqual(await readdir(folder), ["a.mlirbc"]);
  }));

test("a link stays a link", { skip: process.platform === "win32" }, () =>
  inFolder(async (folder) => {
    await writeFile(join(folder, "real.mlirbc"), "old");
    await symlink("real.mlirbc", join(folder, "link.mlirbc"));
    await replaceFile(join(folder, "link.mlirbc"), NEW);
    assert.ok((await lstat(join(folder, "link.mlirbc"))).isSymbolicLink());
    assert.equal(await readFile(join(folder, "real.mlirbc"), "utf8"), "new");
  }));

test("a file that must not be written stays, also for an administrator", () =>
  inFolder(async (folder) => {
    const file = join(folder, "a.mlirbc");
    await writeFile(file, "old");
    assert.ok(!(await isReadOnly(file)));
    await chmod(file, 0o444);
    assert.ok(await isReadOnly(file));
    await assert.rejects(replaceFile(file, NEW), /^Error: a\.mlirbc must not be written: its permissions say so$/);
    assert.equal(await readFile(file, "utf8"), "old");
  }));

test("what cannot be replaced is left, with nothing beside it", () =>
  inFolder(async (folder) => {
    await mkdir(join(folder, "a.mlirbc/inside"), { recursive: true });
    await assert.rejects(replaceFile(join(folder, "a.mlirbc"), NEW));
    await assert.rejects(replaceFile(join(folder, "missing/a.mlirbc"), NEW));
    assert.deepEqual(await readdir(folder), ["a.mlirbc"]);
  }));
