/** `reload init`: a commented `.reload.toml` for the project that lies here, or one translated from air's or nodemon's configuration. */
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileNames } from "../config/layers/discover.ts";
import { load } from "../config/layers/load.ts";
import { type Beside, projectsBeside } from "../config/projects/beside.ts";
import { detect, keeping } from "../config/projects/detect.ts";
import type { Services } from "../config/projects/project.ts";
import { compose, type Draft } from "../config/write/compose.ts";
import { reasonOf } from "../core/errors.ts";
import type { Problem } from "../core/problem.ts";
import { problemsText } from "../report/problem.ts";
import { printable } from "../report/words.ts";
import type { ConfigOutput } from "./config.ts";
import { type InitPlan, planFromFile, schemaFor } from "./init-from.ts";

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
  const planned = command.from === undefined ? planForProject(command) : await planFromFile(command, command.from);
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
        message: reasonOf(error),
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

// ── for the project that lies here ─────────────────────────────────────────────────────────────────────────────────

function planForProject({ cwd, env }: InitCommand): InitPlan {
  const found = detect(cwd, env, true);
  // One that is found here is the project; else several below may be what it consists of.
  if (found.is === "unclear" && found.services !== undefined) return planForServices(cwd, found.services);
  const isHere = found.is === "found" && !found.liesBelow;
  const beside = isHere ? undefined : projectsBeside(cwd, env);
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
function planForServices(cwd: string, { settings, names, found, remarks }: Services & Partial<Beside>): InitPlan {
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
