/** Row 1: from a save to the first instruction of the new process. All tools run at once and rest; one file is saved, in turn. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { end, type Started, sleep, start } from "./processes.ts";
import { makeTree } from "./project.ts";
import type { Restarts } from "./results.ts";
import { nowMs, Stamps } from "./stamps.ts";
import { inTurn, summary } from "./statistics.ts";
import { label, type Tool } from "./tools.ts";

export interface Savers {
  readonly tools: readonly Tool[];
  readonly rounds: number;
  /** Which child: the probe in C, or a Node script that stamps in its first line. */
  readonly child: { readonly is: "probe"; readonly path: string } | { readonly is: "node" };
  /** After each save, before the next tool's turn: the aftermath of a restart shall not fall into a neighbour's time. */
  readonly settleMs: number;
  say(line: string): void;
}

interface Lane {
  readonly tool: Tool;
  readonly stamps: Stamps;
  readonly started: Started;
  readonly save: (text: string) => void;
  readonly times: number[];
  missed: number;
  extra: number;
  lastSaveMs: number;
}

const deadlineMs = 8_000;
const warmUps = 2;

export async function measureSaves(parts: Savers): Promise<readonly Restarts[]> {
  const absent: Restarts[] = [];
  const lanes: Lane[] = [];
  for (const [index, tool] of parts.tools.entries()) {
    const { program } = tool;
    const none = (why: string): void => {
      absent.push({
        tool: tool.name,
        setting: tool.setting,
        how: tool.how,
        time: undefined,
        missed: 0,
        extra: 0,
        absent: why,
      });
    };
    if ("missing" in program) {
      none(program.missing);
      continue;
    }
    const lane = await openLane(parts, tool, program.path, `saves-${parts.child.is}-${index}`);
    if (typeof lane === "string") none(lane);
    else lanes.push(lane);
  }
  // The first scans and whatever tools do after a start.
  await sleep(1_500);
  for (let round = -warmUps; round < parts.rounds; round += 1) {
    for (const lane of inTurn(lanes, round + warmUps)) {
      countExtra(lane, round > 0);
      lane.stamps.forget();
      const atMs = nowMs();
      lane.save(String(round));
      lane.lastSaveMs = atMs;
      const [first] = await lane.stamps.wait(atMs, deadlineMs);
      if (round >= 0) {
        if (first === undefined) lane.missed += 1;
        else lane.times.push(first.atMs - atMs);
      }
      await sleep(parts.settleMs);
    }
    if (round >= 0 && (round + 1) % 10 === 0) parts.say(`saves (${parts.child.is}): round ${round + 1}`);
  }
  await sleep(1_500);
  const measured: Restarts[] = [];
  for (const lane of lanes) {
    countExtra(lane, true);
    measured.push({
      tool: lane.tool.name,
      setting: lane.tool.setting,
      how: lane.tool.how,
      time: summary(lane.times),
      missed: lane.missed,
      extra: lane.extra,
    });
    await end(lane.started);
    lane.stamps.close();
  }
  return [...measured, ...absent];
}

function countExtra(lane: Lane, counts: boolean): void {
  const restarts = lane.stamps.since(lane.lastSaveMs).length;
  if (counts && lane.lastSaveMs > 0 && restarts > 1) lane.extra += restarts - 1;
}

async function openLane(parts: Savers, tool: Tool, path: string, name: string): Promise<Lane | string> {
  const ext = parts.child.is === "probe" ? ".go" : ".js";
  const tree = makeTree(name, 100, ext);
  const stamps = new Stamps(join(tree.dir, "..", `${name}.fifo`));
  const saved = join(tree.dir, `main${ext}`);
  const text = (mark: string): string =>
    parts.child.is === "probe"
      ? `package main // ${mark}\n`
      : `const at = process.hrtime.bigint(); // ${mark}\nrequire("node:fs").appendFileSync(process.argv[2], at + " " + process.pid + " run\\n");\nsetInterval(() => {}, 1e6);\n`;
  writeFileSync(saved, text("first"));
  const run: readonly [string, ...string[]] =
    parts.child.is === "probe" ? [parts.child.path, stamps.path] : [process.execPath, saved, stamps.path];
  const startedMs = nowMs();
  const started = start(tool.launch({ dir: tree.dir, run, ext, files: () => [...tree.files, saved] }, path));
  const [first] = await stamps.wait(startedMs, deadlineMs);
  if (first === undefined) {
    const said = started.printed().trim().split("\n").slice(-3).join(" / ");
    await end(started);
    stamps.close();
    parts.say(`${label(tool)} did not start its child: ${said}`);
    return `did not start its child: ${said}`;
  }
  return {
    tool,
    stamps,
    started: started,
    save: (mark) => writeFileSync(saved, text(mark)),
    times: [],
    missed: 0,
    extra: 0,
    lastSaveMs: 0,
  };
}
