/**
 * The messages that are ours, as types; made by scripts/protocol.mjs from schemas/protocol.schema.json, not by hand.
 *
 * docs/protocol.md says when each of them is sent.
 */

/** The names of the messages. */
export const Method = {
  status: "enzyme/status",
  genericForm: "enzyme/genericForm",
  lower: "enzyme/lower",
  gradcheck: "enzyme/gradcheck",
  sourceMap: "enzyme/sourceMap",
  pipelines: "enzyme/pipelines",
  pipeline: "enzyme/pipeline",
  convertFromBytecode: "mlir/convertFromBytecode",
  convertToBytecode: "mlir/convertToBytecode",
  builderCodeCommand: "enzyme-lsp.builderCode",
  lowerCommand: "enzyme-lsp.lower",
  pipelinesCommand: "enzyme-lsp.pipelines",
  gradcheckCommand: "enzyme-lsp.gradcheck",
  showLoweredCommand: "enzyme-lsp.showLowered",
  showReferencesCommand: "enzyme-lsp.showReferences",
  showActionsCommand: "enzyme-lsp.showActions",
  showLoweringCommand: "enzyme-lsp.showLowering",
} as const;

/** One of several compilers, with the fields of the message. */
export interface EngineStatus {
  /** The URIs of the open documents that it judges. */
  readonly documents: readonly string[];
  readonly health: "ok" | "warning" | "error";
  readonly message: string;
  readonly engine: string;
  readonly version: string;
  readonly spelling: "classic" | "strict" | "generic" | "none";
}

/** How the server and its compiler are, for an editor's status line.

Where documents have several compilers, the fields about it are those of the document opened or edited last. */
export interface StatusParams {
  /** "warning": answers lack the compiler's verdict for now; "error": until the user does something. */
  readonly health: "ok" | "warning" | "error";
  /** Nothing is being started or checked: what is shown is all there is to show. */
  readonly quiescent: boolean;
  /** One sentence, or empty when there is nothing to say. */
  readonly message: string;
  /** The compiler's name; empty as long as it is not known. */
  readonly engine: string;
  readonly version: string;
  /** Which text form of the dialect the compiler reads. */
  readonly spelling: "classic" | "strict" | "generic" | "none";
  /** All compilers of open documents, where they have several; else empty. */
  readonly engines: readonly EngineStatus[];
}

/** A document that is open. */
export interface TextDocument {
  readonly uri: string;
}

/** A place in it, as in all messages of the protocol. */
export interface Position {
  /** From 0. */
  readonly line: number;
  /** From 0, in the encoding that client and server have agreed on. */
  readonly character: number;
}

/** A place in a document. */
export interface PlaceParams {
  readonly textDocument: TextDocument;
  readonly position: Position;
}

/** An operation, with all in it, as the compiler writes it in full. */
export interface GenericForm {
  /** In lines that begin at column 0. Names, aliases and the spelling are those of the document. */
  readonly text: string;
}

/** What to lower and how; all but the document may be missing. Of the last three the first that is given counts. */
export interface LowerParams {
  readonly textDocument: TextDocument;
  /** Which stages come with their text: if missing, those that a pass has changed. */
  readonly stages?: "last" | "changed" | "all";
  /** Of a text with `// -----`, from 0. If missing: the first, or that of the symbol. */
  readonly section?: number;
  /** Lower this symbol and what it names, and nothing else of the section. */
  readonly symbol?: string;
  /** The name of a pipeline, as `enzyme/pipelines` tells them. If nothing is given it is `simplify`. */
  readonly preset?: string;
  /** Passes as MLIR writes them. What could write files or start programs is refused. */
  readonly pipeline?: string;
  /** The number of one of the document's RUN lines, from 1. */
  readonly runLine?: number;
}

/** The module after a pass; the first stage is the input. */
export interface LoweredStage {
  /** The pass. */
  readonly name: string;
  /** The read-only document that shows this stage, for `workspace/textDocumentContent`. */
  readonly uri: string;
  /** The one that shows what the pass has changed, as a unified diff; empty for the input. It is made of `uri`, whose part behind `?` is JSON, by the field `against`: the number of any other stage, from 0. */
  readonly diff: string;
  /** Whether it is another text than the stage before. */
  readonly changed: boolean;
  readonly milliseconds: number;
  /** Empty for a stage that was not asked for. */
  readonly text: string;
  /** For each line of the text the line of the document that it came from, from 0; -1 where there is none. */
  readonly lines: readonly number[];
}

/** What the compiler said; or, as a warning, that it does not know an operation, so that a call stood for it. */
export interface LoweringProblem {
  readonly severity: string;
  readonly message: string;
  /** In the document, from 0; -1 where the compiler named no place. */
  readonly line: number;
  readonly character: number;
}

/** What came of a lowering. A pass that fails or crashes the compiler is a result, with the stages before it. */
export interface LowerResult {
  readonly outcome: "accepted" | "rejected" | "crashed" | "timed out" | "unavailable";
  /** The compiler's name and version. */
  readonly engine: string;
  /** The pass that did not go through; empty when all did, and when the text was refused before the first. */
  readonly failed: string;
  /** Why there is nothing more, in one sentence; empty when all went through. */
  readonly detail: string;
  readonly stages: readonly LoweredStage[];
  readonly problems: readonly LoweringProblem[];
}

/** What to check; all but the document may be missing. Without a place and a function: each differentiation op. */
export interface GradcheckParams {
  readonly textDocument: TextDocument;
  /** In a differentiation op, or in the header of a function. */
  readonly position?: Position;
  /** What differentiates this function or stands in it; where nothing does, the derivatives that can be written. */
  readonly function?: string;
  /** Of the numbers where the functions are differentiated. If missing: 0. */
  readonly seed?: number;
  /** Vary each number alone, and not all in one direction. */
  readonly full?: boolean;
}

/** A number of a derivative beside what differences say. Numbers are texts, since they may be `nan` and `inf`. */
export interface GradcheckComparison {
  /** What varies: an argument, one of its numbers, or all arguments together. */
  readonly argument: string;
  /** What of the function is looked at; in forward mode the worst of all that it gives. */
  readonly output: string;
  readonly derivative: string;
  readonly differences: string;
  /** How far the differences may be off. */
  readonly uncertainty: string;
  /** How far the derivative is from them, relative to their size. */
  readonly error: string;
  readonly verdict: "agree" | "cannot tell" | "disagree";
}

/** What came of the check of one derivative. */
export interface GradcheckEntry {
  /** Of the op or function, from 0. */
  readonly line: number;
  readonly character: number;
  readonly operation: string;
  readonly function: string;
  readonly mode: string;
  readonly verdict: "agree" | "cannot tell" | "disagree" | "not checked";
  /** Why, as the end of a sentence; empty where the numbers say it. */
  readonly reason: string;
  /** The one that is off most, or agrees least. */
  readonly argument: string;
  /** The arguments, each as `%x = 1.5`. */
  readonly at: readonly string[];
  /** The one of `argument` first. */
  readonly comparisons: readonly GradcheckComparison[];
}

/** What came of the checks. */
export interface GradcheckResult {
  /** In a line: what is wrong first. */
  readonly summary: string;
  readonly derivatives: readonly GradcheckEntry[];
}

/** A read-only document that was read with `workspace/textDocumentContent`. */
export interface SourceMapParams {
  readonly uri: string;
}

/** Where the document that the client has is from. */
export interface SourceMapResult {
  /** The document that was lowered. */
  readonly source: string;
  /** For each line the line of the source as it is now, from 0; -1 where there is none, or an edit has come. */
  readonly lines: readonly number[];
  /** The source says something else than what was lowered, or is not open. */
  readonly stale: boolean;
}

/** The document for which pipelines are offered. */
export interface PipelinesParams {
  readonly textDocument: TextDocument;
}

/** A pipeline that can be asked for. */
export interface PipelineChoice {
  readonly where: "preset" | "setting" | "run line";
  /** For `preset` of `enzyme/lower`; that of a RUN line is its number, for `runLine`. */
  readonly name: string;
  readonly meaning: string;
  readonly pipeline: string;
  /** Why it cannot be run, or empty. */
  readonly reason: string;
}

/** The pipelines that have a name, and those of the document's RUN lines. */
export interface PipelinesResult {
  readonly pipelines: readonly PipelineChoice[];
}

/** A pipeline that is being typed; only the text must be there. */
export interface PipelineParams {
  /** The document that it is for, whose functions its options may name. */
  readonly textDocument?: TextDocument;
  readonly text: string;
  /** Where in the text the user types, in the encoding that client and server have agreed on. If missing: its end. */
  readonly character?: number;
}

/** A pass that the text names; places are in units of the agreed encoding, from 0. */
export interface PipelinePass {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** What it does, in a few words; empty where its name is all that is known. */
  readonly meaning: string;
}

/** What is wrong with a part of the text. */
export interface PipelineProblem {
  readonly start: number;
  readonly end: number;
  readonly message: string;
}

/** One thing that can stand where the user types. */
export interface PipelineCompletion {
  readonly label: string;
  /** What is put in the place of the text from `start` to `end`. */
  readonly insert: string;
  readonly start: number;
  readonly end: number;
  /** A few words beside the label. */
  readonly detail: string;
  /** In Markdown; empty where there is none. */
  readonly documentation: string;
}

/** What the text means, what is wrong with it, and what can stand where the user types, the most likely first. */
export interface PipelineResult {
  readonly passes: readonly PipelinePass[];
  readonly problems: readonly PipelineProblem[];
  readonly completions: readonly PipelineCompletion[];
}

/** What is to be converted. */
export interface ConvertBytecodeParams {
  /** That of a file, or of a document that shows one: then its scheme is `mlir.bytecode-mlir`, its path the file's. */
  readonly uri: string;
}

/** What it was converted to. */
export interface ConvertBytecodeResult {
  /** Text, or bytecode in base 64. */
  readonly output: string;
}

/** The argument of the command: which operation, and for which language. */
export interface BuilderCodeParams {
  readonly uri: string;
  readonly position: Position;
  readonly language: "python" | "rust";
}

/** A file with what became of a document. */
export interface ShownLowered {
  /** It goes when the server ends. */
  readonly uri: string;
}

/** A stretch of a document, as in all messages of the protocol. */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}

/** The argument of the client's command: places in a document, asked for at a position in it. */
export interface ShowReferencesParams {
  readonly uri: string;
  readonly position: Position;
  readonly ranges: readonly Range[];
}

/** The argument of the client's command: code actions of these kinds are asked for at a position, and offered. */
export interface ShowActionsParams {
  readonly uri: string;
  readonly position: Position;
  readonly only: readonly string[];
}

/** The argument of the client's command: what `enzyme/lower` says of a symbol is shown. */
export interface ShowLoweringParams {
  readonly uri: string;
  readonly symbol: string;
}

/** Commands that the client can run, for lenses that need one. */
export interface ClientCommands {
  /** Of those that this page lists; a lens whose command is missing is not shown. */
  readonly commands: readonly string[];
}

/** What a client may declare in `capabilities.experimental`; all of it may be missing. */
export interface Experimental {
  /** It shows `enzyme/status`. */
  readonly enzymeStatus?: boolean;
  /** What `enzyme-lsp.builderCode` answers to an action that was chosen goes into its clipboard. */
  readonly enzymeClipboard?: boolean;
  /** Its user trusts the workspace: pipelines of the settings that it sends may also write files and run programs. Those of a file, such as `enzyme-lsp.toml` or a RUN line, and those of requests never may. And derivatives may be run, which `enzyme/gradcheck` does. */
  readonly enzymeTrusted?: boolean;
  readonly commands?: ClientCommands;
}
