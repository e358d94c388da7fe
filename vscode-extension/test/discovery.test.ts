import assert from "node:assert/strict";
import { test } from "node:test";
import { type Machine, type Wishes, expanded, find, onPath } from "../src/discovery";

function computer(programs: readonly string[], more: Partial<Machine> = {}): Machine {
  return {
    platform: "linux",
    home: "/home/ada",
    environment: { PATH: "/usr/bin:relative::/opt/bin", TOOLS: "/opt/tools" },
    isProgram: (file) => programs.includes(file),
    ...more,
  };
}

function wishes(more: Partial<Wishes> = {}): Wishes {
  return {
    command: "",
    commandArguments: [],
    folders: ["/srv/project"],
    isTrusted: true,
    selectedPython: "",
    privateFolder: "/storage/environment",
    ...more,
  };
}

const SELECTED = "/envs/ml/bin/python";
const EVERYWHERE = [
  "/envs/ml/bin/enzyme-lsp",
  "/usr/bin/enzyme-lsp",
  "/opt/bin/enzyme-lsp",
  "/srv/project/.venv/bin/enzyme-lsp",
  "/srv/project/venv/bin/enzyme-lsp",
  "/storage/environment/bin/enzyme-lsp",
];

test("places are tried in the order of the manual", () => {
  const left = [...EVERYWHERE];
  const order: string[] = [];
  while (left.length > 0) {
    const found = find(wishes({ selectedPython: SELECTED }), computer(left));
    assert.ok("command" in found);
    order.push(`${found.origin}: ${found.command}`);
    left.splice(left.indexOf(found.command), 1);
  }
  assert.deepEqual(order, [
    "selected Python: /envs/ml/bin/enzyme-lsp",
    "PATH: /usr/bin/enzyme-lsp",
    "PATH: /opt/bin/enzyme-lsp",
    "workspace: /srv/project/.venv/bin/enzyme-lsp",
    "workspace: /srv/project/venv/bin/enzyme-lsp",
    "private environment: /storage/environment/bin/enzyme-lsp",
  ]);
});

test("where there is none, that is no setting's fault", () => {
  const found = find(wishes(), computer([]));
  assert.deepEqual(found, { reason: "enzyme-lsp was not found on this computer", isSetting: false });
});

test("a setting comes before everything, with its arguments", () => {
  const programs = [...EVERYWHERE, "/srv/project/tools/run"];
  const wish = wishes({ command: "${workspaceFolder}/tools/run", commandArguments: ["-m", "${env:TOOLS}/x"] });
  assert.deepEqual(find(wish, computer(programs)), {
    origin: "setting",
    command: "/srv/project/tools/run",
    commandArguments: ["-m", "/opt/tools/x"],
  });
});

test("a setting may be a name on PATH, a path in the workspace, or one from home", () => {
  const programs = ["/opt/bin/mlir-server", "/srv/project/bin/server", "/home/ada/server"];
  const commands = ["mlir-server", "bin/server", "~/server", "${userHome}/server"].map((command) => {
    const found = find(wishes({ command }), computer(programs));
    return "command" in found ? found.command : found.reason;
  });
  assert.deepEqual(commands, ["/opt/bin/mlir-server", "/srv/project/bin/server", "/home/ada/server", "/home/ada/server"]);
});

test("a setting that leads nowhere is said, and nothing else is started", () => {
  const path = find(wishes({ command: "/nowhere/server" }), computer(EVERYWHERE));
  assert.deepEqual(path, {
    reason: "enzyme-lsp.server.command is set to /nowhere/server, which is no program",
    isSetting: true,
  });
  const name = find(wishes({ command: "server" }), computer(EVERYWHERE));
  assert.deepEqual(name, {
    reason: "enzyme-lsp.server.command is set to server, which is on no folder of PATH",
    isSetting: true,
  });
});

test("without trust nothing inside of the workspace is started", () => {
  const inside = ["/srv/project/.venv/bin/enzyme-lsp", "/srv/project/bin/enzyme-lsp"];
  const wish = wishes({ isTrusted: false, selectedPython: "/srv/project/bin/python" });
  const path = { PATH: "/srv/project/bin:/usr/bin" };
  assert.ok("reason" in find(wish, computer(inside, { environment: path })));
  const found = find(wish, computer([...inside, "/usr/bin/enzyme-lsp"], { environment: path }));
  assert.ok("command" in found && found.command === "/usr/bin/enzyme-lsp");
  const set = find(wishes({ isTrusted: false, command: "${workspaceFolder}/bin/enzyme-lsp" }), computer(inside));
  assert.ok("reason" in set && set.reason.endsWith("is in this workspace, which is not trusted"));
});

test("a folder whose name begins as the workspace's is another folder", () => {
  const wish = wishes({ isTrusted: false, selectedPython: "/srv/project-tools/bin/python" });
  assert.ok("command" in find(wish, computer(["/srv/project-tools/bin/enzyme-lsp"])));
  const dotted = wishes({ isTrusted: false, selectedPython: "/srv/project/..tools/bin/python" });
  assert.ok("reason" in find(dotted, computer(["/srv/project/..tools/bin/enzyme-lsp"])));
});

test("entries of PATH that depend on the current folder are left out", () => {
  assert.deepEqual(onPath("x", computer([])), ["/usr/bin/x", "/opt/bin/x"]);
});

test("Windows has other folders and endings", () => {
  const machine = computer(["C:\\project\\.venv\\Scripts\\enzyme-lsp.exe"], {
    platform: "win32",
    environment: { Path: "C:\\Windows;relative" },
  });
  const found = find(wishes({ folders: ["C:\\project"], privateFolder: "C:\\private" }), machine);
  assert.ok("command" in found && found.command === "C:\\project\\.venv\\Scripts\\enzyme-lsp.exe");
  assert.deepEqual(onPath("enzyme-lsp", machine), ["C:\\Windows\\enzyme-lsp.exe"]);
});

test("what is no variable stays as it is", () => {
  const machine = computer([]);
  assert.equal(expanded("${file}/a~b/${env:MISSING}x", wishes(), machine), "${file}/a~b/x");
  assert.equal(expanded("${workspaceFolder}/x", wishes({ folders: [] }), machine), "${workspaceFolder}/x");
  assert.equal(expanded("~ada/x", wishes(), machine), "~ada/x");
});
