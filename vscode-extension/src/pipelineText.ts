/** What the input box for a pipeline says of its text, of what the server says of it; must not know VS Code. */

import type { PipelineCompletion, PipelineProblem } from "./protocol";

/** The first problem of the text, in its order; the message names what it is about. */
export function problemText(problems: readonly PipelineProblem[]): string | undefined {
  return [...problems].sort((one, other) => one.start - other.start)[0]?.message;
}

/** The text with a completion in it. */
export function completed(text: string, completion: PipelineCompletion): string {
  return text.slice(0, completion.start) + completion.insert + text.slice(completion.end);
}
