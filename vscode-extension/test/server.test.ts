import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { Backoff } from "../src/backoff";
import { end, launch } from "../src/launch";
import { levelOf } from "../src/logLines";
import { forServer } from "../src/settings";

test("pauses grow with each crash, until the user is asked", () => {
  const backoff = new Backoff();
  const waits = [1, 1, 1, 1, 1].map((ranForMs) => backoff.crashed(ranForMs));
  assert.deepEqual(waits, [500, 2_000, 8_000, 30_000, undefined]);
  assert.equal(backoff.crashes, 5);
});

test("a server that was well for a minute begins anew, and so does one that the user restarts", () => {
  const backoff = new Backoff();
  backoff.crashed(1);
  backoff.crashed(1);
  assert.equal(backoff.crashed(60_000), 500);
  backoff.crashed(1);
  backoff.forget();
  assert.equal(backoff.crashed(1), 500);
});

test("a program that cannot be started says so in a sentence", async () => {
  await assert.rejects(launch("/nowhere/enzyme-lsp", [], tmpdir()), /^Error: \/nowhere\/enzyme-lsp cannot be started: /);
});

test("a program that does not end by itself is ended", async () => {
  const child = await launch(process.execPath, ["-e", "setInterval(() => 0, 1000)"], tmpdir());
  await end(child);
  assert.equal(child.signalCode, "SIGTERM");
});

test("lines of the server's log keep their levels", () => {
  assert.equal(levelOf("2026-01-31 12:00:00,123 WARNING enzyme_lsp.x: slow"), "warn");
  assert.equal(levelOf("2026-01-31 12:00:00,123 ERROR enzyme_lsp.x: no"), "error");
  assert.equal(levelOf("2026-01-31 12:00:00,123 DEBUG enzyme_lsp.x: yes"), "debug");
  assert.equal(levelOf("Traceback (most recent call last):"), "info");
  assert.equal(levelOf(""), "info");
});

test("the server gets its own settings and none of ours", () => {
  const section = { engine: { python: "/p" }, server: { command: "x" }, trace: { server: "off" }, typo: 1 };
  assert.deepEqual(forServer(section), { engine: { python: "/p" }, typo: 1 });
  assert.equal(forServer(null), null);
  assert.deepEqual(forServer([1]), [1]);
});
