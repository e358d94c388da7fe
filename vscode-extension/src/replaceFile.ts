/** Writes a file as a whole or not at all; must not know what is in it. */

import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, access, open, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

const ANY_WRITE = 0o222;
const PERMISSIONS = 0o7777;

/**
 * The bytes go into a new file beside it, which then takes its name: whoever reads the file has all of the old or all of
 * the new. A link stays one, and the permissions stay.
 */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const before = await stat(target).catch(() => undefined);
  if (before !== undefined && (await isReadOnly(target))) {
    throw new Error(`${basename(path)} must not be written: its permissions say so`);
  }
  const beside = join(dirname(target), `.${basename(target)}.${randomBytes(4).toString("hex")}.tmp`);
  try {
    const file = await open(beside, "wx", 0o666);
    try {
      await fill(file, bytes, before?.mode);
    } finally {
      await file.close();
    }
    await rename(beside, target);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/** Whether a file's permissions forbid to write it; those of its owner count for an administrator too. */
export async function isReadOnly(path: string): Promise<boolean> {
  const { mode } = await stat(path);
  if ((mode & ANY_WRITE) === 0) {
    return true;
  }
  return access(path, constants.W_OK).then(
    () => false,
    () => true,
  );
}

async function fill(file: FileHandle, bytes: Uint8Array, mode: number | undefined): Promise<void> {
  await file.writeFile(bytes);
  if (mode !== undefined) {
    await file.chmod(mode & PERMISSIONS);
  }
  await file.sync();
}
