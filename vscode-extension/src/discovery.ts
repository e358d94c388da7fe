/**
 * Where the server is, in the order in which it is looked for; must not know VS Code, and starts nothing.
 *
 * A candidate is told by files that are there, not by running them: looking costs a few `stat`s, so that an editor
 * does not wait. In a workspace that its user does not trust nothing inside of it is a candidate.
 */

import * as path from "node:path";

/** What the computer says. Tests have one of their own. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether there is a file that can be run. */
  isProgram(file: string): boolean;
}

/** What the user says. */
export interface Wishes {
  /** The setting `server.command`; empty when it is not set. */
  readonly command: string;
  readonly commandArguments: readonly string[];
  /** The folders of the workspace, as paths. */
  readonly folders: readonly string[];
  readonly isTrusted: boolean;
  /** The interpreter that the Python extension has selected; empty without one. */
  readonly selectedPython: string;
  /** Where we make an environment of our own. */
  readonly privateFolder: string;
}

export type Origin = "setting" | "selected Python" | "PATH" | "workspace" | "private environment";

/** A server that can be started. */
export interface Found {
  readonly origin: Origin;
  readonly command: string;
  readonly commandArguments: readonly string[];
}

/** Why there is none: a setting that leads nowhere is the user's to mend, and nothing else is tried then. */
export interface Missing {
  readonly reason: string;
  readonly isSetting: boolean;
}

/** Names of virtual environments, as people and tools call them. */
const ENVIRONMENTS = [".venv", "venv", ".env", "env"] as const;

const PROGRAM = "enzyme-lsp";

export function find(wishes: Wishes, machine: Machine): Found | Missing {
  if (wishes.command !== "") {
    return fromSetting(wishes, machine);
  }
  for (const [origin, file] of places(wishes, machine)) {
    if (isAllowed(file, wishes, machine) && machine.isProgram(file)) {
      return { origin, command: file, commandArguments: [] };
    }
  }
  return { reason: "enzyme-lsp was not found on this computer", isSetting: false };
}

export function isFound(result: Found | Missing): result is Found {
  return "command" in result;
}

/** A text of the settings with `${workspaceFolder}`, `${userHome}`, `${env:NAME}` and `~` replaced. */
export function expanded(text: string, wishes: Pick<Wishes, "folders">, machine: Machine): string {
  const home = text.replace(/^~(?=$|[/\\])/, () => machine.home);
  return home.replace(/\$\{(workspaceFolder|userHome|env:([^}]+))\}/g, (whole, name: string, variable?: string) => {
    if (variable !== undefined) {
      return machine.environment[variable] ?? "";
    }
    return name === "userHome" ? machine.home : (wishes.folders[0] ?? whole);
  });
}

/** Where an environment keeps the program. */
export function programOf(environment: string, machine: Machine, name: string = PROGRAM): string {
  const folder = pathsOf(machine).join(environment, machine.platform === "win32" ? "Scripts" : "bin");
  return pathsOf(machine).join(folder, suffixed(name, machine));
}

/** The programs of that name in the folders of `PATH`, first come first. */
export function onPath(name: string, machine: Machine): string[] {
  const { delimiter, isAbsolute, join } = pathsOf(machine);
  const folders = (machine.environment["PATH"] ?? machine.environment["Path"] ?? "").split(delimiter);
  // An empty or relative entry means the current folder, which may be one that somebody else has filled.
  return folders.filter(isAbsolute).map((folder) => join(folder, suffixed(name, machine)));
}

function* places(wishes: Wishes, machine: Machine): Generator<[Origin, string]> {
  const { dirname, join } = pathsOf(machine);
  if (wishes.selectedPython !== "") {
    yield ["selected Python", join(dirname(wishes.selectedPython), suffixed(PROGRAM, machine))];
  }
  for (const file of onPath(PROGRAM, machine)) {
    yield ["PATH", file];
  }
  for (const folder of wishes.folders) {
    for (const name of ENVIRONMENTS) {
      yield ["workspace", programOf(join(folder, name), machine)];
    }
  }
  yield ["private environment", programOf(wishes.privateFolder, machine)];
}

function fromSetting(wishes: Wishes, machine: Machine): Found | Missing {
  const written = expanded(wishes.command, wishes, machine);
  const { isAbsolute, join } = pathsOf(machine);
  const commandArguments = wishes.commandArguments.map((one) => expanded(one, wishes, machine));
  const isName = !/[/\\]/.test(written);
  const files = isName
    ? onPath(written, machine)
    : isAbsolute(written)
      ? [written]
      : wishes.folders.map((folder) => join(folder, written));
  const file = files.find((one) => machine.isProgram(one));
  if (file === undefined) {
    const where = isName ? "is on no folder of PATH" : "is no program";
    return { reason: `enzyme-lsp.server.command is set to ${written}, which ${where}`, isSetting: true };
  }
  // In a workspace without trust VS Code gives us the user's own setting, but that may say ${workspaceFolder}.
  if (!isAllowed(file, wishes, machine)) {
    return { reason: `${file} is in this workspace, which is not trusted`, isSetting: true };
  }
  return { origin: "setting", command: file, commandArguments };
}

function isAllowed(file: string, wishes: Wishes, machine: Machine): boolean {
  return wishes.isTrusted || !wishes.folders.some((folder) => isInside(file, folder, machine));
}

function isInside(file: string, folder: string, machine: Machine): boolean {
  const { relative, isAbsolute } = pathsOf(machine);
  const way = relative(folder, file);
  return !/^\.\.(?:[/\\]|$)/.test(way) && !isAbsolute(way);
}

function suffixed(name: string, machine: Machine): string {
  return machine.platform === "win32" && !/\.[a-z]+$/i.test(name) ? `${name}.exe` : name;
}

function pathsOf(machine: Machine): path.PlatformPath {
  return machine.platform === "win32" ? path.win32 : path.posix;
}
