/** One reading of everything that a configuration comes from: files, variables, what the program says itself; merged, and judged. */
import type { Path } from "../config/text/locate.ts";
import { type Read, type SourceText, unreadable } from "../config/text/source.ts";
import { coercedLike } from "../rules/coerce.ts";
import type { ConfigDocument } from "../rules/document.ts";
import type { SchemaFault } from "../rules/explain.ts";
import { problemAt } from "../rules/located.ts";
import { readDocument } from "../rules/read-document.ts";
import { moreIsWrong } from "../rules/words.ts";
import { liveProblem, locatedProblem } from "./error.ts";
import type { Judge } from "./judge.ts";
import type { NamedLayer } from "./names.ts";
import { copied, frozen, isTree, merge } from "./tree.ts";
import type { ConfigProblem } from "./types.ts";
import { keyOf, pathsIn, pathsInSchema, treeOf, type Variable } from "./variables.ts";

export interface Sources {
  readonly layers: readonly NamedLayer[];
  /** What variables of the environment have the prefix; `.env` files have it too. */
  readonly prefix: string | undefined;
  readonly variables: readonly Variable[];
  readonly overrides: unknown;
}

export type ConfigReading =
  | { readonly is: "good"; readonly value: unknown }
  | { readonly is: "bad" | "gone"; readonly problems: readonly ConfigProblem[] };

/** A part of the configuration, and what to say of a fault in it. */
interface Layer {
  readonly value: unknown;
  readonly isText: boolean;
  problem(fault: SchemaFault): ConfigProblem;
}

interface FileText {
  readonly layer: NamedLayer;
  readonly source: SourceText;
  readonly document: ConfigDocument;
}

export async function readConfig(sources: Sources, judge: Judge, read: (path: string) => Read): Promise<ConfigReading> {
  const { files, problems, isGone } = await readFiles(sources.layers, read);
  if (problems.length > 0) return { is: isGone ? "gone" : "bad", problems };
  const known = [
    ...files.filter(({ layer }) => layer.format !== "env").flatMap(({ document }) => pathsIn(document.value)),
    ...pathsIn(sources.overrides),
    ...pathsInSchema(judge.schema),
  ];
  const layers: Layer[] = [];
  const unclear: ConfigProblem[] = [];
  for (const file of files) {
    layers.push(fileLayer(file));
    if (file.layer.format === "env")
      layers.push(...variableLayers(entriesOf(file, sources.prefix), known, unclear, file));
  }
  layers.push(...variableLayers(sources.variables, known, unclear));
  layers.push({
    value: sources.overrides,
    isText: false,
    problem: ({ message, hint }) => liveProblem("schema/not-met", "overrides", message, hint),
  });
  if (unclear.length > 0) return { is: "bad", problems: unclear };

  const merged = layers.reduce<unknown>(
    (below, { value, isText }) =>
      merge(below, value, (old, text) => (isText && typeof text === "string" ? coercedLike(text, old) : text)),
    {},
  );
  // Only what is a piece of text in its layer may be meant as something else.
  const isText = (path: Path): boolean => layers.findLast(({ value }) => reaches(value, path))?.isText ?? false;
  const { value, faults, isMore = false } = await judge.judge(copied(merged), isText);
  if (faults.length === 0) return { is: "good", value: frozen(value) };
  const told = faults.map((fault) => sourceOf(layers, fault).problem(fault));
  const more = isMore ? [liveProblem("schema/not-met", "reload-dev/config", moreIsWrong)] : [];
  return { is: "bad", problems: [...told, ...more] };
}

async function readFiles(layers: readonly NamedLayer[], read: (path: string) => Read) {
  const files: FileText[] = [];
  const problems: ConfigProblem[] = [];
  let isGone = false;
  for (const layer of layers) {
    const found = read(layer.path);
    if (found.is === "missing") {
      if (layer.isOptional) continue;
      isGone = true;
      problems.push(liveProblem("config/unreadable", layer.name, "no such file"));
      continue;
    }
    if (found.is === "unreadable") {
      problems.push(locatedProblem("config/unreadable", unreadable(layer.name, found)));
      continue;
    }
    const source = { path: layer.path, name: layer.name, text: found.text };
    const reading = await readDocument(source, layer.format);
    if (!reading.ok) {
      problems.push(...reading.problems.map((each) => locatedProblem("schema/bad-document", each)));
      continue;
    }
    const { document } = reading;
    if (document.value === undefined || isTree(document.value)) files.push({ layer, source, document });
    else {
      const place = document.place([], "value");
      const message = "a configuration is a set of keys with values";
      problems.push(locatedProblem("schema/not-met", { code: "config/bad-value", severity: "error", message, place }));
    }
  }
  return { files, problems, isGone };
}

const fileLayer = ({ document, source, layer }: FileText): Layer => ({
  // What stands in an env file are variables, each a layer of its own; what is missing is missing in the file.
  value: layer.format === "env" ? {} : document.value,
  isText: document.isText,
  problem: (fault) => locatedProblem("schema/not-met", problemAt(fault, document, source, layer.format)),
});

/** Where some names have the prefix, the others are for other programs. */
function entriesOf({ document }: FileText, prefix = ""): readonly Variable[] {
  const entries = pathsIn(document.value).flatMap((path) => {
    const value = leafAt(document.value, path);
    return typeof value === "string" ? [{ name: path.join("."), value }] : [];
  });
  const ours = entries.filter(({ name }) => name.startsWith(prefix));
  if (ours.length === 0) return entries.map((entry) => ({ ...entry, rest: entry.name }));
  return ours.map((entry) => ({ ...entry, rest: entry.name.slice(prefix.length) }));
}

function leafAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((part, key) => (isTree(part) ? part[key] : undefined), value);
}

/** Each variable is a layer of its own: a fault is told by its name. */
function variableLayers(
  variables: readonly Variable[],
  known: readonly (readonly string[])[],
  unclear: ConfigProblem[],
  file?: FileText,
): readonly Layer[] {
  return variables.flatMap((variable) => {
    const key = keyOf(variable, known, file !== undefined && variable.name === variable.rest);
    const tell = (code: string, { message, hint, at, path }: SchemaFault): ConfigProblem => {
      if (file === undefined) return liveProblem(code, variable.name, message, hint);
      const where: SchemaFault = {
        path: variable.name.split("."),
        at,
        message,
        isSecret: true,
        ...(hint === undefined ? {} : { hint }),
      };
      return locatedProblem(
        code,
        problemAt(path.length === 0 ? { ...where, at: "key" } : where, file.document, file.source, "env"),
      );
    };
    if ("path" in key)
      return [
        { value: treeOf(key.path, variable.value), isText: true, problem: (fault) => tell("schema/not-met", fault) },
      ];
    const names = key.candidates.map((path) => path.join("."));
    const exact = variable.name.slice(0, variable.name.length - variable.rest.length);
    const hint = `write ${key.candidates.map((path) => `${exact}${path.join("__").toUpperCase()}`).join(" or ")}`;
    unclear.push(
      tell("config/conflict", { path: [], at: "key", message: `can be ${names.join(" or ")}`, hint, isSecret: false }),
    );
    return [];
  });
}

/** Whether the layer has a say about this path: the whole of it is there, or a piece of text where it would lead on. */
function reaches(value: unknown, path: Path): boolean {
  let part = value;
  for (const step of path) {
    if (typeof part === "string") return true;
    if (
      Array.isArray(part) && typeof step === "number"
        ? step >= part.length
        : !isTree(part) || !Object.hasOwn(part, step)
    )
      return false;
    part = Array.isArray(part) ? part[Number(step)] : isTree(part) ? part[String(step)] : undefined;
  }
  return part !== undefined;
}

/**
 * The layer to mend: of a value the one that has the last word, of a key the one that has the first; for what is missing, one that
 * has what it would stand in.
 */
function sourceOf(layers: readonly Layer[], { path, at }: SchemaFault): Layer {
  for (let length = path.length; length > 0; length -= 1) {
    const part = path.slice(0, length);
    const has = ({ value }: Layer): boolean => reaches(value, part);
    const layer = at === "key" ? layers.find(has) : layers.findLast(has);
    if (layer !== undefined) return layer;
  }
  const [first] = layers;
  if (first === undefined) throw new Error("a configuration has a layer at least");
  return first;
}
