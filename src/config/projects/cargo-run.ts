/** `cargo run --bin api -- serve`, also behind a watcher, in a Makefile, a justfile or bacon.toml: which program people run, and with what words. */
import { parseToml } from "../text/toml.ts";
import { textOf } from "./project.ts";
import { peelOptions } from "./scripts/options.ts";
import { recipesIn } from "./scripts/recipes.ts";
import { readLine, type Word } from "./scripts/shell.ts";

export interface CargoRun {
  /** `dev of justfile` */
  readonly how: string;
  readonly package: string | undefined;
  readonly binary: string | undefined;
  /** `--features web`, as they stand there: for the build. */
  readonly flags: readonly string[];
  readonly isRelease: boolean;
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

type Read = Omit<CargoRun, "how">;

const targets = ["dev", "watch", "run", "serve", "server", "start", "run-dev"];

export function cargoRunIn(directory: string, env: NodeJS.ProcessEnv): CargoRun | undefined {
  for (const { file, target, lines } of recipesIn(directory, targets, env)) {
    const read = lines.length === 1 ? readCargo(lines[0] ?? "") : undefined;
    // `make run` may be what is shown to others.
    if (read !== undefined && (!read.isRelease || /dev|watch/.test(target)))
      return { ...read, how: `${target} of ${file}` };
  }
  return bacon(directory);
}

/** https://dystroy.org/bacon/config/: jobs are lists of words. */
function bacon(directory: string): CargoRun | undefined {
  const text = textOf(directory, "bacon.toml");
  const parsed = text === undefined ? undefined : parseToml({ path: "bacon.toml", name: "bacon.toml", text });
  if (parsed?.ok !== true) return undefined;
  const { default_job, jobs } = { default_job: parsed.table["default_job"], jobs: Object(parsed.table["jobs"]) };
  for (const name of [String(default_job), "run-long", "run"]) {
    const { command, env } = Object(jobs[name]);
    const words = (Array.isArray(command) ? command : []).filter((each) => typeof each === "string");
    const read = fromWords(words);
    if (read !== undefined) return { ...read, env: { ...strings(env), ...read.env }, how: `${name} of bacon.toml` };
  }
  return undefined;
}

const strings = (value: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(Object(value)).flatMap(([name, each]): [string, string][] =>
      typeof each === "string" ? [[name, each]] : [],
    ),
  );

function readCargo(line: string): Read | undefined {
  const [step, ...others] = readLine(line)?.steps ?? [];
  if (step === undefined || others.length > 0 || step.command.redirections.length > 0) return undefined;
  const { assignments, words } = step.command;
  if (assignments.some(({ value }) => value.text === undefined)) return undefined;
  const texts = words.flatMap(({ text }) => text ?? []);
  const read = texts.length < words.length ? undefined : fromWords(texts);
  const env = Object.fromEntries(assignments.map(({ name, value }) => [name, value.text ?? ""]));
  return read === undefined ? undefined : { ...read, env: { ...env, ...read.env } };
}

const asWords = (texts: readonly string[]): Word[] => texts.map((text) => ({ text, raw: text }));

function fromWords([program, verb, ...args]: readonly string[]): Read | undefined {
  if (program === "watchexec")
    return behind([verb ?? "", ...args], ["-e", "--exts", "-w", "--watch", "-i", "--ignore"]);
  if (program !== "cargo") return undefined;
  if (verb === "run" || verb === "r") return cargoRun(args);
  return verb === "watch" ? cargoWatch(args) : undefined;
}

/** `-x` is one word for cargo, `-s` and what is behind `--` a command. */
function cargoWatch(args: readonly string[]): Read | undefined {
  const valued = ["-x", "--exec", "-s", "--shell", "-w", "--watch", "-i", "--ignore", "-d", "--delay"];
  const dashes = args.indexOf("--");
  const { dropped } = peelOptions(asWords(args), { values: valued, dropped: valued });
  const all = [...(dropped.get("-x") ?? []), ...(dropped.get("--exec") ?? [])];
  const lines = [
    ...all.map((each) => `cargo ${each}`),
    ...(dropped.get("-s") ?? []),
    ...(dropped.get("--shell") ?? []),
  ];
  if (lines.length === 0) return dashes < 0 ? undefined : fromWords(args.slice(dashes + 1));
  // `-x check -x run`
  return lines.map(readCargo).findLast((each) => each !== undefined);
}

function behind(args: readonly string[], values: readonly string[]): Read | undefined {
  const { rest } = peelOptions(asWords(args), { values, dropped: [] });
  return fromWords(rest.map(({ raw }) => raw));
}

function cargoRun(args: readonly string[]): Read | undefined {
  const own = ["-p", "--package", "--bin"];
  const kept = ["-F", "--features"];
  const peeled = peelOptions(asWords(args), {
    values: [...own, ...kept, "--example", "--profile", "--manifest-path", "--target", "-Z", "--config"],
    dropped: [...own, "-r", "--release", "-q", "--quiet"],
  });
  const flags = peeled.kept.map(({ raw }) => raw);
  // What is built elsewhere, or is no program of this project.
  if (
    flags.some((flag) => /^-/.test(flag) && !/^(?:-F|--(?:all-|no-default-)?features|--locked|--offline)\b/.test(flag))
  )
    return undefined;
  const given = (...names: string[]): string | undefined =>
    names.flatMap((name) => peeled.dropped.get(name) ?? []).at(-1);
  return {
    package: given("-p", "--package"),
    binary: given("--bin"),
    flags,
    isRelease: peeled.dropped.has("-r") || peeled.dropped.has("--release"),
    words: peeled.rest.map(({ raw }) => raw),
    env: {},
  };
}
