/**
 * A thousand saves over four services that have directories and a build in common (300 ms): each is built once and
 * restarts the services that it belongs to, and no other. Meanwhile runs are killed, and in the end a service is added.
 */
import { describe, expect, test } from "vitest";
import { ask } from "../cli/asking.ts";
import { newProject, type Project } from "../rig/project.ts";
import { isAlive, reload } from "../rig/reload.ts";
import { until } from "../rig/until.ts";
import { chance } from "./chance.ts";

const saves = Number(process.env["SOAK_SAVES"] ?? 1_000);
const seed = Number(process.env["SOAK_SEED"] ?? Date.now() % 1_000_000);

const names = ["api", "web", "jobs", "db"] as const;
type Name = (typeof names)[number];

/** Whose change it is, by directory. */
const owners: Readonly<Record<string, readonly Name[]>> = {
  api: ["api"],
  web: ["web"],
  jobs: ["jobs"],
  db: ["db"],
  lib: ["api", "web"],
  common: names,
  other: [],
};

const service = (name: string): string => `
[service.${name}]
root = "${name}"
[service.${name}.watch]
include_dirs = [".", "../common"${owners["lib"]?.some((each) => each === name) ? ', "../lib"' : ""}]
[service.${name}.proc]
cmd = "echo $$ >> ../${name}.starts; exec sleep 1000"
[service.${name}.ready]
exec = "true"
`;

const pids = (project: Project, name: string): number[] =>
  project.has(`${name}.starts`) ? project.read(`${name}.starts`).trim().split("\n").map(Number) : [];

const builds = (project: Project): number => project.read("builds").trim().split("\n").length;

describe.runIf(process.platform === "linux")("four services", () => {
  test("are built and restarted as their directories say, over many saves", async () => {
    const random = chance(seed);
    process.stderr.write(`soak: services: SOAK_SEED=${seed} SOAK_SAVES=${saves}\n`);
    using project = newProject({
      ".reload.toml": `[build]\ncmd = "sleep 0.3; echo built >> builds"\n${names.map(service).join("")}`,
      ...Object.fromEntries(Object.keys(owners).map((directory) => [`${directory}/a.txt`, "0"])),
    });
    await using program = reload(["--verbose"], { cwd: project.directory });
    await program.says(/watching \d/);
    const settled = async (): Promise<void> => {
      const { code, stdout } = await ask(project.directory, "wait");
      expect(code, `${stdout}${program.seen()}`).toBe(0);
    };
    const started = (counts: readonly number[]): Promise<unknown> =>
      until(
        `${counts.join(", ")} starts`,
        () => names.every((name, at) => pids(project, name).length >= (counts[at] ?? 0)),
        program.seen,
      );
    await settled();
    await started([1, 1, 1, 1]);
    const model = { builds: 1, starts: new Map<Name, number>(names.map((name) => [name, 1])) };
    const directories = Object.keys(owners) as [string, ...string[]];
    let kills = 0;
    for (let save = 1; save <= saves; save += 1) {
      const where = [random.one(directories), ...(random.between(1, 4) === 1 ? [random.one(directories)] : [])];
      const touched = new Set(where.flatMap((directory) => owners[directory] ?? []));
      const before = names.map((name) => pids(project, name).at(-1) ?? 0);
      for (const directory of where) project.write(`${directory}/a.txt`, `${save} ${directory}`);
      await settled();
      model.builds += touched.size > 0 ? 1 : 0;
      for (const name of touched) model.starts.set(name, (model.starts.get(name) ?? 0) + 1);
      await started(names.map((name) => model.starts.get(name) ?? 0));
      const why = `save ${save} in ${where.join(" and ")}, seed ${seed}\n${program.seen().slice(-3_000)}`;
      expect(builds(project), why).toBe(model.builds);
      for (const [at, name] of names.entries()) {
        expect(pids(project, name), `${name}: ${why}`).toHaveLength(model.starts.get(name) ?? 0);
        if (!touched.has(name)) expect(pids(project, name).at(-1), `${name}: ${why}`).toBe(before[at]);
        expect(isAlive(pids(project, name).at(-1) ?? 0), `${name}: ${why}`).toBe(true);
      }
      if (random.between(1, 50) > 1) continue;
      // One run is killed: nobody else hears of it, and the next save brings it back.
      kills += 1;
      const [name] = [random.one(names)];
      const others = names.filter((other) => other !== name).map((other) => pids(project, other).at(-1) ?? 0);
      process.kill(pids(project, name).at(-1) ?? 0, "SIGKILL");
      await until(`the end of ${name}`, async () => (await ask(project.directory, "wait")).code === 1, program.seen);
      expect(others.map((pid) => isAlive(pid))).toEqual(others.map(() => true));
      project.write(`${name}/a.txt`, `${save} again`);
      await settled();
      model.builds += 1;
      model.starts.set(name, (model.starts.get(name) ?? 0) + 1);
      await started(names.map((each) => model.starts.get(each) ?? 0));
    }
    const last = names.map((name) => pids(project, name).at(-1));
    project.write("late/a.txt", "0");
    project.write(".reload.toml", `${project.read(".reload.toml")}${service("late")}`);
    await until("the service that was added", () => pids(project, "late").length === 1, program.seen);
    await settled();
    expect(names.map((name) => pids(project, name).at(-1))).toEqual(last);
    process.stderr.write(
      `soak: services: ${saves} saves, ${model.builds} builds, ${kills} runs killed, none lost, none extra\n`,
    );
  }, 2_400_000);
});
