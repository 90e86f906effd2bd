/** Where Django's `runserver` listens; only where it is Django's own, since a server that others put in its place opens its port by itself. */
import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { has, textOf } from "../project.ts";
import { type KeptAddress, keptAddress } from "./kept.ts";
import type { ServingPlace } from "./serve.ts";

/** @param words what stands behind `runserver` */
export function runserverAddress(
  words: readonly string[],
  { directory, keepsSocket }: ServingPlace,
): { readonly kept?: KeptAddress } {
  const isKnown = words.every((word) => !word.startsWith("-") || known.has(word) || /^--settings=/.test(word));
  const places = words.filter((word) => !word.startsWith("-"));
  if (!keepsSocket || !isKnown || places.length > 1 || !isDjangosOwn(directory)) return {};
  const [, host = "127.0.0.1", port = ""] = /^(?:([\w.]+):)?(\d+)$/.exec(places[0] ?? "8000") ?? [];
  const kept = keptAddress(host, port);
  return kept === undefined ? {} : { kept };
}

const known = new Set(["--noreload", "--nothreading", "--insecure", "--nostatic", "--skip-checks", "--traceback"]);

/** Channels, daphne and others have a `runserver` of their own, and so may the project. */
function isDjangosOwn(directory: string): boolean {
  const manage = textOf(directory, "manage.py") ?? "";
  const module = /["']DJANGO_SETTINGS_MODULE["']\s*,\s*["']([\w.]+)["']/.exec(manage)?.[1];
  if (module === undefined || !/execute_from_command_line\(sys\.argv\)/.test(manage) || /default_port/.test(manage))
    return false;
  const settings = settingsTexts(directory, module.replaceAll(".", "/"));
  const lists = ["requirements.txt", "pyproject.toml", "Pipfile"].map((name) => textOf(directory, name) ?? "");
  return (
    settings.length > 0 &&
    ![...settings, ...lists].some((text) => /\b(?:daphne|channels|livereload|default_port)\b/.test(text)) &&
    !namesIn(directory).some((name) => has(directory, `${name}/management/commands/runserver.py`)) &&
    !namesIn(directory, "apps").some((name) => has(directory, `apps/${name}/management/commands/runserver.py`))
  );
}

/** The file that is named, or all of the directory in which settings lie side by side: one of them begins with another. */
function settingsTexts(directory: string, path: string): string[] {
  const isFile = has(directory, `${path}.py`);
  if (isFile && basename(dirname(path)) !== "settings") return [textOf(directory, `${path}.py`) ?? ""];
  const place = isFile ? dirname(path) : path;
  return namesIn(directory, place)
    .filter((name) => name.endsWith(".py"))
    .map((name) => textOf(directory, join(place, name)) ?? "");
}

function namesIn(...parts: readonly string[]): string[] {
  try {
    return readdirSync(join(...parts));
  } catch {
    return [];
  }
}
