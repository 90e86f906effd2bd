/** Schemas of every kind as one thing: a value goes in, the value to be used or its faults come out. */
import { basename, resolve } from "node:path";
import type { Path } from "../config/text/locate.ts";
import type { Read } from "../config/text/source.ts";
import type { Problem } from "../core/problem.ts";
import type { SchemaFault } from "../rules/explain.ts";
import type { SchemaSource } from "../rules/references.ts";
import { isSecretPath } from "../rules/secrets.ts";
import { isObject } from "../rules/words.ts";
import { locatedProblem, throwRefusal } from "./error.ts";
import { locationOf } from "./names.ts";
import { copied, isTree, leavesOf } from "./tree.ts";
import type { ConfigProblem, LiveConfigOptions, SchemaFunction, StandardSchema } from "./types.ts";

export interface Judge {
  readonly schema: unknown;
  judge(
    value: unknown,
    isText: (path: Path) => boolean,
  ): Promise<{ value: unknown; faults: readonly SchemaFault[]; isMore?: boolean }>;
}

export type JudgeReading =
  | { readonly ok: true; readonly judge: Judge }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

const anything: Judge = { schema: undefined, judge: async (value) => ({ value, faults: [] }) };

/** A schema in a file is read each time; what it came to is kept for as long as the texts are the same. */
export function judgesOf(
  { schema }: LiveConfigOptions,
  { cwd }: { readonly cwd: string },
): (read: (path: string) => Read) => Promise<JudgeReading> {
  if (schema === null || !["undefined", "object", "string", "function"].includes(typeof schema))
    throwRefusal("usage/bad-argument", "schema", "a schema is an object, the path of a file, or a function");
  if (schema === undefined) return async () => ({ ok: true, judge: anything });
  if (typeof schema === "function") return async () => ({ ok: true, judge: byFunction(schema) });
  if (isStandard(schema)) return async () => ({ ok: true, judge: byStandard(schema) });
  let kept: { readonly texts: ReadonlyMap<string, string>; readonly reading: JudgeReading } | undefined;
  return async (read) => {
    if (kept !== undefined && [...kept.texts].every(([path, text]) => JSON.stringify(read(path)) === text))
      return kept.reading;
    const texts = new Map<string, string>();
    const reading = await open(schema, cwd, (path) => {
      const found = read(path);
      texts.set(path, JSON.stringify(found));
      return found;
    });
    kept = { texts, reading };
    return reading;
  };
}

type SourceReading =
  | { readonly ok: true; readonly source: SchemaSource }
  | { readonly ok: false; readonly problems: readonly Problem[] };

async function open(schema: unknown, cwd: string, read: (path: string) => Read): Promise<JudgeReading> {
  const { openSchema } = await import("../rules/schema.ts");
  const source = await sourceOf(schema, cwd, read);
  const opened = source.ok ? await openSchema(source.source, { read, useDefaults: true }) : source;
  if (!opened.ok)
    return { ok: false, problems: opened.problems.map((each) => locatedProblem("schema/bad-schema", each)) };
  const { validator } = opened;
  return {
    ok: true,
    judge: { schema: validator.schema, judge: async (value, isText) => validator.judge(value, isText) },
  };
}

async function sourceOf(schema: unknown, cwd: string, read: (path: string) => Read): Promise<SourceReading> {
  if (typeof schema === "string" || schema instanceof URL) {
    const path = resolve(cwd, schema instanceof URL ? locationOf(schema) : schema);
    const { schemaFromFile } = await import("../rules/schema.ts");
    return await schemaFromFile({ path, name: schema instanceof URL ? basename(path) : schema }, read);
  }
  // It is the program's own: judging may fill nothing in that the program sees.
  const at: SchemaSource["at"] = (path) => ({ origin: ["schema", ...path].join("/") });
  return { ok: true, source: { schema: copied(schema), at } };
}

const isStandard = (schema: object | string): schema is StandardSchema =>
  typeof schema === "object" && "~standard" in schema && isObject(schema["~standard"]);

function byStandard(schema: StandardSchema): Judge {
  return {
    schema: undefined,
    async judge(value) {
      const result = await schema["~standard"].validate(copied(value));
      return result.issues === undefined
        ? { value: result.value, faults: [] }
        : { value, faults: withoutSecretsOf(value, issuesIn(result.issues)) };
    },
  };
}

function byFunction(check: SchemaFunction): Judge {
  return {
    schema: undefined,
    async judge(value) {
      try {
        const returned = await check(copied(value));
        return { value: isTree(returned) ? returned : value, faults: [] };
      } catch (error) {
        return { value, faults: withoutSecretsOf(value, faultsOf(error)) };
      }
    },
  };
}

/** Validators quote what they were given: `received "hunter2"`. */
function withoutSecretsOf(value: unknown, faults: readonly SchemaFault[]): readonly SchemaFault[] {
  const secrets = leavesOf(value)
    .flatMap((leaf) => (isSecretPath(leaf.path) ? [leaf.value].flat() : []))
    .filter((secret) => typeof secret === "string" || typeof secret === "number")
    .map(String)
    .filter((secret) => secret.length > 2);
  return faults.map((fault) => ({
    ...fault,
    message: secrets.reduce((message, secret) => message.replaceAll(secret, "•••"), fault.message),
  }));
}

/** What was thrown; validators list what is wrong as `issues`. */
function faultsOf(error: unknown): readonly SchemaFault[] {
  const issues = isObject(error) && Array.isArray(error["issues"]) ? issuesIn(error["issues"]) : [];
  if (issues.length > 0) return issues;
  const path = isObject(error) && Array.isArray(error["path"]) ? pathIn(error["path"]) : [];
  const message = error instanceof Error ? error.message : String(error);
  return [{ path, at: "value", message, isSecret: isSecretPath(path) }];
}

function issuesIn(issues: readonly unknown[]): readonly SchemaFault[] {
  return issues.filter(isObject).map(({ message, path }) => {
    const steps = pathIn(Array.isArray(path) ? path : []);
    const name = steps.length === 0 ? "" : `${steps.join(".")}: `;
    return { path: steps, at: "value", message: `${name}${String(message)}`, isSecret: isSecretPath(steps) };
  });
}

const pathIn = (path: readonly unknown[]): Path =>
  path
    .map((step) => (isObject(step) && "key" in step ? step["key"] : step))
    .map((step) => (typeof step === "number" ? step : String(step)));
