/** Which files a configuration is read from, in their order. */
import { basename, dirname, extname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Format, formatNames, formatOf, knownFormats } from "../rules/format.ts";
import { throwRefusal } from "./error.ts";
import type { Surroundings } from "./surroundings.ts";
import type { FileLayer, LiveConfigOptions } from "./types.ts";

export interface NamedLayer {
  /** Absolute. */
  readonly path: string;
  /** As the user named it. */
  readonly name: string;
  readonly format: Format;
  readonly isOptional: boolean;
}

/** Throws a `ConfigError` for options that cannot be meant. */
export function layersOf(
  { files, environment: given }: LiveConfigOptions,
  { env, cwd }: Pick<Surroundings, "env" | "cwd">,
): readonly NamedLayer[] {
  const environment = given ?? env["NODE_ENV"];
  const all: readonly (string | URL | FileLayer)[] = isList(files) ? files : [files];
  if (all.length === 0) throwRefusal("usage/bad-argument", "files", "at least one file is needed");
  const isNamed = typeof environment === "string" && environment !== "";
  if (isNamed && !/^[\w.-]+$/.test(environment))
    throwRefusal("usage/bad-argument", "environment", `${JSON.stringify(environment)} cannot be part of a file name`);
  return all.flatMap((each) => {
    const layer = layerOf(each, cwd);
    if (!isNamed) return [layer];
    const named = { ...layer, path: besides(layer.path, environment), name: besides(layer.name, environment) };
    return [layer, { ...named, isOptional: true }];
  });
}

const isList = (files: LiveConfigOptions["files"]): files is readonly (string | URL | FileLayer)[] =>
  Array.isArray(files);

function layerOf(each: unknown, cwd: string): NamedLayer {
  const isPath = typeof each === "string" || each instanceof URL;
  const given: Partial<Record<keyof FileLayer, unknown>> = isPath ? { path: each } : Object(each);
  const location = given.path instanceof URL ? locationOf(given.path) : given.path;
  if (typeof location !== "string" || location === "")
    throwRefusal("usage/bad-argument", "files", "a file is a path, a file URL, or { path, format, optional }");
  const path = resolve(cwd, location);
  const name = given.path instanceof URL ? relative(cwd, path) : location;
  const format = given.format === undefined ? formatOf(path) : formatNames.find((known) => known === given.format);
  if (format === undefined) {
    const hint = `known are ${knownFormats}; for another name, { path: ${JSON.stringify(name)}, format: "yaml" } says it`;
    throwRefusal("schema/bad-document", name, "the format of the file is not known", hint);
  }
  return { path, name, format, isOptional: given.optional === true };
}

export function locationOf(url: URL): string {
  if (url.protocol !== "file:") throwRefusal("usage/bad-argument", url.href, "only files can be read");
  return fileURLToPath(url);
}

/** `config.yaml` → `config.production.yaml`, `.env` → `.env.production` */
function besides(path: string, environment: string): string {
  const ending = extname(path);
  const stem = basename(path, ending);
  const directory = dirname(path);
  const name = ending === "" ? `${stem}.${environment}` : `${stem}.${environment}${ending}`;
  return directory === "." ? name : join(directory, name);
}
