/** What a run of Python has noted of itself, line by line, read as a record. */
import type { PackageFile, RunRecord, SetInProcess } from "../../gate/order.ts";

type Line = readonly unknown[];

const isLine = (value: unknown): value is Line => Array.isArray(value) && typeof value[0] === "string";
const strings = (values: readonly unknown[]): string[] =>
  values.filter((value): value is string => typeof value === "string");
const list = (value: unknown): string[] => (Array.isArray(value) ? strings(value) : []);

const words = (value: unknown): SetInProcess =>
  Object.fromEntries(Object.entries(Object(value)).map(([name, each]) => [name, String(each)]));

/** The last line may be one that is being written. */
function linesOf(text: string): Line[] {
  return text
    .split("\n")
    .slice(0, -1)
    .map((line): unknown => {
      try {
        return JSON.parse(line);
      } catch {
        return undefined;
      }
    })
    .filter(isLine);
}

/** @param main the file of the program, where there is one @returns `undefined`: it has not even begun */
export function pythonRecordOf(text: string, main: string | undefined): RunRecord | undefined {
  const lines = linesOf(text);
  if (lines.length === 0) return undefined;
  const entries = new Map<string, PackageFile>();
  const own = new Set<string>(main === undefined ? [] : [main]);
  const sets = { variables: new Set<string>(), replaced: new Set<string>(), added: new Set<string>() };
  const names = new Set<string>();
  const failed = new Set<string>();
  const configured = new Set<string>();
  const disabled = new Set<string>();
  const path = new Set<string>();
  const moments: Record<string, SetInProcess> = {};
  let start: readonly string[] = [];
  let place: string | null = null;
  let isAtStart = true;
  let hook: string | undefined;
  let hasMoved = false;
  const enter = (name: string, file: string): void => {
    if (name !== "__main__" && !entries.has(name)) entries.set(name, { file, is: "python", name });
  };
  for (const [kind, ...rest] of lines) {
    const [first = "", second = ""] = strings(rest);
    if (kind === "m") enter(first, second);
    else if (kind === "o") own.add(second);
    else if (kind === "k" && Array.isArray(rest[0]))
      for (const [name = "", file = ""] of rest[0].map(list)) enter(name, file);
    else if (kind === "x") failed.add(first);
    else if (kind === "n") names.add(first);
    else if (kind === "e") sets.variables.add(first);
    else if (kind === "r") for (const each of list(rest[0])) sets.replaced.add(each);
    else if (kind === "a") for (const each of list(rest[0])) sets.added.add(each);
    else if (kind === "f") configured.add(first);
    else if (kind === "d") for (const each of list(rest[0])) disabled.add(each);
    else if (kind === "t") moments[first] = words(rest[1]);
    else if (kind === "h") hook ??= first;
    else if (kind === "c") hasMoved = true;
    else if (kind === "s") start = list(rest[0]);
    else if (kind === "p") {
      const now = list(rest[0]);
      if (isAtStart && now.length === start.length + 1) place = now[0] ?? null;
      isAtStart = now.join("\n") === start.join("\n");
      for (const each of now) path.add(each);
    }
  }
  return {
    entries: [...entries].flatMap(([name, entry]) => (failed.has(name) ? [] : [entry])),
    own: [...own],
    variables: [...sets.variables],
    added: [...sets.added],
    replaced: [...sets.replaced],
    hasMoved,
    hasWorkers: false,
    python: {
      place,
      path: [...path],
      names: [...names],
      failed: [...failed],
      hook,
      configured: [...configured],
      disabled: [...disabled],
      moments,
    },
  };
}
