/** Which lines of a lowered document came from which lines of its source; must not know VS Code. */

export class LineMap {
  readonly #lowered = new Map<number, number[]>();

  /** For each line of the document the line of the source, from 0; -1 where there is none. */
  constructor(private readonly lines: readonly number[]) {
    lines.forEach((source, line) => {
      if (source >= 0) {
        const known = this.#lowered.get(source);
        if (known === undefined) {
          this.#lowered.set(source, [line]);
        } else {
          known.push(line);
        }
      }
    });
  }

  /** The line of the source for a line of the document. */
  source(line: number): number | undefined {
    const source = this.lines[line];
    return source === undefined || source < 0 ? undefined : source;
  }

  /** The lines of the document that came from a line of the source, in order. */
  lowered(source: number): readonly number[] {
    return this.#lowered.get(source) ?? [];
  }

  /** All that came from the same line as this one. */
  siblings(line: number): readonly number[] {
    const source = this.source(line);
    return source === undefined ? [] : this.lowered(source);
  }
}
