/** Bytecode as bytes, and what of a text it does not keep; must not know VS Code. */

import type { ConvertBytecodeResult } from "./protocol";

/** More text than this VS Code does not give to extensions. */
export const MOST_TEXT_BYTES = 50 * 1024 * 1024;

/** How bytecode begins: "ML", a byte that no text has, and "R". */
const MAGIC = [0x4d, 0x4c, 0xef, 0x52] as const;

/** The bytes of an answer. Throws for one that is no bytecode, which must not get into a file. */
export function bytesOf({ output }: ConvertBytecodeResult): Uint8Array {
  const bytes = Buffer.from(output, "base64");
  if (!MAGIC.every((byte, at) => bytes[at] === byte)) {
    throw new Error("the language server answered with something else than bytecode");
  }
  return bytes;
}

/** Whether a text has comments; `//` inside of a string is none. */
export function hasComments(text: string): boolean {
  let slashes = text.indexOf("//");
  let quote = text.indexOf('"');
  while (slashes !== -1 && quote !== -1 && quote < slashes) {
    const behind = endOfString(text, quote);
    quote = text.indexOf('"', behind);
    if (slashes < behind) {
      slashes = text.indexOf("//", behind);
    }
  }
  return slashes !== -1;
}

/** As in "52 MB". */
export function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024 / 1024)} MB`;
}

/** The place behind a string that begins with the quote at a place; one that is not closed ends with its line. */
function endOfString(text: string, quote: number): number {
  for (let at = quote + 1; at < text.length; at += 1) {
    const sign = text[at];
    if (sign === "\\") {
      at += 1;
    } else if (sign === '"' || sign === "\n") {
      return at + 1;
    }
  }
  return text.length;
}
