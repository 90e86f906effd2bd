import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { type Lock, lock } from "../../src/adapters/lock/lock.ts";
import { type Registration, register } from "../../src/adapters/lock/registry.ts";
import { stateDirectories, stateDirectory } from "../../src/adapters/lock/state-directory.ts";
import { newProject, type Project } from "../rig/project.ts";
import { isAlive } from "../rig/reload.ts";
import { newSession } from "./process-rig.ts";

const config = "/somewhere/.reload.toml";
const root = "/somewhere";

function take(project: Project, session = newSession(), profile?: string): Lock {
  const taken = lock({ config, root, profile, session }, [project.path("reload")]);
  if (taken.is !== "held") throw new Error(`the lock is ${taken.is}`);
  return taken.lock;
}

/** The one file there is. */
function fileOf(project: Project): string {
  const [name = ""] = readdirSync(project.path("reload"));
  return project.path(join("reload", name));
}

/** As if its holder had been killed: the file of a process that has ended. */
async function abandoned(project: Project, change: Record<string, unknown> = {}): Promise<string> {
  const session = newSession();
  take(project, session);
  const child = spawn("true", { stdio: "ignore" });
  await once(child, "exit");
  const entry = { ...JSON.parse(readFileSync(fileOf(project), "utf8")), pid: child.pid, ...change };
  writeFileSync(fileOf(project), JSON.stringify(entry));
  return session;
}

/** Another one in its place. */
function abandonedAnew(project: Project, change: Record<string, unknown>): Promise<string> {
  rmSync(fileOf(project));
  return abandoned(project, change);
}

function sleeper(cookie: string): { pid: number; end(): void; ended: Promise<unknown> } {
  const child = spawn("sleep", ["1000"], { stdio: "ignore", detached: true, env: { RELOAD_SESSION: cookie } });
  return { pid: child.pid ?? 0, end: () => child.kill("SIGKILL"), ended: once(child, "exit") };
}

const again = (project: Project): ReturnType<typeof lock> =>
  lock({ config, root, profile: undefined, session: newSession() }, [project.path("reload")]);

describe("one reload per configuration file and profile:", () => {
  test("a second one is told who has it, until it is released", () => {
    using project = newProject();
    const first = take(project);
    expect(again(project)).toMatchObject({ is: "taken", by: { pid: process.pid, profile: undefined } });
    take(project, newSession(), "ci").release();
    first.release();
    expect(again(project).is).toBe("held");
  });

  test("of many that start at once on a stale lock, one has it", async () => {
    for (let round = 0; round < 5; round += 1) {
      using project = newProject();
      await abandoned(project);
      const script = `
        const { lock } = await import(${JSON.stringify(fileURLToPath(new URL("../.modules/adapters/lock/lock.js", import.meta.url)))});
        while (Date.now() < ${Date.now() + 700}) {}
        const its = lock({ config: ${JSON.stringify(config)}, root: "/somewhere", session: "session-" + process.pid + "-of-many" }, [${JSON.stringify(project.path("reload"))}]);
        console.log(its.is);
        process.stdin.resume().once("end", () => process.exit());`;
      const all = Array.from({ length: 6 }, () => {
        const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
          stdio: ["pipe", "pipe", "inherit"],
        });
        return {
          child,
          said: once(child.stdout, "data").then(([chunk]) => String(chunk).trim()),
          ended: once(child, "exit"),
        };
      });
      const said = await Promise.all(all.map(({ said }) => said));
      for (const { child } of all) child.stdin.end();
      await Promise.all(all.map(({ ended }) => ended));
      expect(said.filter((word) => word === "held")).toHaveLength(1);
    }
  });
});

describe.runIf(process.platform === "linux")("one that is in another view of the processes of this machine", () => {
  const elsewhere = `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} pid:[1]`;
  const longAgo = { boot: elsewhere, startedAt: "2026-01-01T00:00:00.000Z" };

  test("has the lock while it can be talked to, and while it has just begun", async () => {
    using project = newProject();
    await abandoned(project, { boot: elsewhere });
    expect(again(project)).toMatchObject({ is: "taken", by: { isElsewhere: true } });
    const session = await abandonedAnew(project, longAgo);
    const server = createServer().listen(project.path(join("reload", `${session}.sock`)));
    await once(server, "listening");
    expect(again(project)).toMatchObject({ is: "taken", by: { isElsewhere: true } });
    server.close();
    await once(server, "close");
    expect(again(project)).toMatchObject({ is: "held", swept: [], doubtful: undefined });
  });

  test("is named where nothing tells whether it lives", async () => {
    using project = newProject();
    await abandoned(project, { ...longAgo, network: "net:[1]" });
    expect(again(project)).toMatchObject({ is: "held", swept: [], doubtful: { isElsewhere: true } });
  });
});

describe.runIf(process.platform === "linux")("what a killed reload left behind", () => {
  test("is ended by the next one, and named: its runs, and the build that ran, nothing else", async () => {
    using project = newProject();
    const session = await abandoned(project, { work: ["build7", "rule2@api"] });
    const run = sleeper(`outer-run1.:${session}-run3.`);
    const build = sleeper(`${session}-build7.`);
    const rule = sleeper(`${session}-rule2@api.`);
    const server = sleeper(`${session}-build6.`);
    const stranger = sleeper(`${newSession()}-run3.`);
    const taken = again(project);
    expect(taken).toMatchObject({ is: "held" });
    const swept = taken.is === "held" ? taken.swept.map(({ pid }) => pid) : [];
    expect(swept.sort()).toEqual([run.pid, build.pid, rule.pid].sort());
    await Promise.all([run.ended, build.ended, rule.ended]);
    expect([server, stranger].map(({ pid }) => isAlive(pid))).toEqual([true, true]);
    server.end();
    stranger.end();
  });

  test("is nobody's business after the machine was started anew", async () => {
    using project = newProject();
    const session = await abandoned(project, { boot: "another boot" });
    const run = sleeper(`${session}-run3.`);
    expect(again(project)).toMatchObject({ is: "held", swept: [] });
    expect(isAlive(run.pid)).toBe(true);
    run.end();
  });

  test("a process that only has the pid of the one that was killed neither holds the lock nor is touched", async () => {
    using project = newProject();
    const stranger = sleeper("");
    await abandoned(project, { pid: stranger.pid });
    expect(again(project)).toMatchObject({ is: "held", swept: [] });
    expect(isAlive(stranger.pid)).toBe(true);
    stranger.end();
  });

  test.each(["", "{", "null", "[]", '{"pid":1}', '{"pid":1,"session":"x","boot":"","startedTicks":1,"work":[]}'])(
    "a file that holds %j is put aside",
    (text) => {
      using project = newProject();
      take(project);
      writeFileSync(fileOf(project), text);
      expect(again(project)).toMatchObject({ is: "held", swept: [] });
      expect(readdirSync(project.path("reload"))).toHaveLength(1);
    },
  );
});

describe.skipIf(process.platform === "win32")("the directory of the state", () => {
  test("can be entered by its owner alone", () => {
    using project = newProject();
    const directory = stateDirectory([project.path("reload")]);
    expect(directory).toBe(project.path("reload"));
    expect(statSync(directory).mode & 0o777).toBe(0o700);
  });

  test.each([
    ["others can enter it", (directory: string) => mkdirSync(directory, { mode: 0o755 })],
    ["nobody can write to it", (directory: string) => mkdirSync(directory, { mode: 0o500 })],
    ["it is a link", (directory: string) => symlinkSync(mkdtempSync(join(tmpdir(), "reload-link-")), directory)],
    ["it is a file", (directory: string) => writeFileSync(directory, "")],
  ])("is another one when %s", (_, spoil) => {
    using project = newProject();
    spoil(project.path("reload"));
    expect(stateDirectory([project.path("reload"), project.path("other")])).toBe(project.path("other"));
  });

  test("is another one when it cannot be made; each is named when there is none", () => {
    using project = newProject();
    expect(stateDirectory(["/proc/nothing/reload", project.path("other")])).toBe(project.path("other"));
    expect(() => stateDirectory(["/proc/nothing/reload", "/proc/reload"])).toThrow(
      /^\/proc\/nothing\/reload cannot be made: .*, \/proc\/reload cannot be made: /,
    );
  });

  test("depends on the user alone", () => {
    const before = [...stateDirectories()];
    const { TMPDIR, XDG_RUNTIME_DIR, HOME } = process.env;
    Object.assign(process.env, { TMPDIR: "/a", XDG_RUNTIME_DIR: "/b", HOME: "/c" });
    try {
      expect([...stateDirectories()]).toEqual(before);
    } finally {
      for (const [name, value] of Object.entries({ TMPDIR, XDG_RUNTIME_DIR, HOME })) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
  });
});

test("who runs is never seen half written: somebody who looks just then would take the file for a dead one's, and remove it", async () => {
  const name = newSession();
  const file = join(stateDirectory(), `${name}.running.json`);
  // Another process, as the one that looks is.
  const script = `const { readFileSync } = require("node:fs"); const found = { seen: 0, torn: 0 };
    const look = () => { try { const text = readFileSync(process.argv[1], "utf8"); found.seen += 1; if (!text.endsWith("}\\n")) found.torn += 1; } catch {} };
    process.on("message", () => { look(); process.send(found, () => process.exit()); });
    const go = () => { for (let i = 0; i < 200; i += 1) look(); setImmediate(go); };
    process.send("looks"); go();`;
  const child = spawn(process.execPath, ["-e", script, file], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  await once(child, "message");
  const announced = (): Registration => {
    const registered = register(name, { directory: "/nowhere", config: null, profile: null });
    registered.announce();
    return registered;
  };
  for (let round = 0; round < 300; round += 1) announced().close();
  const last = announced();
  const said = once(child, "message");
  child.send("enough");
  const [{ seen, torn }] = await said;
  last.close();
  expect({ isSeen: seen > 0, torn }).toEqual({ isSeen: true, torn: 0 });
});
