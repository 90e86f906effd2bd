/** Files that a schema refers to. Nothing is asked for over the network. */
import { dirname, extname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Path } from "../config/text/locate.ts";
import type { Read } from "../config/text/source.ts";
import type { Place, Problem } from "../core/problem.ts";
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

/** A schema that is referred to; why there is none, to be said where it is referred to; or what is wrong in its own text. */
export type Referred =
  | { readonly is: "schema"; readonly source: SchemaSource; readonly schema: SchemaObject }
  | { readonly is: "missing"; readonly message: string }
  | { readonly is: "unusable"; readonly problems: readonly Problem[] };

/** @param reference absolute, as the validator asks for it; @param root the schema that all references come from */
export async function referredSchema(
  reference: string,
  { path, schema }: SchemaSource,
  read: (path: string) => Read,
): Promise<Referred> {
  const file = fileOf(reference, path, isObject(schema) ? schema["$id"] : undefined);
  if (file === undefined)
    return { is: "missing", message: `${reference} is not a file: a schema refers to itself or to files` };
  const name = path === undefined ? file : relative(dirname(path), file);
  const found = read(file);
  if (found.is === "missing") return { is: "missing", message: `there is no schema ${name}` };
  if (found.is === "unreadable") return { is: "missing", message: `the schema ${name} ${found.reason}` };
  const reading = await readDocument({ path: file, name, text: found.text }, formatOf(file) ?? "json");
  if (!reading.ok) return { is: "unusable", problems: reading.problems };
  const { document } = reading;
  if (!isObject(document.value)) return { is: "missing", message: `the schema ${name} is not an object` };
  const at: SchemaSource["at"] = (part) => ({ place: document.place(part, "value") });
  return { is: "schema", schema: document.value, source: { schema: document.value, path: file, at } };
}

function fileOf(reference: string, path: string | undefined, id: unknown): string | undefined {
  if (reference.startsWith("file:")) return fileURLToPath(reference);
  if (path === undefined) return undefined;
  // What is named relative to an address is looked for beside the schema that has this address.
  const beside = typeof id === "string" ? relativeTo(id, reference) : undefined;
  if (beside !== undefined) return resolve(dirname(path), beside);
  if (/^[a-z][a-z\d+.-]*:/i.test(reference) || extname(reference) === "") return undefined;
  return resolve(dirname(path), reference);
}

function relativeTo(id: string, reference: string): string | undefined {
  try {
    const base = new URL(id);
    const target = new URL(reference);
    if (base.host === "" || base.origin !== target.origin) return undefined;
    return relative(dirname(decodeURIComponent(base.pathname)), decodeURIComponent(target.pathname));
  } catch {
    return undefined;
  }
}

/** The `$ref` that this comes from; empty: it is not in this schema. */
export function whereReferred(schema: unknown, reference: string): Path {
  const name = reference.slice(Math.max(reference.lastIndexOf("/") + 1, reference.indexOf("#")));
  return where(schema, (key, value) => key === "$ref" && typeof value === "string" && decoded(value).includes(name));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function where(schema: unknown, is: (key: string | number, value: unknown) => boolean): Path {
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
