/**
 * Watching at scale. Ready is seen from outside, in the same way for every tool: the moment when the number of inotify
 * watches in /proc/PID/fdinfo reached what it stays at. What a tool says of itself is not asked; that it hears a change
 * in the last directory is checked afterwards.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cpuMs, familyOf, memoryOf, watchesOf } from "./proc.ts";
import { end, type Launch, sleep, start } from "./processes.ts";
import { makeTree, scratch, type Tree } from "./project.ts";
import type { Scale } from "./results.ts";
import { nowMs, Stamps } from "./stamps.ts";
import { inTurn, median, round } from "./statistics.ts";
import { label, type Tool } from "./tools.ts";

export interface Scales {
  readonly rounds: number;
  readonly probe: string;
  readonly tools: readonly Tool[];
  readonly restMs: number;
  readonly sizes: readonly number[];
  say(line: string): void;
}

interface Lane {
  readonly name: string;
  launch(tree: Tree, fifo: string): Launch;
  ownMs?(stamps: Stamps): number;
  readonly seen: Scale[];
}

export async function measureScale({ rounds, probe, tools, restMs, sizes, say }: Scales): Promise<readonly Scale[]> {
  const all: Scale[] = [];
  for (const size of sizes) {
    const tree = makeTree(`scale-${size}`, size, ".go");
    const lanes = lanesOf(tools, probe);
    for (let turn = 0; turn < rounds; turn += 1)
      for (const lane of inTurn(lanes, turn)) {
        const row = await one(lane, tree, size, `${size}-${turn}-${lanes.indexOf(lane)}`, restMs);
        lane.seen.push(row);
        say(
          `scale ${size}: ${lane.name}: ready ${round(row.readyMs ?? Number.NaN)} ms (own ${row.ownMs}), ${round(row.rssMb)} MB, ${row.watches} watches ${row.note ?? ""}`,
        );
      }
    for (const { seen } of lanes) {
      const first = seen[0];
      if (first === undefined) continue;
      const middle = (pick: (row: Scale) => number): number => round(median(seen.map(pick)));
      const ready = middle((row) => row.readyMs ?? Number.NaN);
      all.push({
        ...first,
        readyMs: Number.isNaN(ready) ? undefined : ready,
        ownMs: first.ownMs === undefined ? undefined : middle((row) => row.ownMs ?? Number.NaN),
        pssMb: middle((row) => row.pssMb),
        rssMb: middle((row) => row.rssMb),
        idleCpu: middle((row) => row.idleCpu),
        watches: middle((row) => row.watches),
      });
    }
  }
  return all;
}

function lanesOf(tools: readonly Tool[], probe: string): readonly Lane[] {
  const lanes: Lane[] = [
    {
      name: "chokidar 5",
      launch: (tree, fifo) => ({
        command: [process.execPath, join(import.meta.dirname, "chokidar.js"), fifo, tree.dir],
        cwd: process.cwd(),
      }),
      ownMs: (stamps) =>
        Number(
          stamps
            .since(0)
            .find(({ tag }) => tag.startsWith("ready:"))
            ?.tag.slice(6),
        ),
      seen: [],
    },
  ];
  for (const tool of tools) {
    const { program } = tool;
    if ("missing" in program || tool.setting !== "defaults" || tool.child !== "any") continue;
    const launch: Lane["launch"] = (tree, fifo) =>
      tool.launch({ dir: tree.dir, run: [probe, fifo], ext: ".go", files: () => tree.files }, program.path);
    if (tool.name !== "reload") lanes.push({ name: label(tool), launch, seen: [] });
    else {
      const events = join(scratch, "scale-events.jsonl");
      lanes.push({
        name: label(tool),
        launch(tree, fifo) {
          const { command, ...rest } = launch(tree, fifo);
          return { ...rest, command: [...command, `--json=${events}`] };
        },
        ownMs: () => Number(/"event":"watching".*?"ms":(\d+)/.exec(readFileSync(events, "utf8"))?.[1]),
        seen: [],
      });
    }
  }
  return lanes;
}

const giveUpMs = 90_000;

async function one(lane: Lane, tree: Tree, files: number, name: string, restMs: number): Promise<Scale> {
  const stamps = new Stamps(join(scratch, `scale-${name}.fifo`));
  const launch = lane.launch(tree, stamps.path);
  const startedMs = nowMs();
  const started = start(launch);
  let family: readonly number[] = [started.pid];
  let best = { count: 0, atMs: startedMs };
  let lookedMs = startedMs;
  let cpu = { ms: 0, atMs: startedMs };
  for (;;) {
    const beforeMs = nowMs();
    if (beforeMs - lookedMs > (best.count === 0 ? 30 : 500)) {
      family = familyOf(started.pid, stamps.since(0, "run")[0]?.pid ?? 0);
      lookedMs = beforeMs;
      const spent = cpuMs(family);
      if (spent > cpu.ms + 20) cpu = { ms: spent, atMs: beforeMs };
    }
    const count = watchesOf(family);
    const afterMs = nowMs();
    if (count !== best.count) best = { count, atMs: afterMs };
    const restedMs = afterMs - Math.max(best.atMs, cpu.atMs);
    if (started.isEnded() || afterMs - startedMs > giveUpMs || restedMs > (best.count === 0 ? 5_000 : 2_000)) break;
    // Reading the list holds the watcher up: never more than a tenth of the time.
    await sleep(Math.max(3, (afterMs - beforeMs) * 9));
  }
  const { pssMb, rssMb } = memoryOf(family);
  const before = cpuMs(family);
  await sleep(restMs);
  const idleCpu = round(((cpuMs(family) - before) / restMs) * 100);
  const ownMs = lane.ownMs?.(stamps);
  const note = started.isEnded() ? `ended: ${started.printed().trim().split("\n").at(-1)}` : await hears(tree, stamps);
  await end(started);
  stamps.close();
  return {
    tool: lane.name,
    setting: "defaults",
    files,
    directories: tree.directories,
    readyMs: best.count === 0 ? undefined : best.atMs - startedMs,
    ownMs,
    watches: best.count,
    pssMb,
    rssMb,
    idleCpu,
    processes: family.length,
    ...(note === undefined ? {} : { note }),
  };
}

async function hears(tree: Tree, stamps: Stamps): Promise<string | undefined> {
  const last = tree.files.at(-1);
  if (last === undefined) return undefined;
  const atMs = nowMs();
  writeFileSync(last, `${readFileSync(last, "utf8")}// ${atMs}\n`);
  const [heard] = await stamps.wait(atMs, 10_000, 1, "run");
  return heard === undefined ? "did not hear a change in the last directory" : undefined;
}
