/**
 * The names of lowered documents: which stage of which lowering one shows; must not know VS Code.
 *
 * The server makes and reads the same names. A client makes one itself for the last stage, whatever its number is after
 * the next change, and for the difference of two.
 */

export const LOWERED = "enzyme-lowered";

/** What is lowered and how. Of `preset`, `pipeline` and `runLine` the first that is given counts. */
export interface Lowering {
  /** The URI of the source, as the server knows it. */
  readonly source: string;
  readonly section?: number;
  readonly symbol?: string;
  readonly preset?: string;
  readonly pipeline?: string;
  readonly runLine?: number;
}

/** The parts of a URI; whoever makes one of them takes care of how its signs are written. */
export interface UriParts {
  readonly scheme: typeof LOWERED;
  readonly path: string;
  readonly query: string;
}

/** In this order the server writes them, so that the same document has the same name. */
const FIELDS = ["source", "section", "symbol", "preset", "pipeline", "runLine"] as const;

/** A stage by its number, from 0, which is the input, and how it is called. */
export interface StageName {
  readonly number: number;
  readonly name: string;
}

/** More of a title does not fit on a tab. */
const LONGEST_TITLE = 40;

/** The document that shows a stage; without one that of the last. The path is for people, who read it on a tab. */
export function loweredUri(lowering: Lowering, stage?: StageName): UriParts {
  const fields: Record<string, unknown> = {};
  for (const name of FIELDS) {
    if (lowering[name] !== undefined && lowering[name] !== "") {
      fields[name] = lowering[name];
    }
  }
  if (stage !== undefined) {
    fields["stage"] = stage.number;
  }
  const title = (stage?.name ?? nameOf(lowering)).replace(/[/\\]/g, " ");
  const short = title.length > LONGEST_TITLE ? `${title.slice(0, LONGEST_TITLE)}...` : title;
  // By the ending the editor knows the language; a file that was never saved has none.
  return { scheme: LOWERED, path: `/${short}: ${fileName(lowering.source)}`, query: JSON.stringify(fields) };
}

/** What a document of that name shows; undefined for any other. */
export function readUri(scheme: string, query: string): Lowering | undefined {
  if (scheme !== LOWERED) {
    return undefined;
  }
  try {
    const fields: unknown = JSON.parse(query);
    return isLowering(fields) ? fields : undefined;
  } catch {
    return undefined;
  }
}

/** How a lowering is called in titles. */
export function nameOf(lowering: Lowering): string {
  const symbol = lowering.symbol === undefined || lowering.symbol === "" ? "" : ` of @${lowering.symbol}`;
  if (lowering.preset !== undefined) {
    return `${lowering.preset}${symbol}`;
  }
  if (lowering.pipeline !== undefined) {
    return `${lowering.pipeline}${symbol}`;
  }
  return lowering.runLine === undefined ? `simplify${symbol}` : `RUN line ${lowering.runLine}${symbol}`;
}

function isLowering(fields: unknown): fields is Lowering {
  return typeof fields === "object" && fields !== null && "source" in fields && typeof fields.source === "string";
}

function fileName(source: string): string {
  const path = source.replace(/[?#].*$/, "");
  const name = path.slice(path.lastIndexOf("/") + 1).replace(/^untitled:/, "");
  if (name === "") {
    return "lowered.mlir";
  }
  return name.includes(".") ? decoded(name) : `${decoded(name)}.mlir`;
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
