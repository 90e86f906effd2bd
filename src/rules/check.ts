/**
 * The guard for files that other programs read: each must be of its format and satisfy the schema.
 * A file that is just being written is not judged: what is wrong must still be there, in the same bytes, a little later.
 */
import { readText, type SourceText, unreadable } from "../config/text/source.ts";
import type { Problem } from "../core/problem.ts";
import type { ConfigDocument } from "./document.ts";
import type { SchemaFault } from "./explain.ts";
import { formatNames, formatOf, knownFormats } from "./format.ts";
import { inOrder, problemAt } from "./located.ts";
import { loadReaders, readDocument } from "./read-document.ts";
import { openSchema, schemaFromFile, type Validator } from "./schema.ts";
import { moreIsWrong } from "./words.ts";

export type NamedFile = Omit<SourceText, "text">;

export interface CheckedFile {
  readonly file: NamedFile;
  /** None: the file may be read by its program. */
  readonly problems: readonly Problem[];
}

export type CheckOutcome =
  | { readonly is: "checked"; readonly files: readonly CheckedFile[] }
  /** The schema itself cannot be used: no file can be judged. */
  | { readonly is: "no schema"; readonly problems: readonly Problem[] };

export interface SchemaCheck {
  /** Reads the schema, and what it refers to, again. */
  review(): Promise<{
    /** It is not as it was at the last review. */
    readonly isNew: boolean;
    /** Why it cannot be used. */
    readonly problems: readonly Problem[];
  }>;
  check(files: readonly NamedFile[]): Promise<CheckOutcome>;
  /** Has at hand what reads files that these patterns match, also those that are yet to come. */
  prepare(patterns: readonly string[]): Promise<void>;
  /** The schema and what it refers to; absolute. */
  readonly sources: readonly string[];
}

export interface CheckOptions {
  /** How long what is wrong must stay as it is before it is told. */
  readonly restMs?: number;
}

const longestWaitMs = 2_000;

/** Compiled once, and again when a text changes that it comes from. */
export function createSchemaCheck(schema: NamedFile, { restMs = 150 }: CheckOptions = {}): SchemaCheck {
  let opened: Opening | undefined;
  /** As the last review found it: a check may have read something newer since. */
  let reviewed: Opening | undefined;
  let sources: readonly string[] = [schema.path];

  const open = async (): Promise<Opening["result"]> => {
    if (opened !== undefined && isAsRead(opened)) return opened.result;
    const texts = new Map<string, string>();
    const read = (path: string): ReturnType<typeof readText> => {
      const found = readText(path);
      texts.set(path, JSON.stringify(found));
      return found;
    };
    const source = await schemaFromFile(schema, read);
    const result = source.ok ? await openSchema(source.source, { read }) : source;
    sources = [...texts.keys()];
    opened = { texts, result: result.ok ? result.validator : result.problems };
    return opened.result;
  };

  return {
    get sources() {
      return sources;
    },
    async review() {
      const result = await open();
      const isNew = reviewed !== undefined && reviewed !== opened;
      reviewed = opened;
      return { isNew, problems: "judge" in result ? [] : result };
    },
    async check(files) {
      const validator = await open();
      if (!("judge" in validator)) return { is: "no schema", problems: validator };
      const checked = files.map(async (file) => ({ file, problems: await settled(file, validator, restMs) }));
      return { is: "checked", files: await Promise.all(checked) };
    },
    async prepare(patterns) {
      const own = patterns.filter((pattern) => !pattern.startsWith("!"));
      await loadReaders(own.flatMap((pattern) => formatOf(pattern) ?? formatNames));
    },
  };
}

/** What was read, and what came of it: how to judge, or why that is impossible. */
interface Opening {
  readonly texts: ReadonlyMap<string, string>;
  readonly result: Validator | readonly Problem[];
}

const isAsRead = ({ texts }: Opening): boolean => [...texts].every(([path, text]) => textOf(path) === text);

const textOf = (path: string): string => JSON.stringify(readText(path));

async function settled(file: NamedFile, validator: Validator, restMs: number): Promise<readonly Problem[]> {
  const end = performance.now() + longestWaitMs;
  for (;;) {
    const before = textOf(file.path);
    const problems = await problemsOf(file, validator);
    if (problems.length === 0) return [];
    await new Promise((resolve) => setTimeout(resolve, restMs));
    if (textOf(file.path) === before || performance.now() > end) return problems;
  }
}

async function problemsOf(file: NamedFile, validator: Validator): Promise<readonly Problem[]> {
  const format = formatOf(file.path);
  if (format === undefined)
    return [
      {
        code: "schema/bad-document",
        severity: "error",
        origin: file.name,
        message: `the file is of no format that can be judged: ${knownFormats}`,
      },
    ];
  const read = readText(file.path);
  if (read.is !== "text") return [unreadable(file.name, read)];
  const source = { ...file, text: read.text };
  const reading = await readDocument(source, format);
  if (!reading.ok) return reading.problems;
  const { document } = reading;
  // A file without content says nothing: what is missing in it is told.
  const judged = validator.judge(document.value === undefined ? {} : document.value, () => document.isText);
  const { isMore } = judged;
  const faults = judged.faults.filter((fault) => format !== "env" || !isFilledIn(fault, document));
  const problems = inOrder(faults.map((fault) => problemAt(fault, document, source, format)));
  return isMore
    ? [...problems, { code: "schema/not-met", severity: "error", origin: file.name, message: moreIsWrong }]
    : problems;
}

/** `PORT=${BASE}1`: many programs fill that in before they read it, and what it comes to is theirs to know. */
function isFilledIn({ path, at }: SchemaFault, document: ConfigDocument): boolean {
  if (at !== "value") return false;
  const { text, column, length } = document.place(path, "value");
  return /^(?!').*\$(?:\w|\{\w)/.test(text.slice(column - 1, column - 1 + length));
}
