/** What commands of `reload` print into the project, and what a program keeps there for itself, calls for nothing. */
import { execFileSync, spawn } from "node:child_process";
import { expect, test } from "vitest";
import { needs } from "../rig/needs.ts";
import { newProject, type Project } from "../rig/project.ts";
import { builtProgram, cleanEnv, type Reload, reload, reloadOnce } from "../rig/reload.ts";
import { until } from "../rig/until.ts";

const isLinux = process.platform === "linux";

/** Notes what it was started for. */
const noted = 'echo "$RELOAD_CHANGED" | tr "\\n" , >> starts.log; echo >> starts.log;';
const config = (cmd: string, more = ""): string => `[proc]\ncmd = ${JSON.stringify(`${noted} ${cmd}`)}\n${more}`;

/** Saves until both are seen: what was to be told by itself has been told by then. */
async function afterSaves(project: Project, program: Pick<Reload, "seen">): Promise<string[]> {
  for (const name of ["one.txt", "two.txt"]) {
    project.write(name, "1");
    await until(
      `a start for ${name}`,
      () => project.read("starts.log").includes(name),
      () => `${program.seen()}\n${project.read("starts.log")}`,
    );
  }
  return project
    .read("starts.log")
    .split(/[,\n]/)
    .filter((path) => path !== "" && path !== "one.txt" && path !== "two.txt");
}

const [node, cli = ""] = builtProgram;
const quoted = `"${node}" "${cli}"`;

test.runIf(isLinux)("the output of other commands, wherever they are asked from, calls for nothing", async () => {
  using project = newProject({
    ".reload.toml": config("while sleep 0.1; do echo more; done", "[log]\nkeep = true\n"),
    "a.txt": "0",
  });
  await using program = reload(["--verbose"], { cwd: project.directory });
  await program.says(/watching \d/);
  const follower = spawn("sh", ["-c", `exec ${quoted} logs -f > follow.txt`], {
    cwd: project.directory,
    env: cleanEnv(),
    stdio: "ignore",
  });
  const over = new Promise((resolve) => follower.once("exit", resolve));
  try {
    const wordy = (): boolean => project.read("follow.txt").length > 40;
    await until("what is printed is followed", wordy, program.seen);
    for (const line of ["status > status.txt", "config --json > config.json", "wait --json >> waited.txt"]) {
      const asked = spawn("sh", ["-c", `exec ${quoted} ${line}`], { cwd: project.directory, env: cleanEnv() });
      expect(await new Promise((resolve) => asked.once("exit", resolve)), line).toBe(0);
    }
    const size = project.read("follow.txt").length;
    await until("it has been printed on", () => project.read("follow.txt").length > size + 40, program.seen);
    // A shell may take its time between the empty file and the command.
    const told = (await afterSaves(project, program)).filter((path) => path !== "waited.txt");
    expect(told.length, `${program.seen()}\n${told}`).toBeLessThanOrEqual(1);
  } finally {
    follower.kill();
    await over;
  }
});

test.runIf(isLinux)("what was printed by the one that started this one calls for nothing", async () => {
  using project = newProject({ ".reload.toml": config("exec sleep 1000"), "a.txt": "0" });
  const starter = spawn("sh", ["-c", `${quoted} --background > begun.txt 2>&1`], {
    cwd: project.directory,
    env: cleanEnv(),
    stdio: "ignore",
  });
  expect(await new Promise((resolve) => starter.once("exit", resolve))).toBe(0);
  try {
    const seen = (): string => project.read("begun.txt");
    expect(seen()).toContain("run 1");
    expect(await afterSaves(project, { seen })).toEqual([]);
    // By now it is the user's own file.
    project.write("begun.txt", "mine");
    await until("a start for it", () => project.read("starts.log").includes("begun.txt"), seen);
  } finally {
    await reloadOnce(["stop"], { cwd: project.directory });
  }
});

const keepers: readonly (readonly [string, string])[] = [
  ["its number in a file of its own", 'echo "$$" > app.pid; exec sleep 1000'],
  [
    "its number beside other things",
    'printf \'{"at": "%s", "pid": %d}\' "$(date +%s%N)" "$$" > state.json; exec sleep 1000',
  ],
  ["the number of a child", 'sleep 1000 & echo "$!" > worker.id; wait'],
];
test.runIf(isLinux).each(keepers)("%s calls for nothing", async (_, line) => {
  using project = newProject({ ".reload.toml": config(line), "a.txt": "0" });
  await using program = reload(["--verbose"], { cwd: project.directory });
  await program.says(/run 1 ready/);
  expect(await afterSaves(project, program), program.seen()).toEqual([]);
  // Somebody else's number is somebody's own work; the program may still be about to write its own.
  let count = 0;
  await until(
    "a start for it",
    () => {
      if (count++ % 40 === 0) project.write("app.pid", count % 80 === 1 ? "1" : "2");
      return project.read("starts.log").includes("app.pid");
    },
    program.seen,
  );
});

const database = `import sqlite3, sys, time
base = sqlite3.connect("data.store", isolation_level=None)
base.execute(f"pragma journal_mode = {sys.argv[1]}")
base.execute("create table if not exists t (a)")
while True:
    base.execute("insert into t values (1)")
    time.sleep(0.05)
`;
test.runIf(isLinux && needs("python3")).each(["delete", "wal"])(
  "the journal of a database calls for nothing, whatever that is called: journal_mode = %s",
  async (mode) => {
    using project = newProject({ ".reload.toml": config(`exec python3 base.py ${mode}`), "base.py": database });
    await using program = reload(["--verbose"], { cwd: project.directory });
    // The database itself counts, until it is found out.
    await program.says(/run \d+ ready/);
    await until("it has been filled", () => project.has("data.store"), program.seen);
    // The very first one may be there before the file can be known for what it is.
    const told = (await afterSaves(project, program)).filter((path) => path.includes("store-"));
    expect(told.length, `${program.seen()}\n${told}`).toBeLessThanOrEqual(1);
  },
);

test.runIf(isLinux && needs("python3"))(
  "what somebody else writes into a database that is open in the program counts",
  async () => {
    const reads = `import sqlite3, time
base = sqlite3.connect("data.store")
print("rows", len(base.execute("select * from t").fetchall()), flush=True)
time.sleep(1000)
`;
    using project = newProject({ ".reload.toml": config("exec python3 reads.py"), "reads.py": reads });
    const insert = (sql: string): void => {
      const script = `import sqlite3, sys; base = sqlite3.connect("data.store"); base.execute(sys.argv[1]); base.commit()`;
      execFileSync("python3", ["-c", script, sql], { cwd: project.directory });
    };
    insert("create table t (a)");
    await using program = reload(["--verbose"], { cwd: project.directory });
    await program.says(/watching \d/);
    await until("it has been read", () => program.stdout.includes("rows 0"), program.seen);
    insert("insert into t values (1)");
    await until("a start that reads it", () => program.stdout.includes("rows 1"), program.seen);
  },
);
