/** Row 9: from a save to the first answer of the new version, of servers with frameworks: warm and cold, beside what they are restarted with elsewhere. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { toolKit } from "../projects/kit.ts";
import { cpuMs, familyOf } from "./proc.ts";
import { end, type Started, sleep, start } from "./processes.ts";
import { scratch } from "./project.ts";
import type { WarmRow } from "./results.ts";
import { type Served, servers } from "./servers.ts";
import { nowMs } from "./stamps.ts";
import { inTurn, summary } from "./statistics.ts";

interface Lane {
  readonly tool: string;
  readonly started: Started;
  readonly url: string;
  /** What `reload --warm` writes. */
  readonly events: string;
  /** Where it keeps what it is told by its standbys. */
  readonly temp: string;
  save(version: string): void;
  readonly times: number[];
  missed: number;
  /** In how many rounds no standby came in time. */
  cold: number;
  isLeftOut: boolean;
  readonly looksAtTypes: boolean;
}

const reload: readonly string[] = [process.execPath, resolve("dist/cli.js")];
const firstAnswerMs = 30_000;
const deadlineMs = 10_000;
/** A tool that has just restarted something may still be looking at files. */
const restMs = 500;
/** Where types are looked at beside the program, that begins some time after it. */
const typesMs = 2_500;
/** At rest: what takes less of a processor than this within that time, in milliseconds. */
const quiet = { cpuMs: 10, withinMs: 300, patienceMs: 15_000 };
const standbyMs = 15_000;

interface Warmed {
  readonly rounds: number;
  /** Names of apps; all of them otherwise. */
  readonly only: readonly string[] | undefined;
  say(line: string): void;
}

export async function measureWarm({ rounds, only, say }: Warmed): Promise<WarmRow[]> {
  const kit = toolKit(new Set(["node", "python", "served"]));
  const rows: WarmRow[] = [];
  for (const app of servers) {
    if (only?.includes(app.name) === false) continue;
    const missing = kit.missing(app.needs);
    if (missing !== undefined) {
      say(`warm: ${app.name} is left out: the ${app.needs} kit ${missing}`);
      continue;
    }
    const own = app.own === "init" ? [] : ["--", ...app.own];
    const commands: Readonly<Record<string, readonly string[]>> = {
      ...app.peers,
      reload: [...reload, "--quiet", ...own],
      "reload --warm": [...reload, "--quiet", "--warm", "--json=../events", ...own],
    };
    const lanes: Lane[] = [];
    for (const [tool, command] of Object.entries(commands)) {
      const lane = await laneOf(app, tool, command, kit[app.needs]);
      lanes.push(lane);
      const atMs = nowMs();
      const answeredMs = await served(lane, "first", firstAnswerMs);
      if (answeredMs !== undefined) await rested(lane);
      else leaveOut(lane, `has not answered: ${lane.started.printed().trim().split("\n").at(-1)}`, app, say);
      if (answeredMs !== undefined)
        say(`warm: ${app.name}, ${tool}: first answer after ${Math.round(answeredMs - atMs)} ms`);
    }
    for (let round = -1; round < rounds; round += 1)
      for (const lane of inTurn(lanes, round + 1)) {
        if (lane.isLeftOut) continue;
        const atMs = nowMs();
        lane.save(`version ${round}.`);
        const answeredMs = await served(lane, `version ${round}.`, deadlineMs);
        if (round >= 0 && answeredMs !== undefined) lane.times.push(answeredMs - atMs);
        if (answeredMs === undefined) lane.missed += 1;
        // The first saves too: a tool that does not follow here takes the time of the others.
        if (lane.missed > 1 && lane.times.length === 0) leaveOut(lane, "does not follow", app, say);
        else await rested(lane);
      }
    for (const { tool, started, events, times, missed, cold } of lanes) {
      const time = summary(times);
      rows.push({ app: app.name, tool, time, missed, letIn: letInOf(events) });
      const late = cold === 0 ? "" : `, ${cold} times without a standby after ${standbyMs} ms`;
      say(`warm: ${app.name}, ${tool}: median ${time?.median ?? "–"} ms, ${missed} missed${late}`);
      await end(started);
    }
  }
  return rows;
}

function leaveOut(lane: Lane, why: string, app: Served, say: (line: string) => void): void {
  lane.isLeftOut = true;
  lane.missed = Math.max(1, lane.missed);
  say(`warm: ${app.name}, ${lane.tool} is left out: it ${why}`);
}

/** Until nothing is done any more, so that no tool is measured beside the aftermath of another one, and the next run waits at its door, where one is made. */
async function rested(lane: Lane): Promise<void> {
  await sleep(lane.looksAtTypes ? typesMs : restMs);
  const spent = (): number => cpuMs(familyOf(lane.started.pid, -1));
  for (const until = nowMs() + quiet.patienceMs; nowMs() < until; ) {
    const before = spent();
    await sleep(quiet.withinMs);
    if (spent() - before < quiet.cpuMs) break;
  }
  if (lane.tool !== "reload --warm") return;
  for (const until = nowMs() + standbyMs; nowMs() < until; await sleep(20)) if (isWaiting(lane)) return;
  lane.cold += 1;
}

/** A standby that has loaded everything says so in the private directory of its `reload`. */
function isWaiting({ events, temp }: Lane): boolean {
  const runs = eventsOf(events).split('"event":"run-starting"').length - 1;
  return readdirSync(temp).some((name) => existsSync(join(temp, name, `run-${runs + 1}-held`)));
}

async function laneOf(app: Served, tool: string, command: readonly string[], kit: string): Promise<Lane> {
  const place = join(scratch, `warm-${app.name}-${tool}`.replaceAll(/\W+/g, "-"));
  const cwd = join(place, "app");
  const temp = join(place, "temp");
  mkdirSync(temp, { recursive: true });
  const port = await freePort();
  const write = (version: string): void => {
    const text = app.files[app.saved] ?? "";
    writeFileSync(join(cwd, app.saved), text.replace("VERSION", version));
  };
  for (const [file, text] of Object.entries(app.files)) {
    mkdirSync(dirname(join(cwd, file)), { recursive: true });
    writeFileSync(join(cwd, file), text);
  }
  symlinkSync(kit, join(cwd, app.needs === "python" ? ".venv" : "node_modules"));
  write("first");
  if (app.own === "init" && tool.startsWith("reload"))
    execFileSync(reload[0] ?? "", [...reload.slice(1), "init"], { cwd, stdio: "ignore" });
  const [program = "", ...words] = command.map((word) => (word === "PORT" ? String(port) : word));
  const started = start({ command: [program, ...words], cwd, env: { PORT: String(port), TMPDIR: temp } });
  return {
    tool,
    started: started,
    url: `http://127.0.0.1:${port}/`,
    events: join(place, "events"),
    temp,
    save: write,
    times: [],
    missed: 0,
    cold: 0,
    isLeftOut: false,
    looksAtTypes: app.own === "init",
  };
}

const eventsOf = (file: string): string => (existsSync(file) ? readFileSync(file, "utf8") : "");

/** How many runs were let in: under load a standby may come too late. */
const letInOf = (events: string): number | undefined =>
  existsSync(events) ? eventsOf(events).split('"warm":true').length - 1 : undefined;

/** Asked every few milliseconds. @returns when it answered; `undefined`: never */
async function served({ url, started }: Lane, version: string, patienceMs: number): Promise<number | undefined> {
  for (const until = nowMs() + patienceMs; !started.isEnded() && nowMs() < until; await sleep(2)) {
    const text = await fetch(url, { signal: AbortSignal.timeout(2_000), headers: { connection: "close" } })
      .then((answer) => answer.text())
      .catch(() => "");
    if (text.includes(version)) return nowMs();
  }
  return undefined;
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((done) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => done(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
