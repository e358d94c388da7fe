/** What is installed with which Python, and what that costs; must not know VS Code, and runs nothing. */

import type { Machine } from "./discovery";

/** What an interpreter says of itself, when it runs `QUESTION`. */
export interface Python {
  readonly command: string;
  readonly version: readonly [number, number];
  readonly platform: string;
  readonly architecture: string;
}

export interface Plan {
  readonly python: Python;
  /** What pip is asked for. */
  readonly requirement: string;
  readonly hasCompiler: boolean;
  /** The download and the place on the disk, in words. */
  readonly size: string;
}

/** The compiler has wheels for this version alone. */
const OF_COMPILER = [3, 11] as const;
const OLDEST = [3, 11] as const;

/** Names of interpreters; the first is the one that the compiler has wheels for. */
export const PYTHONS = ["python3.11", "python3.14", "python3.13", "python3.12", "python3", "python"] as const;

/** Printed by an interpreter that can make an environment; any other fails at the first line. */
export const QUESTION = [
  "import ensurepip, json, platform, sys, venv",
  "print(json.dumps([sys.version_info[0], sys.version_info[1], sys.platform, platform.machine()]))",
].join("\n");

export function readAnswer(command: string, output: string): Python | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(output);
  } catch {
    return undefined;
  }
  if (!Array.isArray(answer)) {
    return undefined;
  }
  const [major, minor, platform, architecture] = answer as readonly unknown[];
  if (typeof major !== "number" || typeof minor !== "number") {
    return undefined;
  }
  const isNewEnough = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
  return isNewEnough ? { command, version: [major, minor], platform: String(platform), architecture: String(architecture) } : undefined;
}

/** Whether the compiler can be installed beside the server. */
export function takesCompiler(python: Python): boolean {
  const isLinux = python.platform === "linux" && ["x86_64", "aarch64"].includes(python.architecture);
  const isMac = python.platform === "darwin" && python.architecture === "arm64";
  return python.version[0] === OF_COMPILER[0] && python.version[1] === OF_COMPILER[1] && (isLinux || isMac);
}

/** `source` is a requirement, a wheel or a folder. The compiler is an extra of the server's package. */
export function planned(python: Python, source: string, wish: { readonly compiler: boolean }): Plan {
  const hasCompiler = wish.compiler && takesCompiler(python);
  return {
    python,
    requirement: hasCompiler ? `${source}[enzyme]` : source,
    hasCompiler,
    size: hasCompiler ? "a download of 125 MB, 545 MB on the disk" : "a download of 4 MB, 50 MB on the disk",
  };
}

/** Arguments of an environment's Python that install. */
export function pipArguments({ requirement }: { readonly requirement: string }): readonly string[] {
  return ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off", requirement];
}

/** What is added to an environment for bytecode. `source` is as above. */
export function plannedBindings(source: string): { readonly requirement: string; readonly size: string } {
  return { requirement: `${source}[mlir]`, size: "a download of 150 MB, 480 MB on the disk" };
}

/** What pip does at the moment, for a progress message; undefined for a line that says nothing new. */
export function progressOf(line: string): string | undefined {
  const found = /^\s*(Collecting|Downloading|Installing collected packages|Successfully installed|Processing)\b:?\s*(\S*)/.exec(line);
  if (found === null) {
    return undefined;
  }
  const [, word = "", what = ""] = found;
  switch (word) {
    case "Collecting":
    case "Processing":
      return `looking for ${what.replace(/^.*\//, "").replace(/[<>=!~[;].*$/, "")}`;
    case "Downloading":
      return `downloading ${what.replace(/^.*\//, "")} ${/\([^)]*\)/.exec(line)?.[0] ?? ""}`.trimEnd();
    case "Successfully installed":
      return "done";
    default:
      return "installing";
  }
}

/** An environment of ours is made anew, so that nothing of a broken one is left. */
export function venvArguments(folder: string): readonly string[] {
  return ["-m", "venv", "--clear", folder];
}

/** The interpreter inside an environment. */
export function pythonOf(folder: string, machine: Machine): string {
  return machine.platform === "win32" ? `${folder}\\Scripts\\python.exe` : `${folder}/bin/python`;
}
