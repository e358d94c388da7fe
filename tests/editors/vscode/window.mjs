/** A real VS Code, which a browser without a screen shows, with the packaged extension; must not know what is tested. */

import { execFile, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
export const ARTIFACTS = join(ROOT, ".editors/artifacts");
const INSTALLED = join(ROOT, ".editors/vscode/node_modules");
const ENTRY = join(INSTALLED, "code-server/out/node/entry.js");
export const EXTENSIONS = join(INSTALLED, "code-server/lib/vscode/extensions");
const VSIX = join(ROOT, "vscode-extension/enzyme-lsp.vsix");

/** What a window needs of VS Code itself; with all that it brings, each window starts two seconds later. */
const BUILT_IN = ["theme-defaults", "theme-seti", "theme-modern-icons", "json", "search-result"];

/** Machines that do other work as well are slow; what never comes costs this much once. */
const WAIT_MS = 60_000;

const USER_SETTINGS = {
  "telemetry.telemetryLevel": "off",
  "workbench.enableExperiments": false,
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "chat.disableAIFeatures": true,
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "git.enabled": false,
  "files.autoSave": "off",
  "editor.fontFamily": "DejaVu Sans Mono",
  "editor.minimap.enabled": false,
  "editor.cursorBlinking": "solid",
  "editor.accessibilitySupport": "off",
  "window.restoreWindows": "none",
};

/** Settings that name programs are the machine's: as a user's own they may come after the extension has started. */
const MACHINE_SETTINGS = { "enzyme-lsp.server.command": join(ROOT, ".venv/bin/enzyme-lsp") };

/** Pictures of the README and of the extension's page, rewritten with UPDATE_EXPECT=1. */
const IN_DOCUMENTS = ["problems", "quick-fix", "differentiate", "lowering-followed"];

const MANIFEST = createRequire(import.meta.url)("../../../vscode-extension/package.json");
const TITLES = Object.fromEntries(
  MANIFEST.contributes.commands.map(({ command, category, title }) => [command, `${category}: ${title.replace(/\.+$/, "")}`]),
);

const BROWSER_ARGUMENTS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // No test leaves the machine.
  "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
];

export class Editors {
  #windows = 0;

  constructor(folder, port, program, context) {
    this.folder = folder;
    this.port = port;
    this.program = program;
    this.context = context;
  }

  /** Installs the extension, then starts the editor and the browser. */
  static async start() {
    const folder = await mkdtemp(join(tmpdir(), "enzyme-vscode-"));
    const builtIn = join(folder, "built-in");
    for (const name of BUILT_IN) {
      await cp(join(EXTENSIONS, name), join(builtIn, name), { recursive: true });
    }
    await write(join(folder, "user/User/settings.json"), JSON.stringify(USER_SETTINGS));
    await write(join(folder, "user/Machine/settings.json"), JSON.stringify(MACHINE_SETTINGS));
    await write(join(folder, "config.yaml"), "auth: none\n");
    const shared = [
      ENTRY,
      ...["--config", join(folder, "config.yaml")],
      ...["--user-data-dir", join(folder, "user")],
      ...["--extensions-dir", join(folder, "extensions")],
      "--disable-telemetry",
      "--disable-update-check",
    ];
    const env = {
      PATH: process.env.PATH,
      HOME: folder,
      LANG: "C.UTF-8",
      XDG_CONFIG_HOME: join(folder, "xdg"),
      XDG_DATA_HOME: join(folder, "xdg"),
      XDG_RUNTIME_DIR: folder,
      EXTENSIONS_GALLERY: "{}",
    };
    await promisify(execFile)(process.execPath, [...shared, "--install-extension", VSIX], { env });

    const port = await freePort();
    const own = [
      ...["--bind-addr", `127.0.0.1:${port}`],
      ...["--auth", "none"],
      "--disable-workspace-trust",
      "--disable-getting-started-override",
      "--disable-proxy",
      "--ignore-last-opened",
      ...["--vscode-option", `builtin-extensions-dir=${builtIn}`],
    ];
    const program = spawn(process.execPath, [...shared, ...own], { env, stdio: "ignore", detached: true });
    await until("VS Code answers", () => fetch(`http://127.0.0.1:${port}/healthz`).then(({ ok }) => ok, () => false));
    const { chromium } = createRequire(join(INSTALLED, "x.js"))("playwright-core");
    const context = await chromium.launchPersistentContext(join(folder, "browser"), {
      executablePath: await programNamed("chromium", "chromium-browser", "google-chrome"),
      headless: true,
      viewport: { width: 1280, height: 800 },
      locale: "en-US",
      args: BROWSER_ARGUMENTS,
    });
    return new Editors(folder, port, program, context);
  }

  /** A window of its own, on a folder with the files, the first of which is open. */
  async open(files) {
    this.#windows += 1;
    const folder = join(this.folder, `workspace-${this.#windows}`);
    for (const [name, text] of Object.entries(files)) {
      await write(join(folder, name), text);
    }
    const first = Object.keys(files)[0];
    const payload = JSON.stringify([["openFile", `vscode-remote://127.0.0.1:${this.port}${join(folder, first)}`]]);
    const page = await this.context.newPage();
    page.setDefaultTimeout(WAIT_MS);
    await page.goto(`http://127.0.0.1:${this.port}/?${new URLSearchParams({ folder, payload })}`, {
      waitUntil: "domcontentloaded",
    });
    const window = new Window(page, folder);
    await window.editor(first).waitFor();
    return window;
  }

  /** The log of the newest window's extension host. */
  async hostLog() {
    const paths = await readdir(this.#logs, { recursive: true });
    const newest = paths.find((path) => path.endsWith(`exthost${this.#windows}/remoteexthost.log`));
    return newest === undefined ? "" : readFile(join(this.#logs, newest), "utf8");
  }

  /** All logs go to the artefacts, for whoever wants to know why something failed. */
  keepLogs() {
    return cp(this.#logs, join(ARTIFACTS, "logs"), { recursive: true });
  }

  get #logs() {
    return join(this.folder, "user/logs");
  }

  async stop() {
    await this.context.close();
    const ended = new Promise((resolve) => this.program.once("exit", resolve));
    process.kill(-this.program.pid, "SIGTERM");
    await Promise.race([ended, sleep(10_000).then(() => process.kill(-this.program.pid, "SIGKILL"))]).catch(() => {});
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

export class Window {
  constructor(page, folder) {
    this.page = page;
    this.folder = folder;
  }

  /** The editor of a file; of one with bytecode it is that of its text. */
  editor(name) {
    const ofFile = ':is([data-uri^="vscode-remote:"], [data-uri^="mlir.bytecode-mlir:"])';
    return this.page.locator(`.editor-instance .monaco-editor${ofFile}[data-uri$="/${name}"]`);
  }

  /** The editor of a lowered document. */
  preview() {
    return this.page.locator('.editor-instance .monaco-editor[data-uri^="enzyme-lowered:"]');
  }

  /** The number of the line that the cursor of an editor is on. */
  async line(editor) {
    return Number(await editor.locator(".line-numbers.active-line-number").first().innerText());
  }

  /** The lines that an editor shows, without the words that extensions put between. */
  async lines(editor) {
    const lines = await editor.locator(".view-line").evaluateAll((all) =>
      all.map((line) => [Number.parseInt(line.style.top, 10), line.textContent]),
    );
    return lines.sort(([one], [other]) => one - other).map(([, text]) => text.replaceAll("\u00a0", " "));
  }

  /** Clicks on a word of an editor. */
  async click(editor, word) {
    await editor.locator(".view-line span span", { hasText: word }).first().click();
  }

  /** What a file on the disk holds. */
  bytes(name) {
    return readFile(join(this.folder, name));
  }

  /** The text of a file on the disk. */
  text(name) {
    return readFile(join(this.folder, name), "utf8");
  }

  async press(...keys) {
    for (const key of keys) {
      await this.page.keyboard.press(key);
    }
  }

  /** Runs a command of the palette: one of ours by its name, another by its title. */
  async command(name) {
    const title = TITLES[name] ?? name;
    await this.press("F1");
    const box = this.page.locator('.quick-input-widget input[type="text"]');
    await box.waitFor();
    await box.fill(`>${title}`);
    // The palette leaves the dots of some titles out.
    const label = this.page.locator(".label-name", { hasText: new RegExp(`^${title}(\\.\\.\\.)?$`) });
    await this.page.locator(".quick-input-list .monaco-list-row").filter({ has: label }).first().click();
  }

  /** Takes the first row of the open list that has the text. */
  async pick(text) {
    await this.page.locator(".quick-input-list .monaco-list-row", { hasText: text }).first().click();
  }

  /** Puts the cursor behind a line's last character. */
  async cursorAt(editor, text) {
    await editor.locator(".view-line", { hasText: text }).first().click();
    await this.press("End");
  }

  /** The newest message that pops up with the text. */
  message(text) {
    return this.page.locator(".notifications-toasts .notification-list-item-message", { hasText: text }).first();
  }

  /** Opens a file from the explorer, in a tab that stays. */
  async openFromExplorer(name) {
    await this.page.locator(".explorer-folders-view .monaco-list-row", { hasText: name }).dblclick();
    await this.editor(name).waitFor();
  }

  async save() {
    await this.press("Control+s");
    await this.page.locator(".tab.dirty").first().waitFor({ state: "detached" });
  }

  /** The number of errors that VS Code counts in the workspace. */
  async errors(count) {
    const label = count === 0 ? /^No Problems$/ : new RegExp(`Errors: ${count}\\b`);
    await until(`${count} errors are counted`, async () => label.test(await this.problems()));
  }

  /** Waits until the status item tells of an engine that has nothing to do. */
  async engine(name) {
    await until("the engine is ready", async () => {
      const isBusy = (await this.status.locator(".codicon-sync").count()) > 0;
      return !isBusy && name.test((await this.status.getAttribute("aria-label", { timeout: WAIT_MS })) ?? "");
    });
  }

  problems() {
    return this.page.locator("#status\\.problems").getAttribute("aria-label");
  }

  /** The item of the extension in the status bar. */
  get status() {
    return this.page.locator('.statusbar-item[id*="enzyme-lsp"]');
  }

  /** A picture of the whole window, kept with the artefacts; some are those of the documents. */
  async picture(name) {
    const path = join(ARTIFACTS, `${name}.png`);
    await mkdir(ARTIFACTS, { recursive: true });
    await this.page.screenshot({ path, caret: "initial" });
    if (process.env.UPDATE_EXPECT && IN_DOCUMENTS.includes(name)) {
      const there = name === "problems" ? `docs/images/vscode-${name}.png` : `vscode-extension/images/${name}.png`;
      await cp(path, join(ROOT, there));
    }
  }

  close() {
    return this.page.close({ runBeforeUnload: false });
  }
}

/** Waits until something holds; says what when it never does. */
export async function until(what, holds, patienceMs = WAIT_MS) {
  const end = Date.now() + patienceMs;
  for (;;) {
    if (await holds()) {
      return;
    }
    if (Date.now() > end) {
      throw new Error(`waited ${patienceMs} ms until ${what}`);
    }
    await sleep(50);
  }
}

async function write(path, text) {
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, text);
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function programNamed(...names) {
  for (const folder of process.env.PATH.split(delimiter)) {
    const present = await readdir(folder).catch(() => []);
    const name = names.find((one) => present.includes(one));
    if (name !== undefined) {
      return join(folder, name);
    }
  }
  throw new Error(`none of ${names.join(", ")} is installed`);
}
