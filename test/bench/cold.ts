/** Row 3: from nothing to the child's first instruction, and to the end of short commands, beside an empty Node start. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { end, environment, sleep, start } from "./processes.ts";
import { makeTree, scratch } from "./project.ts";
import type { Start } from "./results.ts";
import { nowMs, Stamps } from "./stamps.ts";
import { inTurn, median, round, summary } from "./statistics.ts";
import { cli, label, type Tool } from "./tools.ts";

export interface Colds {
  readonly rounds: number;
  readonly probe: string;
  readonly tools: readonly Tool[];
  say(line: string): void;
}

interface Lane {
  readonly what: string;
  readonly isPeer: boolean;
  readonly times: number[];
  once(): Promise<number | undefined>;
}

export async function measureCold({ rounds, probe, tools, say }: Colds): Promise<{ ours: Start[]; peers: Start[] }> {
  const dir = join(scratch, "cold");
  mkdirSync(dir);
  const stamps = new Stamps(join(dir, "fifo"));
  writeFileSync(join(dir, "empty.js"), "");
  writeFileSync(join(dir, "empty.mjs"), "");
  writeFileSync(
    join(dir, "spawn.mjs"),
    'import { spawn } from "node:child_process";\nspawn(process.argv[2], process.argv.slice(3), { stdio: "inherit" });\n',
  );
  const node = process.execPath;

  const untilExit = (what: string, ...words: readonly string[]): Lane => ({
    what,
    isPeer: false,
    times: [],
    async once() {
      const atMs = nowMs();
      const { status } = spawnSync(node, [...words], { cwd: dir, env: environment(), stdio: "ignore" });
      return status === 0 ? nowMs() - atMs : undefined;
    },
  });
  const untilChild = (
    what: string,
    command: readonly [string, ...string[]],
    cwd: string,
    isPeer: boolean,
    from: Stamps,
    stdin?: string,
  ): Lane => ({
    what,
    isPeer,
    times: [],
    async once() {
      const atMs = nowMs();
      const started = start({ command, cwd, ...(stdin === undefined ? {} : { stdin }) });
      const [first] = await from.wait(atMs, 5_000);
      await end(started);
      await sleep(20);
      return first === undefined ? undefined : first.atMs - atMs;
    },
  });

  const lanes: Lane[] = [
    untilExit("an empty Node start (CommonJS file)", "empty.js"),
    untilExit("an empty Node start (module)", "empty.mjs"),
    untilChild(
      "a module of two lines that spawns → child",
      [node, "spawn.mjs", probe, stamps.path],
      dir,
      false,
      stamps,
    ),
    untilChild("`reload -- CHILD` → child", [node, cli, "--", probe, stamps.path], dir, false, stamps),
    untilExit("`reload --help`", cli, "--help"),
    untilExit("`reload --version`", cli, "--version"),
    untilExit("`reload --once -- CHILD`, which exits at once", cli, "--once", "--", probe, "/dev/null", "run", "exit"),
  ];
  const opened: Stamps[] = [stamps];
  for (const [index, tool] of tools.entries()) {
    if ("missing" in tool.program || tool.setting !== "defaults") continue;
    const tree = makeTree(`cold-${index}`, 100, ".go");
    const own = new Stamps(join(scratch, `cold-${index}.fifo`));
    opened.push(own);
    const launch = tool.launch(
      { dir: tree.dir, run: [probe, own.path], ext: ".go", files: () => tree.files },
      tool.program.path,
    );
    lanes.push(untilChild(`${label(tool)} → child`, launch.command, tree.dir, true, own, launch.stdin));
  }

  for (let turn = -1; turn < rounds; turn += 1) {
    for (const lane of inTurn(lanes, turn + 1)) {
      const ms = await lane.once();
      if (turn >= 0 && ms !== undefined) lane.times.push(ms);
    }
    if (turn >= 0 && (turn + 1) % 10 === 0) say(`cold: round ${turn + 1}`);
  }
  for (const each of opened) each.close();
  const empty = median(lanes[0]?.times ?? []);
  const row = ({ what, times }: Lane): Start => ({ what, time: summary(times), ratio: round(median(times) / empty) });
  return { ours: lanes.filter(({ isPeer }) => !isPeer).map(row), peers: lanes.filter(({ isPeer }) => isPeer).map(row) };
}
