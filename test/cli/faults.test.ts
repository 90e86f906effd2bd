/** Nothing that goes wrong on our side ends a program that works: the calls of the built program are made to fail, class by class. */
import { chmodSync, existsSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Fault, faulty, meets, plant, unplant } from "../rig/faults.ts";
import { entries, startNumber, starts } from "../rig/log.ts";
import { newProject, type Project } from "../rig/project.ts";
import { isAlive, type Reload, reload } from "../rig/reload.ts";
import { appCommand } from "../rig/session.ts";
import { deadlineMs, until } from "../rig/until.ts";

/** Builds fail as long as there is a file `fail`, so that whatever is seen, the run has no reason to end. */
const config = (debounce: string): string => `
env_files = [".env"]
clean_on_exit = true
[build]
cmd = "[ ! -e fail ] && mkdir -p tmp && cp a.txt tmp/built"
[watch]
include_files = [".txt"]
debounce = ${debounce}
[proc]
cmd = ${appCommand}
`;

interface Faulted extends AsyncDisposable {
  readonly project: Project;
  readonly program: Reload;
  readonly pid: number;
}

async function serving(args: readonly string[] = [], atStart: readonly Fault[] = []): Promise<Faulted> {
  const project = newProject({
    ".reload.toml": config('"auto"'),
    "conf/env": "ONE=1\n",
    ".gitignore": "ignored\n",
    "a.txt": "one\n",
    "sub/b.txt": "one\n",
  });
  // Behind a link, as configurations of containers are.
  symlinkSync("conf/env", project.path(".env"));
  project.git("init", "-q");
  plant(project, atStart);
  const { env, ...start } = faulty(project);
  const program = reload(["--verbose", ...args], {
    cwd: project.directory,
    ...start,
    env: { ...env, LOG: project.path("app.log"), READS: "tmp/built" },
  });
  const [{ pid }] = await Promise.all([startNumber(project, 1, program.seen), program.says(/watching \d/)]);
  return {
    project,
    program,
    pid,
    async [Symbol.asyncDispose]() {
      await program[Symbol.asyncDispose]();
      project[Symbol.dispose]();
    },
  };
}

let count = 0;

/** Everything that a user does beside a run: saves, new files and directories, edits of the configuration, good and bad, and of ignore files. */
function stir(project: Project): void {
  count += 1;
  const debounce = count % 2 === 0 ? '"auto"' : `${count % 3}`;
  project.append("a.txt", `${count}\n`);
  project.replace("sub/b.txt", `${count}\n`);
  project.write(`made/${count}/c.txt`, "1\n");
  project.write(`new\nline ${count}.txt`, "1\n");
  symlinkSync("../../a.txt", project.path(`made/${count}/link.txt`));
  project.write(".gitignore", `ignored\n${count}.no\n`);
  project.write(".env", `ONE=1\n# ${count}\n`);
  project.write(".reload.toml", count % 4 === 0 ? "wrong = [\n" : config(debounce));
  if (project.has(`made/${count - 1}`)) rmSync(project.path(`made/${count - 1}`), { recursive: true });
}

/** Of calls that are made again and again while something runs. */
const classes: readonly (Fault & { readonly says?: RegExp })[] = [
  // Once it is made it is made: this one comes first.
  { call: "mkdtempSync", code: "ENOSPC", says: /RELOAD_CHANGED_FILE is not set this time: .*no space left/ },
  { call: "mkdirSync", code: "ENOSPC", says: /tmp cannot be made: no space left/ },
  { call: "writeFileSync", code: "ENOSPC" },
  { call: "writeSync", code: "ENOSPC" },
  { call: "openSync", code: "EMFILE" },
  { call: "readSync", code: "EIO" },
  { call: "fstatSync", code: "EIO" },
  { call: "readFileSync", code: "EIO" },
  { call: "readdirSync", code: "EMFILE" },
  { call: "statSync", code: "EIO" },
  { call: "lstatSync", code: "EACCES" },
  { call: "watch", code: "ENOSPC" },
  { call: "watch", code: "EMFILE" },
  { call: "spawn", code: "EAGAIN" },
  { call: "spawn", code: "ENOMEM" },
  { call: "kill", code: "EPERM" },
  { call: "realpathSync", code: "EIO" },
  { call: "rmSync", code: "EACCES" },
  { call: "renameSync", code: "EIO" },
  // From Node 23 on `rmSync` calls none of these.
  ...(Number(process.versions.node.split(".")[0]) < 23 ? [{ call: "unlinkSync", code: "EIO" }] : []),
  { call: "closeSync", code: "EIO" },
  { call: "openSync", code: "EACCES" },
  { call: "writeSync", code: "EIO" },
  { call: "readdirSync", code: "EIO" },
  { call: "lstatSync", code: "ENOENT" },
  { call: "statSync", code: "ESTALE" },
  { call: "watch", code: "ENOENT" },
  { call: "kill", code: "ESRCH" },
  { call: "lstatSync", code: "EIO" },
  { call: "statSync", code: "EIO" },
  { call: "readlinkSync", code: "EACCES" },
  { call: "readlinkSync", code: "EIO" },
  { call: "clock" },
  { call: "descriptors", says: /build failed .*no free file descriptor/ },
];

const server = `const { readFileSync } = require("node:fs");
const text = readFileSync("a.txt");
require("node:http").createServer((_, response) => response.end(text)).listen(process.env.PORT);
`;

/** One that nothing of it concerns, one with all that can be asked of a run, one that is asked by a command. */
const services = (more: string, last = ""): string => `
[service.web]
root = "web"
proc.cmd = ${appCommand}
watch.include_files = [".txt"]
[service.api]
root = "api"
proc = { cmd = ["node", "server.cjs"], stop_timeout = "1s" }
proxy.target = "auto"
ready.http = "/"
[service.api.watch]
include_files = [".txt"]
follow_symlinks = true
${more}
[[service.api.rule]]
match = "*.json"
schema = "x.schema"
run = "true"
[service.asked]
root = "api"
proc.cmd = "cat"
ready.exec = "true"
build.cmd = "cat a.txt"
watch.include_files = [".txt"]
${last}
`;

/** On another file system than the project, so that it is asked for what it is. */
const otherDevice = "/dev/shm";

/** What is asked where services come and go: sockets, links, processes, times. */
const besideServices: readonly (Fault & { readonly says?: RegExp })[] = [
  { call: "connect", code: "EMFILE" },
  { call: "connect", code: "ECONNRESET" },
  { call: "readlinkSync", code: "EACCES" },
  { call: "lstatSync", code: "EIO" },
  { call: "lstatSync", code: "ESTALE" },
  { call: "statSync", code: "EACCES" },
  { call: "statSync", code: "EIO" },
  { call: "realpathSync", code: "EIO" },
  { call: "readdirSync", code: "EMFILE" },
  { call: "readSync", code: "EIO" },
  { call: "renameSync", code: "EIO" },
  { call: "spawn", code: "EAGAIN" },
  { call: "listen", code: "EMFILE", says: /proxy\.listen: a port of 3001 to 3999: no free file descriptor/ },
  ...(existsSync(otherDevice) ? [{ call: "statfsSync", code: "EIO" }] : []),
  { call: "clock" },
  { call: "descriptors" },
];

describe("a call to the system that fails", () => {
  test("beside a run leaves it alone, whichever it is, and the next save is built and started", {
    timeout: 8 * deadlineMs,
  }, async () => {
    await using faulted = await serving(["--json=events.json", "--trace", "trace.json"]);
    const { project, program, pid } = faulted;
    project.write("fail", "");
    for (const fault of classes) {
      const what = `${fault.call} ${fault.code ?? ""}`;
      // Half a line cannot be taken back either.
      plant(project, fault.call === "writeSync" ? [fault, { call: "ftruncateSync", code: "EIO" }] : [fault]);
      // Until it is met: what is stirred once may be seen before the fault is.
      const turn = (): void => {
        stir(project);
        if (fault.call === "mkdirSync") rmSync(project.path("tmp"), { recursive: true, force: true });
      };
      const stirring = setInterval(turn, 60);
      try {
        turn();
        await meets(project, program, fault);
        if (fault.says !== undefined) await program.says(fault.says);
      } catch (error) {
        throw new Error(`${what}: ${String(error)}`);
      } finally {
        clearInterval(stirring);
        await unplant(project, program, fault);
      }
      expect(isAlive(pid), `${what}\n${program.seen()}`).toBe(true);
      expect(starts(project), `${what}\n${program.seen()}`).toHaveLength(1);
    }
    rmSync(project.path("fail"));
    project.write(".reload.toml", config('"auto"'));
    project.write("a.txt", "two\n");
    await until("the last save is run", () => starts(project).at(-1)?.content === "two\n", program.seen);
    expect(program.stderr).not.toMatch(/\n\s+at /);
    expect((await program.stop()).code).toBe(143);
    expect(isAlive(pid)).toBe(false);
  });

  test("beside services leaves the others alone, and who is restarted meanwhile runs with the last save", {
    timeout: 8 * deadlineMs,
  }, async () => {
    using project = newProject({
      ".reload.toml": services(""),
      "web/a.txt": "one\n",
      "api/a.txt": "one\n",
      "api/x.json": "{}\n",
      "api/x.schema": "{}\n",
      "api/server.cjs": server,
      "out/l.txt": "one\n",
    });
    symlinkSync("../out", project.path("api/link"));
    plant(project, []);
    const { env, ...start } = faulty(project);
    await using program = reload(["--verbose"], {
      cwd: project.directory,
      ...start,
      env: { ...env, LOG: project.path("app.log"), PORT: undefined },
    });
    const { pid } = await startNumber(project, 1, program.seen);
    await program.says(/watching \d/);
    const [, url = ""] = await program.says(/open (http:\S+)/);
    const served = async (): Promise<string> => (await fetch(url)).text().catch(() => "");
    let saves = 0;
    let planted = "";
    const save = (): void => {
      saves += 1;
      project.append("api/a.txt", `${saves}\n`);
      project.replace("api/x.json", `{ "a": ${saves} }`);
      project.write("out/l.txt", `${saves}\n`);
      // It is looked at, and nothing in it has changed.
      if (/^lstat|clock/.test(planted)) chmodSync(project.path("web/a.txt"), saves % 2 === 0 ? 0o600 : 0o640);
      if (planted === "statfsSync" && !project.has("api/other")) symlinkSync(otherDevice, project.path("api/other"));
      const proxy = planted === "listen" ? 'proxy.target = "auto"' : "";
      project.write(".reload.toml", services(`debounce = ${saves % 3}`, proxy));
      void served().catch(() => {});
    };
    for (const fault of besideServices) {
      const what = `${fault.call} ${fault.code ?? ""}`;
      plant(project, [fault]);
      planted = fault.call;
      const saving = setInterval(save, 100);
      try {
        save();
        await meets(project, program, fault);
        if (fault.says !== undefined) await program.says(fault.says);
      } catch (error) {
        throw new Error(`${what}: ${String(error)}`);
      } finally {
        clearInterval(saving);
        await unplant(project, program, fault);
      }
      expect(isAlive(pid), `${what}\n${program.seen()}`).toBe(true);
      expect(starts(project), `${what}\n${program.seen()}`).toHaveLength(1);
    }
    // One more save: what a rule that failed was for is asked for again with it.
    const again = setInterval(() => project.write("api/a.txt", "last\n"), 1_000);
    try {
      await until(
        "the last save is served",
        async () => (await served().catch(() => "")) === "last\n",
        program.seen,
        3 * deadlineMs,
      );
    } finally {
      clearInterval(again);
    }
    expect(program.stderr).not.toMatch(/\n\s+at /);
    expect((await program.stop()).code).toBe(143);
    expect(isAlive(pid)).toBe(false);
  });

  test("at the start is said, and what can run runs", async () => {
    const all: Fault[] = [
      { call: "linkSync", code: "EPERM" },
      { call: "statfsSync", code: "EIO" },
      { call: "realpathSync", path: "reload test", code: "EIO" },
      { call: "spawnSync", code: "ENOMEM" },
      { call: "watch", code: "EMFILE" },
      { call: "listen", path: ".sock", code: "EACCES" },
      { call: "readlinkSync", code: "EACCES" },
    ];
    await using faulted = await serving([], all);
    const { project, program, pid } = faulted;
    await program.says(/warning: no lock: operation not permitted/);
    await program.says(/warning: it cannot be talked to: permission denied/);
    await program.says(
      /warning: out of inotify instances: polling .*\n {2}raise the limit: sudo sysctl fs\.inotify\.max_user_instances/,
    );
    project.write("a.txt", "two\n");
    await until("the save is run", () => starts(project).at(-1)?.content === "two\n", program.seen);
    expect(isAlive(pid)).toBe(false);
    expect(program.stderr).not.toMatch(/\n\s+at /);
    expect((await program.stop()).code).toBe(143);
  });

  test("of a source of events for lack of descriptors is told as that", async () => {
    await using faulted = await serving();
    const { project, program } = faulted;
    plant(project, [
      { call: "watch", code: "EMFILE" },
      { call: "openSync", path: "/dev/null", code: "EMFILE" },
    ]);
    project.write("made/c.txt", "");
    await program.says(/warning: out of file descriptors: polling .*\n {2}raise the limit: ulimit -n/);
  });

  test("at the start of what it is talked to at is said, and nothing of it is left that keeps anybody alive", async () => {
    await using faulted = await serving([], [{ call: "chmodSync", path: ".sock", code: "EPERM" }]);
    const { project, program, pid } = faulted;
    await program.says(/warning: it cannot be talked to: operation not permitted/);
    project.write("a.txt", "two\n");
    await until("the save is run", () => starts(project).at(-1)?.content === "two\n", program.seen);
    expect(isAlive(pid)).toBe(false);
    expect((await program.stop()).code).toBe(143);
  });

  test("at the end is said, and the rest is cleared away all the same", async () => {
    await using faulted = await serving(["--json=events.json", "--tmp_dir", "made/tmp"]);
    const { project, program, pid } = faulted;
    plant(project, [
      { call: "rmSync", code: "EACCES" },
      { call: "rmdirSync", code: "EACCES" },
      { call: "readFileSync", path: ".json", code: "EIO" },
      { call: "readdirSync", code: "EMFILE" },
      { call: "closeSync", code: "EIO" },
    ]);
    const end = await program.stop();
    expect(end.code, program.seen()).toBe(143);
    expect(isAlive(pid)).toBe(false);
    expect(program.stderr).toMatch(/warning: clean_on_exit: .*made\/tmp cannot be removed: permission denied\n/);
    expect(program.stderr).toMatch(/warning: clean_on_exit: .*made cannot be removed: permission denied\n/);
    expect(program.stderr).not.toMatch(/\n\s+at /);
  });
});

describe("what nobody foresaw", () => {
  test("stops everything in order, says in one line how to report it, and ends with 70", async () => {
    await using faulted = await serving();
    const { project, program, pid } = faulted;
    plant(project, [{ call: "throw" }]);
    expect((await program.ended).code, program.seen()).toBe(70);
    expect(isAlive(pid)).toBe(false);
    // It was asked, and had its time.
    expect(entries(project).map(({ is }) => is)).toEqual(["start", "asked", "end"]);
    expect(program.stderr).toMatch(
      /\nreload itself has a fault, and stops everything: TypeError: planted\n {2}please report it \(.*\) with (\S+); --trace FILE/,
    );
    expect(program.stderr).not.toMatch(/second line|\n\s+at /);
    const details = / with (\S+);/.exec(program.stderr)?.[1] ?? "";
    expect(readFileSync(details, "utf8")).toMatch(/with a second line\n\s+at /);
    rmSync(details);
  });
});
