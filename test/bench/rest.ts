/** Row 5: what a tool costs while nobody saves, on a project of 1,000 files. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { cpuMs, familyOf, memoryOf, watchesOf } from "./proc.ts";
import { end, type Started, sleep, start } from "./processes.ts";
import { makeTree, scratch } from "./project.ts";
import type { Rest } from "./results.ts";
import { nowMs, Stamps } from "./stamps.ts";
import { round } from "./statistics.ts";
import { label, type Tool } from "./tools.ts";

export interface Rests {
  readonly probe: string;
  readonly tools: readonly Tool[];
  /** How long idle time on a core is watched. */
  readonly restMs: number;
  readonly files?: number;
  say(line: string): void;
}

interface Resting {
  readonly tool: string;
  readonly setting: string;
  readonly started: Started;
  readonly child: number;
}

/** All of them rest beside each other: that way they rest equally long, and shared pages are counted by share. */
export async function measureRest({
  probe,
  tools,
  restMs,
  files = 1_000,
  say,
}: Rests): Promise<{ files: number; tools: Rest[] }> {
  const dir = join(scratch, "rest-idle");
  const resting: Resting[] = [];
  makeTree("rest-idle", 1, ".js");
  const idle = (tool: string, file: string): void => {
    writeFileSync(join(dir, file), "setInterval(() => {}, 1e9);\n");
    resting.push({ tool, setting: "bare", started: start({ command: [process.execPath, file], cwd: dir }), child: 0 });
  };
  idle("an idle Node process", "idle.js");
  for (const [index, tool] of tools.entries()) {
    if ("missing" in tool.program) continue;
    const isNode = tool.child === "node";
    const ext = isNode ? ".js" : ".go";
    const tree = makeTree(`rest-${index}`, files, ext);
    const stamps = new Stamps(join(scratch, `rest-${index}.fifo`));
    const script = join(tree.dir, "main.js");
    if (isNode)
      writeFileSync(
        script,
        `require("node:fs").appendFileSync(process.argv[2], "1 " + process.pid + " run\\n");\nsetInterval(() => {}, 1e9);\n`,
      );
    const run: readonly [string, ...string[]] = isNode ? [process.execPath, script, stamps.path] : [probe, stamps.path];
    const started = start(tool.launch({ dir: tree.dir, run, ext, files: () => tree.files }, tool.program.path));
    const [first] = await stamps.wait(0, 10_000);
    stamps.close();
    if (first === undefined) {
      say(`${label(tool)} did not start its child: ${started.printed()}`);
      await end(started);
    } else resting.push({ tool: tool.name, setting: tool.setting, started, child: first.pid });
  }
  await sleep(6_000);
  const before = resting.map(({ started, child }) => cpuMs(familyOf(started.pid, child)));
  const beganMs = nowMs();
  await sleep(restMs);
  const rows: Rest[] = [];
  for (const [index, { tool, setting, started, child }] of resting.entries()) {
    const family = familyOf(started.pid, child);
    const idleMs = cpuMs(family) - (before[index] ?? 0);
    const { pssMb, rssMb } = memoryOf(family);
    rows.push({
      tool,
      setting,
      pssMb: round(pssMb),
      rssMb: round(rssMb),
      watches: watchesOf(family),
      idleCpu: round((idleMs / (nowMs() - beganMs)) * 100),
      processes: family.length,
    });
  }
  for (const { started } of resting) await end(started);
  say(`rest: ${rows.map((row) => `${row.tool} ${row.rssMb} MB`).join(", ")}`);
  return { files, tools: rows };
}
