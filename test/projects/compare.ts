/** Each project driven with its own tool and with ours, in turn: the same program, how long a save takes, who is turned away, what is left. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { type App, apps } from "./apps.ts";
import { type Driven, drive, freePort } from "./drive.ts";
import { type Tools, toolKit } from "./kit.ts";

export interface Compared {
  readonly app: App;
  readonly theirs: Driven;
  readonly ours: Driven;
}

const cli = resolve("dist/cli.js");

/** @param rounds each tool is started so often, in turn */
export async function compare(
  chosen: readonly App[],
  rounds: number,
  saves: number,
): Promise<{ compared: readonly Compared[]; failed: readonly string[] }> {
  const kit = toolKit(new Set(chosen.map(({ needs }) => needs)));
  const compared: Compared[] = [];
  const failed: string[] = [];
  for (const app of chosen) {
    const missing = kit.missing(app.needs);
    if (missing !== undefined) {
      process.stderr.write(`skipped: ${app.name}: ${missing}\n`);
      continue;
    }
    let row: Compared;
    try {
      row = await compareOne(app, kit, rounds, saves);
    } catch (error) {
      failed.push(app.name);
      process.stderr.write(`${app.name}: ${error instanceof Error ? error.message : String(error)}\n`);
      continue;
    }
    process.stderr.write(`${app.name}: theirs ${said(row.theirs)}, ours ${said(row.ours)}\n`);
    compared.push(row);
  }
  return { compared, failed };
}

async function compareOne(app: App, kit: Tools, rounds: number, saves: number): Promise<Compared> {
  const directory = mkdtempSync(join(tmpdir(), "reload-app-"));
  try {
    for (const [name, text] of Object.entries(app.files)) {
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      writeFileSync(join(directory, name), text);
    }
    if (app.needs === "node") symlinkSync(kit.node, join(directory, "node_modules"));
    if (app.needs === "python") symlinkSync(kit.python, join(directory, ".venv"));
    const all: { theirs: Driven[]; ours: Driven[] } = { theirs: [], ours: [] };
    for (let round = 0; round < rounds; round += 1) {
      for (const who of round % 2 === 0 ? (["theirs", "ours"] as const) : (["ours", "theirs"] as const)) {
        const port = await freePort();
        for (const [name, text] of Object.entries(app.files))
          if (text.includes("{PORT}")) writeFileSync(join(directory, name), text.replace("{PORT}", String(port)));
        const command = who === "ours" ? [process.execPath, cli] : ["/bin/sh", "-c", app.tool];
        const driven = await drive({ command, directory, env: environment(port), port, edited: app.edited, saves });
        all[who].push({ ...driven, words: driven.words.map((word) => word.replace(String(port), "PORT")) });
      }
    }
    return { app, theirs: together(all.theirs), ours: together(all.ours) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function environment(port: number): NodeJS.ProcessEnv {
  const { PATH = "", HOME = homedir() } = process.env;
  const peers =
    process.env["RELOAD_BENCH_HOME"] ??
    join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "reload-bench");
  const text = String(port);
  return {
    PATH: [PATH, join(peers, "bin")].join(delimiter),
    HOME,
    PORT: text,
    UVICORN_PORT: text,
    FLASK_RUN_PORT: text,
    PYTHONDONTWRITEBYTECODE: "",
    npm_config_update_notifier: "false",
  };
}

const together = (all: readonly Driven[]): Driven => ({
  savesMs: all.flatMap(({ savesMs }) => savesMs),
  refused: all.reduce((sum, { refused }) => sum + refused, 0),
  broken: all.reduce((sum, { broken }) => sum + broken, 0),
  words: all[0]?.words ?? [],
  left: all.reduce((sum, { left }) => sum + left, 0),
});

const said = ({ savesMs, refused, broken }: Driven): string =>
  `${median(savesMs).toFixed(0)} ms (${savesMs.map((ms) => ms.toFixed(0)).join(" ")}), refused ${refused}, broken off ${broken}`;

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle) - 1] ?? Number.NaN)) / 2;
}

/** What must hold on every machine, however busy it is. */
export function complaints(compared: readonly Compared[]): readonly string[] {
  return compared.flatMap(({ app, theirs, ours }) => [
    ...(ours.words.join(" ") === theirs.words.join(" ") || app.isBuilt === true
      ? []
      : [`${app.name}: runs "${ours.words.join(" ")}", where its tool runs "${theirs.words.join(" ")}"`]),
    ...(ours.left === 0 ? [] : [`${app.name}: ${ours.left} processes are left`]),
  ]);
}

export const quick: readonly App[] = apps.filter((app) => app.quick === true);
