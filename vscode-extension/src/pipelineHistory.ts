/** The pipelines that somebody has written, newest first; must not know where they are kept. */

/** More than this nobody looks through. */
const MOST = 20;

/** The history with one more entry; the same pipeline is there once, whatever blanks it has. */
export function remembered(history: readonly string[], pipeline: string): string[] {
  const text = pipeline.trim();
  if (text === "") {
    return [...history];
  }
  return [text, ...history.filter((one) => bare(one) !== bare(text))].slice(0, MOST);
}

/** What is kept, read back: it may come from another version of this extension. */
export function readHistory(kept: unknown): string[] {
  return Array.isArray(kept) ? kept.filter((one) => typeof one === "string").slice(0, MOST) : [];
}

function bare(pipeline: string): string {
  return pipeline.replace(/\s+/g, "");
}
