/** `reload init`: a commented `.reload.toml` for the project that lies here, or one translated from air's or nodemon's configuration. */
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { problemsIn } from "../config/check/complain.ts";
import { fileNames, homeOfUser } from "../config/layers/discover.ts";
import { load } from "../config/layers/load.ts";
import { type Beside, projectsBeside } from "../config/projects/beside.ts";
import { detect, keeping } from "../config/projects/detect.ts";
import type { Services } from "../config/projects/project.ts";
import { readText, type SourceText, unreadable } from "../config/text/source.ts";
import { parseToml } from "../config/text/toml.ts";
import { compose, type Draft } from "../config/write/compose.ts";
import type { Problem } from "../core/problem.ts";
import { problemsText } from "../report/problem.ts";
import { printable } from "../report/words.ts";
import type { ConfigOutput } from "./config.ts";

export interface InitCommand {
  /** Absolute. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** An `.air.toml`, a `nodemon.json`, a package.json with `nodemonConfig`, or a `Procfile`. */
  readonly from?: string;
  /** Write over a file that exists. */
  readonly force: boolean;
  readonly stdout: ConfigOutput;
  readonly stderr: ConfigOutput;
}

interface Plan {
  readonly draft: Draft;
  /** For the user, after the file was written. */
  readonly said: readonly string[];
}

type Planned = ({ readonly ok: true } & Plan) | { readonly ok: false; readonly problems: readonly Problem[] };

const target = ".reload.toml";

/** @returns the exit code: 0, or 2 if nothing was written */
export async function initConfig(command: InitCommand): Promise<number> {
  const { cwd, force, stdout, stderr } = command;
  const refuse = (problems: readonly Problem[]): number => {
    stderr.write(`${problemsText(problems, stderr.colors)}\n`);
    return 2;
  };
  const existing = ownFile(cwd);
  if (existing !== undefined && !(force && existing === target))
    return refuse([
      {
        code: "init/exists",
        severity: "error",
        origin: existing,
        message: "exists already",
        ...(existing === target ? { hint: "reload init --force writes over it" } : {}),
      },
    ]);
  const planned = command.from === undefined ? planForProject(command) : await planFrom(command, command.from);
  if (!planned.ok) return refuse(planned.problems);
  const text = compose(planned.draft);
  try {
    writeFileSync(join(cwd, target), text, { flag: force ? "w" : "wx" });
  } catch (error) {
    return refuse([
      {
        code: "init/failed",
        severity: "error",
        origin: target,
        message: error instanceof Error ? error.message : String(error),
      },
    ]);
  }
  const loaded = await load({ cwd, env: {}, flags: [], configFile: target });
  const doubts = loaded.ok ? loaded.warnings : loaded.problems;
  if (doubts.length > 0) stderr.write(`${problemsText(doubts, stderr.colors)}\n`);
  stdout.write(`${[`wrote ${target}`, ...planned.said, "start with: reload"].map(printable).join("\n")}\n`);
  return loaded.ok ? 0 : 2;
}

const ownFile = (cwd: string): string | undefined => fileNames.slice(0, 3).find((name) => existsSync(join(cwd, name)));

export const hasConfig = (cwd: string): boolean => ownFile(cwd) !== undefined;

/** Where editors find what the keys mean: beside an installed `reload`, else on the web. */
function schemaFor(cwd: string): string {
  const local = "node_modules/reload-dev/schema.json";
  return existsSync(join(cwd, local)) ? `./${local}` : "https://unpkg.com/reload-dev/schema.json";
}

// ── for the project that lies here ─────────────────────────────────────────────────────────────────────────────────

function planForProject({ cwd, env }: InitCommand): Planned {
  const found = detect(cwd, env, true);
  // One that is found here is the project; else several below may be what it consists of.
  if (found.is === "unclear" && found.services !== undefined) return planForServices(cwd, found.services);
  const beside = found.is === "found" ? undefined : projectsBeside(cwd, env);
  if (beside !== undefined) return planForServices(cwd, beside);
  if (found.is === "unclear") return { ok: false, problems: [found.problem] };
  const air = [".air.toml", ".config/air.toml"].find((name) => existsSync(join(cwd, name)));
  const settings =
    found.is === "found"
      ? found.settings.map((setting) => withEnv(setting, cwd))
      : [{ name: "proc.cmd", raw: "echo 'put your command here'" }];
  return {
    ok: true,
    draft: {
      schema: schemaFor(cwd),
      heading: [
        found.is === "found"
          ? `For ${found.what}, written by reload init.`
          : "Written by reload init, which knew no project here: put your commands in.",
        "reload config prints every key with its value and where it comes from.",
      ],
      settings,
      offers: [
        { name: "env_files", raw: [".env"] },
        { name: "build.cmd", raw: "make" },
        { name: "proc.stop_timeout" },
        { name: "proc.on_exit" },
        { name: "ready.http", raw: "http://localhost:8080/health" },
        { name: "watch.include_files", raw: [".html", "config/**/*.yaml"] },
        { name: "watch.exclude_dirs", raw: ["/dist"] },
        { name: "watch.debounce" },
      ],
      remarks: [],
      explained: true,
      reasons: found.is === "found" ? found.reasons : {},
    },
    said: [
      ...(found.is === "found"
        ? found.notes.map((note) => note.replace(keeping, ""))
        : [...found.reasons, "no project that is known lies here: put your command into [proc] cmd"]),
      ...(air === undefined ? [] : [`${air} works as it is; reload init --from ${air} --force translates it`]),
    ],
  };
}

/** Each program as a service. */
function planForServices(cwd: string, { settings, names, found, remarks }: Services & Partial<Beside>): Planned {
  const list = found ?? names;
  const heading = [
    found === undefined
      ? "For the programs that are started side by side, written by reload init."
      : "For the projects in these directories, written by reload init.",
    ...list.map((line) => `  ${line}`),
    "reload config prints every key with its value and where it comes from.",
  ];
  return {
    ok: true,
    draft: { schema: schemaFor(cwd), heading, settings, offers: [], remarks: [], explained: false },
    said: [...list, ...remarks],
  };
}

/**
 * What is watched without a file: the program reads its `.env` itself. As `env_files` it would be in the environment, where it wins
 * over the program's own `.env.local`. Named exactly, they are watched though git ignores them.
 */
function withEnv({ name, raw }: Draft["settings"][number], cwd: string): Draft["settings"][number] {
  if (name !== "watch.include_files" || !Array.isArray(raw)) return { name, raw };
  const others = readdirSync(cwd).filter(
    (file) => /^\.env\../.test(file) && !/\.(example|sample|template|dist)$/.test(file),
  );
  return { name, raw: [...raw, ...new Set([".env", ".env.local", ...others.sort()])] };
}

// ── from another tool's configuration ──────────────────────────────────────────────────────────────────────────────

async function planFrom({ cwd, env }: InitCommand, from: string): Promise<Planned> {
  const path = resolve(cwd, from);
  const read = readText(path);
  if (read.is !== "text") return { ok: false, problems: [unreadable(from, read)] };
  const source: SourceText = { path, name: from, text: read.text };
  if (/procfile/i.test(basename(path))) return planFromProcfile(source, cwd, env);
  return path.endsWith(".json") ? planFromNodemon(source, cwd) : planFromAir(source, cwd, env);
}

async function planFromProcfile({ name, text }: SourceText, cwd: string, env: NodeJS.ProcessEnv): Promise<Planned> {
  const { servicesOf } = await import("../config/projects/procfile.ts");
  const services = servicesOf(text, cwd, env);
  if (services !== undefined && services.names.length > 0)
    return translated(name, services.settings, services.remarks, cwd);
  const message = "there is no program in it: each line is NAME: COMMAND";
  return { ok: false, problems: [{ code: "init/failed", severity: "error", origin: name, message }] };
}

async function planFromAir(source: SourceText, cwd: string, env: NodeJS.ProcessEnv): Promise<Planned> {
  const parsed = parseToml(source);
  if (!parsed.ok) return { ok: false, problems: [parsed.problem] };
  const [{ isAirFile }, { draftFromAir }] = await Promise.all([
    import("../config/air/air.ts"),
    import("../config/air/draft.ts"),
  ]);
  if (!isAirFile(parsed.table, source.path))
    return {
      ok: false,
      problems: [
        {
          code: "init/failed",
          severity: "error",
          origin: source.name,
          message: "not a configuration of air: it has none of air's keys",
        },
      ],
    };
  // What does not run as it is does not when it is translated: a root that is not there would be one of nothing to watch.
  const asItIs = await load({ cwd, env: {}, flags: [], configFile: source.name });
  if (!asItIs.ok) return asItIs;
  const { settings, lost, complaints } = draftFromAir(parsed.table, cwd, homeOfUser(env));
  if (complaints.length > 0) return { ok: false, problems: await problemsIn(source, complaints) };
  return translated(source.name, settings, lost, cwd);
}

async function planFromNodemon(source: SourceText, cwd: string): Promise<Planned> {
  const json = jsonObject(source.text);
  const problem = (message: string): Planned => ({
    ok: false,
    problems: [{ code: "init/failed", severity: "error", origin: source.name, message }],
  });
  if (json === undefined) return problem("not a JSON object");
  const isPackage = basename(source.path) === "package.json";
  const config = isPackage ? json["nodemonConfig"] : json;
  if (typeof config !== "object" || config === null || Array.isArray(config))
    return problem('there is no "nodemonConfig" in it');
  const beside = readText(join(dirname(source.path), "package.json"));
  const manifest = isPackage ? json : beside.is === "text" ? jsonObject(beside.text) : undefined;
  const main = typeof manifest?.["main"] === "string" ? manifest["main"] : undefined;
  const { draftFromNodemon } = await import("../config/nodemon/draft.ts");
  const { settings, lost } = draftFromNodemon({ ...config }, cwd, main);
  const hasCommand = settings.some(({ name }) => name === "proc.cmd");
  const placeholder = hasCommand ? [] : [{ name: "proc.cmd", raw: "node ." }];
  return translated(source.name, [...settings, ...placeholder], lost, cwd);
}

function translated(name: string, settings: Draft["settings"], lost: readonly string[], cwd: string): Planned {
  const list = lost.length === 0 ? [] : ["without a counterpart:", ...lost.map((line) => `  ${line}`)];
  const heading = [
    `Translated from ${name} by reload init.`,
    "reload config prints every key with its value and where it comes from.",
  ];
  return {
    ok: true,
    draft: { schema: schemaFor(cwd), heading, settings, offers: [], remarks: list, explained: false },
    said: [`translated from ${name}`, ...list],
  };
}

function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
