/** A JSON Schema → what judges values by it. One instance of ajv, chosen by `$schema`; loaded with the first schema. */
import { pathToFileURL } from "node:url";
import type { AnySchemaObject, ErrorObject, Options, ValidateFunction } from "ajv";
import type { Path } from "../config/text/locate.ts";
import { type Read, type SourceText, unreadable } from "../config/text/source.ts";
import type { Problem } from "../core/problem.ts";
import { coerced } from "./coerce.ts";
import { draftOf, nameOfDraft, type SchemaDraft, supportedDrafts } from "./drafts.ts";
import { type ExplainedErrors, explainErrors } from "./explain.ts";
import { formatOf } from "./format.ts";
import { readDocument } from "./read-document.ts";
import { referredSchema, type SchemaSource, where, whereReferred } from "./references.ts";
import { isObject, type SchemaObject } from "./words.ts";

export interface Judged extends ExplainedErrors {
  /** Text that is meant as another type is in it as that; with `default`s, they are filled in. */
  readonly value: unknown;
}

export interface Validator {
  readonly schema: SchemaObject;
  /** @param isText whether the value at this path comes from where there is text alone */
  judge(value: unknown, isText: (path: Path) => boolean): Judged;
}

export type OpenedSchema =
  | { readonly ok: true; readonly validator: Validator }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export interface SchemaOptions {
  /** Files that the schema refers to, by their absolute path. */
  readonly read: (path: string) => Read;
  /** Fill in what the schema gives as `default`. */
  readonly useDefaults?: boolean;
}

/** A schema in a file of any of the formats. */
export async function schemaFromFile(
  source: Omit<SourceText, "text">,
  read: (path: string) => Read,
): Promise<{ ok: true; source: SchemaSource } | { ok: false; problems: readonly Problem[] }> {
  const found = read(source.path);
  if (found.is !== "text") return { ok: false, problems: [unreadable(source.name, found)] };
  // A schema is JSON unless its name says otherwise.
  const format = formatOf(source.path) ?? "json";
  const reading = await readDocument({ ...source, text: found.text }, format);
  if (!reading.ok) return reading;
  const { document } = reading;
  return {
    ok: true,
    source: { schema: document.value, path: source.path, at: (path) => ({ place: document.place(path, "value") }) },
  };
}

export async function openSchema(source: SchemaSource, options: SchemaOptions): Promise<OpenedSchema> {
  const { schema } = source;
  const fail = (path: Path, message: string, hint?: string): OpenedSchema =>
    unusable([problemIn(source, path, message, hint)]);
  if (!isObject(schema)) return fail([], "a JSON Schema is an object");
  const draft = draftOf(schema["$schema"]);
  if ("message" in draft) return fail(["$schema"], draft.message, supportedDrafts);
  const { createAjv } = await import("./ajv.ts");
  const ajv = createAjv(draft.draft, { ...ajvOptions, ...(options.useDefaults === true ? { useDefaults: true } : {}) });
  const own = problemsWith(ajv, source, schema, draft.draft);
  if (own.length > 0) return unusable(own);
  const base = source.path === undefined ? undefined : pathToFileURL(source.path).href;
  const whole = { ...inDraft(schema, draft.draft), ...(base === undefined || "$id" in schema ? {} : { $id: base }) };
  const all: SchemaSource[] = [source];
  const refusals: (readonly Problem[])[] = [];
  const load = async (reference: string): Promise<AnySchemaObject> => {
    const other = await referredSchema(reference, source, options.read);
    let problems: readonly Problem[];
    if (other.is === "schema") {
      all.push(other.source);
      problems = problemsWith(ajv, other.source, other.schema, draft.draft);
      if (problems.length === 0) return inDraft(other.schema, draft.draft);
    } else
      problems =
        other.is === "unusable"
          ? other.problems.map((problem): Problem => ({ ...problem, code: "schema/bad-schema" }))
          : [problemWith(all, (schema) => whereReferred(schema, reference), other.message)];
    refusals.push(problems);
    throw new Error("a schema that is referred to cannot be used");
  };
  try {
    const validate = await compile(ajv, whole, load);
    return { ok: true, validator: { schema, judge: judgeBy(validate) } };
  } catch (error) {
    return unusable(refusals[0] ?? [whyUnusable(all, error)]);
  }
}

const unusable = (problems: readonly Problem[]): OpenedSchema => ({ ok: false, problems });

function problemIn(source: SchemaSource, path: Path, message: string, hint?: string): Problem {
  const advice = hint === undefined ? {} : { hint };
  return { code: "schema/bad-schema", severity: "error", message, ...source.at(path), ...advice };
}

/** In the first of the schemas that has such a place; else at the beginning of the one that refers to the others. */
function problemWith(all: readonly SchemaSource[], find: (schema: unknown) => Path, message: string): Problem {
  for (const source of all) {
    const path = find(source.schema);
    if (path.length > 0) return problemIn(source, path, message);
  }
  const [root] = all;
  if (root === undefined) throw new Error("a schema has a source");
  return problemIn(root, [], message);
}

/** What can be said of a schema by itself. One that is referred to is read by the draft of the one that refers to it. */
function problemsWith(ajv: Ajv, source: SchemaSource, schema: SchemaObject, draft: SchemaDraft): readonly Problem[] {
  const own = draftOf(schema["$schema"]);
  if ("message" in own) return [problemIn(source, ["$schema"], own.message, supportedDrafts)];
  const asynchronous = where(schema, (key) => key === "$async");
  if (asynchronous.length > 0) return [problemIn(source, asynchronous, "$async is not a part of JSON Schema")];
  try {
    if (ajv.validateSchema(inDraft(schema, draft)) === true) return [];
  } catch (error) {
    return [whyUnusable([source], error)];
  }
  const assumed = "$schema" in schema ? undefined : `without "$schema" a schema is read as ${draft}`;
  return explainErrors(ajv.errors ?? []).faults.map(({ path, message, hint }) => {
    const isOfDraft = keywordsOfDrafts.has(String(path.at(-1)));
    return problemIn(source, path, `this is not a JSON Schema: ${message}`, hint ?? (isOfDraft ? assumed : undefined));
  });
}

/** Each means something else in another draft. */
const keywordsOfDrafts = new Set(["items", "exclusiveMinimum", "exclusiveMaximum", "required", "dependencies"]);

const inDraft = (schema: SchemaObject, draft: SchemaDraft): AnySchemaObject => ({
  ...schema,
  $schema: nameOfDraft[draft],
});

function whyUnusable(all: readonly SchemaSource[], error: unknown): Problem {
  const reason = firstLine(error);
  const reference =
    error instanceof Error && "missingRef" in error ? String(error.missingRef) : / (\S+) cannot be/.exec(reason)?.[1];
  if (reference !== undefined) {
    const fragment = reference.slice(Math.max(0, reference.indexOf("#")));
    return problemWith(all, (schema) => whereReferred(schema, fragment), `there is no ${fragment} in this schema`);
  }
  const pattern = /^Invalid regular expression: \/(.*)\/\w*: (.*)$/.exec(reason);
  if (pattern?.[1] !== undefined) {
    const text = pattern[1];
    const isIt = (key: string | number, value: unknown): boolean => value === text || key === text;
    return problemWith(all, (schema) => where(schema, isIt), `this is not a regular expression: ${pattern[2]}`);
  }
  if (error instanceof RangeError)
    return problemWith(all, () => [], "this is not a JSON Schema: it is nested too deeply");
  const keyword = /"(\w+)"/.exec(reason)?.[1];
  return problemWith(all, (schema) => where(schema, (key) => key === keyword), `this is not a JSON Schema: ${reason}`);
}

const ajvOptions: Options = {
  allErrors: true,
  strict: false,
  // Infinity is no number of JSON, nor are there keys that an object has from nobody's text.
  strictNumbers: true,
  ownProperties: true,
  // 0.07 is a multiple of 0.01.
  multipleOfPrecision: 9,
  verbose: true,
  // What is said is said to the user, by us.
  logger: false,
  validateFormats: true,
};

type Ajv = ReturnType<typeof import("./ajv.ts")["createAjv"]>;

async function compile(
  ajv: Ajv,
  schema: AnySchemaObject,
  loadSchema: (reference: string) => Promise<AnySchemaObject>,
): Promise<ValidateFunction> {
  ajv.opts.loadSchema = loadSchema;
  return await ajv.compileAsync(schema);
}

/** Converts and judges until nothing is left to convert: an alternative may show its mistakes one after the other. */
const judgeBy =
  (validate: ValidateFunction) =>
  (value: unknown, isText: (path: Path) => boolean): Judged => {
    let current = value;
    for (let round = 0; ; round += 1) {
      if (fits(validate, current)) return { value: current, faults: [], isMore: false };
      const errors: readonly ErrorObject[] = validate.errors ?? endless;
      const next = round < 16 ? coerced(current, errors, isText) : undefined;
      if (next === undefined) return { value: current, ...explainErrors(errors, isText) };
      current = next;
    }
  };

/** A validator calls itself as deeply as the value goes, and for a schema that is nothing but itself without end. */
function fits(validate: ValidateFunction, value: unknown): boolean {
  try {
    return validate(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    validate.errors = null;
    return false;
  }
}

const endless: readonly ErrorObject[] = [
  {
    keyword: "nesting",
    instancePath: "",
    schemaPath: "#",
    params: {},
    message: "is nested too deeply to be judged, or its schema refers to itself without end",
  },
];

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
