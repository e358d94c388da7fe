/**
 * The names of texts that stand for bytecode: which file one is the text of; must not know VS Code.
 *
 * The scheme is that of upstream's protocol, by which a server knows such a document.
 */

export const BYTECODE = "mlir.bytecode-mlir";

/** The parts of a URI that matter here. */
export interface Parts {
  readonly scheme: string;
  readonly path: string;
  readonly query: string;
}

/** In the fragment of a document that is there for a moment alone, so that the server turns a text into bytecode. */
const BEING_SAVED = "being-saved";

/** The text of a file. What is no file, as an older version of one, has its whole name in the query: `name` gives it. */
export function textParts(source: Parts, name: () => string): Parts {
  return { scheme: BYTECODE, path: source.path, query: source.scheme === "file" ? "" : name() };
}

/** What a text stands for: the parts of a file, or the whole name of something else. */
export function sourceOf(text: Parts): { readonly scheme: "file"; readonly path: string } | string {
  return text.query === "" ? { scheme: "file", path: text.path } : text.query;
}

/** Only a file can be written. */
export function isOfFile(text: Parts): boolean {
  return text.query === "";
}

/** The fragment for the `number`th text that is being saved. */
export function savedFragment(number: number): string {
  return `${BEING_SAVED}-${number}`;
}

export function isBeingSaved(text: { readonly scheme: string; readonly fragment: string }): boolean {
  return text.scheme === BYTECODE && text.fragment.startsWith(BEING_SAVED);
}
