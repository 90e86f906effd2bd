/** A JSON Schema → what judges values by it. One instance of ajv, chosen by `$schema`; loaded with the first schema. */
import { dirname, extname, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { AnySchemaObject, ErrorObject, Options, ValidateFunction } from "ajv";
import type { Path } from "../config/text/locate.ts";
import { type Read, type SourceText, unreadable } from "../config/text/source.ts";
import type { Place, Problem } from "../core/problem.ts";
import { coerced } from "./coerce.ts";
import { explainErrors, type SchemaFault } from "./explain.ts";
import { formatOf } from "./format.ts";
import { readDocument } from "./read-document.ts";
import { isObject, type SchemaObject } from "./words.ts";

export interface SchemaSource {
  readonly schema: unknown;
  /** Where a part of it stands; for a schema that is not a file, its name as `origin`. */
  at(path: Path): { readonly place: Place } | { readonly origin: string };
  /** Absolute; what it refers to is looked for from here. */
  readonly path?: string;
}

export interface Judged {
  /** Text that is meant as another type is in it as that; with `default`s, they are filled in. */
  readonly value: unknown;
  readonly faults: readonly SchemaFault[];
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
  const fail = (path: Path, message: string, hint?: string): OpenedSchema => ({
    ok: false,
    problems: [
      {
        code: "schema/bad-schema",
        severity: "error",
        message,
        ...source.at(path),
        ...(hint === undefined ? {} : { hint }),
      },
    ],
  });
  if (!isObject(schema)) return fail([], "a JSON Schema is an object");
  const draft = draftOf(schema["$schema"]);
  if ("message" in draft) return fail(["$schema"], draft.message, "supported: draft-07, 2019-09 and 2020-12");
  const { createAjv } = await import("./ajv.ts");
  const ajv = createAjv(draft.draft, { ...ajvOptions, ...(options.useDefaults === true ? { useDefaults: true } : {}) });
  const checked = ajv.validateSchema(schema);
  if (checked !== true) {
    const problems = explainErrors(ajv.errors ?? []).map(({ path, message, hint }): Problem => {
      const advice = hint === undefined ? {} : { hint };
      return {
        code: "schema/bad-schema",
        severity: "error",
        message: `this is not a JSON Schema: ${message}`,
        ...source.at(path),
        ...advice,
      };
    });
    return { ok: false, problems };
  }
  const missing: OpenedSchema[] = [];
  const base = source.path === undefined ? undefined : pathToFileURL(source.path).href;
  const whole: AnySchemaObject = base === undefined || "$id" in schema ? { ...schema } : { ...schema, $id: base };
  try {
    // A schema that is told apart by an `$id` of its own may still refer to files beside it.
    const validate = await compile(ajv, whole, async (reference) => {
      const other = await referred(reference, source, options.read);
      if (isObject(other)) return other;
      missing.push(fail(whereReferred(schema, reference), String(other)));
      throw new Error(String(other));
    });
    return { ok: true, validator: { schema, judge: judgeBy(validate) } };
  } catch (error) {
    if (missing[0] !== undefined) return missing[0];
    return fail(...whyUnusable(schema, error));
  }
}

function whyUnusable(schema: SchemaObject, error: unknown): [path: Path, message: string] {
  const reason = firstLine(error);
  const reference =
    error instanceof Error && "missingRef" in error ? String(error.missingRef) : / (\S+) cannot be/.exec(reason)?.[1];
  if (reference !== undefined) {
    const fragment = reference.slice(Math.max(0, reference.indexOf("#")));
    return [whereReferred(schema, fragment), `there is no ${fragment} in this schema`];
  }
  const pattern = /^Invalid regular expression: \/(.*)\/\w*: (.*)$/.exec(reason);
  if (pattern?.[1] === undefined) return [[], `this is not a JSON Schema: ${reason}`];
  const text = pattern[1];
  return [
    where(schema, (key, value) => value === text || key === text),
    `this is not a regular expression: ${pattern[2]}`,
  ];
}

const ajvOptions: Options = {
  allErrors: true,
  strict: false,
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
      if (validate(current)) return { value: current, faults: [] };
      const errors: ErrorObject[] = validate.errors ?? [];
      const next = round < 16 ? coerced(current, errors, isText) : undefined;
      if (next === undefined) return { value: current, faults: explainErrors(errors, isText) };
      current = next;
    }
  };

type Draft = "draft-07" | "2019-09" | "2020-12";

function draftOf(name: unknown): { readonly draft: Draft } | { readonly message: string } {
  if (name === undefined) return { draft: "2020-12" };
  const text = String(name);
  const draft = /^https?:\/\/json-schema\.org\/(?:draft\/)?([\w-]+)\/schema#?$/.exec(text)?.[1];
  if (draft === "draft-07" || draft === "2019-09" || draft === "2020-12") return { draft };
  if (draft === "schema" || text.endsWith("json-schema.org/schema#")) return { draft: "2020-12" };
  return { message: `schemas of ${draft ?? JSON.stringify(text)} are not supported` };
}

/** The schema that is referred to, or why it cannot be had. Nothing is asked for over the network. */
async function referred(
  reference: string,
  { path }: SchemaSource,
  read: (path: string) => Read,
): Promise<SchemaObject | string> {
  const file = fileOf(reference, path);
  if (file === undefined) return `${reference} is not a file: a schema refers to itself or to files`;
  const name = path === undefined ? file : relative(dirname(path), file);
  const found = read(file);
  if (found.is === "missing") return `there is no schema ${name}`;
  if (found.is === "unreadable") return `the schema ${name} ${found.reason}`;
  const reading = await readDocument({ path: file, name, text: found.text }, formatOf(file) ?? "json");
  if (!reading.ok) return `the schema ${name}: ${reading.problems[0]?.message ?? "cannot be read"}`;
  return isObject(reading.document.value) ? reading.document.value : `the schema ${name} is not an object`;
}

function fileOf(reference: string, path: string | undefined): string | undefined {
  if (reference.startsWith("file:")) return fileURLToPath(reference);
  if (path === undefined || /^[a-z][a-z\d+.-]*:/i.test(reference) || extname(reference) === "") return undefined;
  return resolve(dirname(path), reference);
}

/** The `$ref` that this comes from. */
function whereReferred(schema: unknown, reference: string): Path {
  const name = reference.slice(Math.max(reference.lastIndexOf("/") + 1, reference.indexOf("#")));
  return where(schema, (key, value) => key === "$ref" && typeof value === "string" && value.includes(name));
}

function where(schema: unknown, is: (key: string | number, value: unknown) => boolean): Path {
  const look = (part: unknown, path: Path): Path | undefined => {
    if (typeof part !== "object" || part === null) return undefined;
    for (const [name, value] of Object.entries(part)) {
      const key = Array.isArray(part) ? Number(name) : name;
      const found = is(key, value) ? [...path, key] : look(value, [...path, key]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return look(schema, []) ?? [];
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
