/** How long to wait before a server that crashed is started again, and when to stop trying; must not know VS Code. */

/** Waits before the first, second... start after crashes that follow each other. */
const WAITS_MS = [500, 2_000, 8_000, 30_000] as const;

/** A server that has run this long was well; what happens to it then is a new story. */
const WELL_AFTER_MS = 60_000;

export class Backoff {
  #crashes = 0;

  /** The milliseconds to wait; undefined when it is better to ask the user. */
  crashed(ranForMs: number): number | undefined {
    if (ranForMs >= WELL_AFTER_MS) {
      this.#crashes = 0;
    }
    const wait = WAITS_MS[this.#crashes];
    this.#crashes += 1;
    return wait;
  }

  /** The user wants another try. */
  forget(): void {
    this.#crashes = 0;
  }

  get crashes(): number {
    return this.#crashes;
  }
}
