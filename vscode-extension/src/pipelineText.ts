/** What the input box for a pipeline says of its text, of what the server says of it; must not know VS Code. */

import type { PipelineCompletion, PipelineProblem } from "./protocol";

/** The first problem in words, with the part of the text that it is about. */
export function problemText(text: string, problems: readonly PipelineProblem[]): string | undefined {
  const first = [...problems].sort((one, other) => one.start - other.start)[0];
  if (first === undefined) {
    return undefined;
  }
  const part = text.slice(first.start, first.end);
  return part === "" ? first.message : `${part}: ${first.message}`;
}

/** The text with a completion in it. */
export function completed(text: string, completion: PipelineCompletion): string {
  return text.slice(0, completion.start) + completion.insert + text.slice(completion.end);
}
