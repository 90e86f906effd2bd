/** The live configuration of a program: how long from a save until its callback, how often it is called, and what it is called with. */
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { end, type Started, sleep, start } from "./processes.ts";
import { scratch } from "./project.ts";
import type { Results } from "./results.ts";
import { inTurn, median, quantile, round } from "./statistics.ts";
import { home, isInstalled } from "./tools.ts";

export interface Followers {
  readonly rounds: number;
  say(line: string): void;
}

interface Subject {
  readonly tool: string;
  readonly setting: string;
  command(file: string, schema: string): readonly [string, ...string[]];
}

interface Running {
  readonly subject: Subject;
  readonly file: string;
  readonly started: Started;
  /** What it printed, with the time at which it came here. */
  readonly heard: { readonly port: number; readonly atMs: number }[];
  readonly times: number[];
  calls: number;
  saves: number;
  missed: number;
  broken: number;
}

const root = process.cwd();
const deadlineMs = 3_000;
/** Long enough for a second callback of the same save. */
const settleMs = 400;

const node = (script: string, ...args: string[]): readonly [string, ...string[]] => [
  process.execPath,
  join(root, "test/bench/subjects", script),
  ...args,
];

function subjects(): readonly Subject[] {
  const c12 = join(home, "c12/node_modules/c12/dist/index.mjs");
  const viper = join(home, "bin/viper-follow");
  return [
    {
      tool: "reload-dev/config",
      setting: "defaults, with a schema",
      command: (file, schema) => node("follow-ours.mjs", join(root, "dist/live.js"), file, schema),
    },
    ...(isInstalled("c12")
      ? [
          { tool: "c12", setting: "defaults", command: (file: string) => node("follow-c12.mjs", c12, file, "default") },
          {
            tool: "c12",
            setting: "debounce: false",
            command: (file: string) => node("follow-c12.mjs", c12, file, "0"),
          },
        ]
      : []),
    ...(isInstalled("viper-follow")
      ? [
          {
            tool: "viper",
            setting: "WatchConfig",
            command: (file: string): readonly [string, ...string[]] => [viper, file],
          },
        ]
      : []),
  ];
}

const text = (port: number | string): string => `port: ${port}\nlog:\n  level: info\n`;
const schemaText = JSON.stringify({ properties: { port: { type: "integer" } }, required: ["port", "log"] });

export async function measureLive({ rounds, say }: Followers): Promise<NonNullable<Results["live"]>> {
  const running: Running[] = [];
  for (const [index, subject] of subjects().entries()) {
    const dir = join(scratch, `live-${index}`);
    mkdirSync(dir, { recursive: true });
    const file = join(dir, "app.yaml");
    const schema = join(dir, "schema.json");
    writeFileSync(file, text(1));
    writeFileSync(schema, schemaText);
    const started = start({ command: subject.command(file, schema), cwd: dir });
    const one: Running = { subject, file, started, heard: [], times: [], calls: 0, saves: 0, missed: 0, broken: 0 };
    const { stdout } = started.child;
    if (stdout !== null)
      createInterface({ input: stdout }).on("line", (line) =>
        one.heard.push({ port: Number(line), atMs: performance.now() }),
      );
    if (await hears(one, 1, 0)) running.push(one);
    else {
      say(`${subject.tool} did not start: ${started.printed()}`);
      await end(started);
    }
  }
  await sleep(1_000);
  let port = 10;
  for (let turn = 0; turn < rounds; turn += 1) {
    for (const one of inTurn(running, turn)) {
      // As editors save: some over the file, some by a new file in its place.
      for (const byRename of [false, true]) await save(one, ++port, byRename);
      await breakOnce(one);
    }
  }
  for (const { started } of running) await end(started);
  const followers = running.map(({ subject, times, calls, saves, missed, broken }) => {
    const { tool, setting } = subject;
    const figures = {
      median: round(median(times)),
      p99: round(quantile(times, 0.99)),
      most: round(Math.max(...times)),
    };
    say(`live: ${tool}, ${setting}: ${figures.median} ms, p99 ${figures.p99} ms`);
    return {
      tool,
      setting,
      ...figures,
      saves,
      missed,
      callsPerSave: round(calls / saves),
      callsPerBroken: round(broken / rounds),
    };
  });
  return { made: new Date().toISOString().slice(0, 10), load: round(loadavg()[0] ?? 0), followers };
}

async function save(one: Running, port: number, byRename: boolean): Promise<void> {
  const from = one.heard.length;
  const beganMs = performance.now();
  write(one.file, text(port), byRename);
  one.saves += 1;
  const heard = await hears(one, port, from);
  if (heard === undefined) one.missed += 1;
  else one.times.push(heard - beganMs);
  await sleep(settleMs);
  one.calls += one.heard.length - from;
}

/** A save that cannot be read. Whoever is called for it is called with what nobody wrote, or for nothing. */
async function breakOnce(one: Running): Promise<void> {
  const from = one.heard.length;
  write(one.file, "port: [\n", true);
  await sleep(settleMs + 400);
  one.broken += one.heard.length - from;
}

function write(file: string, content: string, byRename: boolean): void {
  if (!byRename) writeFileSync(file, content);
  else {
    writeFileSync(`${file}.new~`, content);
    renameSync(`${file}.new~`, file);
  }
}

async function hears(one: Running, port: number, from: number): Promise<number | undefined> {
  const endMs = performance.now() + deadlineMs;
  while (performance.now() < endMs && !one.started.isEnded()) {
    const heard = one.heard.slice(from).find((each) => each.port === port);
    if (heard !== undefined) return heard.atMs;
    await sleep(2);
  }
  return undefined;
}
