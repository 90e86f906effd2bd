/**
 * A warm `reload` and a cold twin get the same random edits of sources, packages (in place and by link), `package.json`, lock
 * file, `.env` and configuration. What each run finds (words, environment, exports, modules) is the same in both, every time.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { newProject, type Project } from "../rig/project.ts";
import { type Reload, reload } from "../rig/reload.ts";
import { until } from "../rig/until.ts";
import { type Chance, chance } from "./chance.ts";
import { type KeptApp, nodeApps, type Tree } from "./warm-app.ts";
import { pythonApps } from "./warm-python-app.ts";

const seconds = Number(process.env["SOAK_SECONDS"] ?? 25);
const seed = Number(process.env["SOAK_SEED"] ?? Date.now() % 1_000_000);

interface Twin extends AsyncDisposable {
  apply(tree: Tree): void;
  /** What the last run found that has read this state of the sources; `undefined`: there is none yet. */
  answer(stamp: number): unknown;
  /** Resolves when a standby waits, or after a while: some states cannot have one. */
  settled(withinMs: number): Promise<void>;
  warmths(): { readonly warm: boolean; readonly reason?: string }[];
  seen(): string;
}

function twin(app: KeptApp, tree: Tree, args: readonly string[]): Twin {
  const project: Project = newProject();
  for (const directory of ["answers", "temp", "data"]) mkdirSync(project.path(directory));
  const written = new Map<string, string>();
  const apply = (next: Tree): void => {
    for (const name of written.keys()) {
      if (next.has(name)) continue;
      rmSync(project.path(name), { recursive: true, force: true });
      written.delete(name);
    }
    for (const [name, text] of next) {
      if (written.get(name) === text) continue;
      written.set(name, text);
      if (text.startsWith("-> ")) {
        rmSync(project.path(name), { force: true });
        mkdirSync(dirname(project.path(name)), { recursive: true });
        symlinkSync(text.slice(3), project.path(name));
      } else if (name === app.main) project.replace(name, text);
      else project.write(name, text);
    }
  };
  apply(tree);
  const program: Reload = reload(["--json=events", "--verbose", ...args], {
    cwd: project.directory,
    env: {
      TMPDIR: project.path("temp"),
      NODE_OPTIONS: undefined,
      ...(app.site === undefined ? {} : { PYTHONPATH: project.path(app.site), PYTHONDONTWRITEBYTECODE: "1" }),
    },
  });
  const runs = (): number[] =>
    readdirSync(project.path("answers"))
      .map(Number)
      .filter(Number.isInteger)
      .sort((a, b) => b - a);
  return {
    apply,
    answer(stamp) {
      const all = runs().map((run): unknown => JSON.parse(project.read(`answers/${run}`)));
      return all.find((each) => Object(each).stamp === stamp);
    },
    async settled(withinMs) {
      const isHeld = (): boolean =>
        readdirSync(project.path("temp")).some((directory) =>
          existsSync(project.path(`temp/${directory}/run-${(runs()[0] ?? 0) + 1}-held`)),
        );
      await until("a standby", isHeld, undefined, withinMs).catch(() => {});
    },
    warmths: () =>
      project
        .read("events")
        .split("\n")
        .filter((line) => line.includes('"run-warmth"') && line.endsWith("}"))
        .map((line) => JSON.parse(line)),
    seen: () => program.seen().slice(-4_000),
    async [Symbol.asyncDispose]() {
      await program.stop();
      project[Symbol.dispose]();
    },
  };
}

describe.runIf(process.platform === "linux").concurrent("a warm reload answers as its cold twin", () => {
  test.each([...nodeApps, ...pythonApps].map((app) => [app.name, app] as const))("%s", async (name, app) => {
    process.stderr.write(`soak: warm, ${name}: SOAK_SEED=${seed} SOAK_SECONDS=${seconds}\n`);
    const random: Chance = chance(seed + name.length);
    const edited = app.start();
    await using warm = twin(app, edited.tree, ["--warm"]);
    await using cold = twin(app, edited.tree, []);
    const end = performance.now() + seconds * 1_000;
    let steps = 0;
    const done: string[] = [];
    let isOfTwo = false;
    for (let stamp = 0; ; stamp += 1) {
      const answers = (): unknown[] => [warm.answer(stamp), cold.answer(stamp)];
      const areThere = (): boolean => !answers().includes(undefined);
      await until(`answers to ${stamp} (SOAK_SEED=${seed})`, areThere, () => `${warm.seen()}\n${cold.seen()}`);
      // The program and then its settings: the first run may have been one with the settings of before.
      if (isOfTwo)
        await until("equal ones", () => isDeepStrictEqual(warm.answer(stamp), cold.answer(stamp))).catch(() => {});
      const [found, expected] = answers();
      const how = JSON.stringify(warm.warmths().slice(-2));
      const history = `step ${stamp} (SOAK_SEED=${seed}), after ${done.slice(-6).join("; ")}; ${how}`;
      if (!isDeepStrictEqual(found, expected))
        expect(found, `${history}\n── warm\n${warm.seen()}\n── cold\n${cold.seen()}`).toEqual(expected);
      steps += 1;
      if (performance.now() > end) break;
      // Mostly a standby waits; now and then the edits come while one is being made.
      if (stamp === 0 || random.between(1, 5) > 1) await warm.settled(stamp === 0 ? 20_000 : 3_000);
      else await new Promise((resolve) => setTimeout(resolve, random.between(0, 400)));
      const next = edited.edit(random, stamp + 1);
      done.push(next.what);
      isOfTwo = /env file|configuration/.test(next.what);
      warm.apply(next.tree);
      cold.apply(next.tree);
    }
    const letIn = warm.warmths().filter((run) => run.warm).length;
    process.stderr.write(`soak: warm, ${name}: ${steps} answers, ${letIn} runs were let in\n`);
    expect(letIn, JSON.stringify(warm.warmths())).toBeGreaterThan(0);
  });
});
