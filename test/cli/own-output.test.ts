/** What `reload` writes, and what is behind the descriptors of what it starts, calls for nothing. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { closeSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { needs } from "../rig/needs.ts";
import { newProject, type Project } from "../rig/project.ts";
import { cleanEnv, isAlive, reload } from "../rig/reload.ts";
import { until } from "../rig/until.ts";

const cli = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const isLinux = process.platform === "linux";

interface Shell extends AsyncDisposable {
  /** What each start was for. */
  starts(): string[];
  seen(): string;
}

/** A line for the shell in which `$RELOAD` is the built program and `$P` one that logs what it was started for, outside of the project. */
function shell(project: Project, line: string): Shell {
  const outside = newProject({
    "p.sh": `printf '%s' "$RELOAD_CHANGED" | tr '\\n' , >> "$STARTS"; echo >> "$STARTS"; echo out; echo err >&2; while sleep 0.05; do echo more; done`,
  });
  const child = spawn("sh", ["-c", line], {
    cwd: project.directory,
    env: cleanEnv({
      RELOAD: `${process.execPath} ${cli}`,
      P: outside.path("p.sh"),
      STARTS: outside.path("starts"),
    }),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (text += chunk));
  const ended = new Promise((resolve) => child.once("close", resolve));
  const starts = (): string[] => outside.read("starts").split("\n").slice(0, -1);
  return {
    starts,
    seen: () => `${text}\n── ${JSON.stringify(starts())}`,
    async [Symbol.asyncDispose]() {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
      await ended;
      outside[Symbol.dispose]();
    },
  };
}

/** Saves until one is seen, twice: everything that was to be told by itself has been told by then. */
async function startsOf(session: Shell, project: Project): Promise<string[]> {
  await until("the first start", () => session.starts().length > 0, session.seen);
  for (const name of ["one.txt", "two.txt"]) {
    let count = 0;
    await until(
      `a start for ${name}`,
      () => {
        // The first saves may come before anything is watched.
        if (count++ % 40 === 0) project.write(name, String(count));
        return session.starts().some((line) => line.includes(name));
      },
      session.seen,
    );
  }
  return session.starts();
}

/** Reads the pipe of what it starts into a file of its own, until it is told to end. */
const supervisor = [
  `const log = fs.openSync("record.txt", "a"), { 1: program, ...rest } = process.argv`,
  `const child = child_process.spawn(program, Object.values(rest).slice(1), { stdio: ["ignore", "pipe", "inherit"] })`,
  `child.stdout.on("data", (text) => fs.writeSync(log, String(text).toUpperCase()))`,
  `process.on("SIGTERM", () => {})`,
].join("; ");

/** Not where processes may not be traced. */
const hasStrace = isLinux && needs("strace") && spawnSync("strace", ["-qq", "true"]).status === 0;

/** Logs what it was started for, outside of the project. */
const logged = `printf "%s" "$RELOAD_CHANGED" | tr "\\n" , >> "$STARTS"; echo >> "$STARTS";`;

const onlyOurs = (starts: readonly string[]): string[] =>
  starts.flatMap((line) => line.split(",")).filter((path) => path !== "" && path !== "one.txt" && path !== "two.txt");

describe("calls for nothing", () => {
  const everywhere: [string, string][] = [
    ["--json=FILE", '$RELOAD --json=ev.json -- sh "$P"'],
    ["--trace FILE", '$RELOAD --trace trace.txt -- sh "$P"'],
    ["both streams in files", '$RELOAD --verbose -- sh "$P" > out.txt 2> err.txt'],
    ["both in one, appended", '$RELOAD --verbose --json -- sh "$P" >> log 2>&1'],
    ["what nohup writes", '$RELOAD --verbose -- sh "$P" > nohup.out 2>&1'],
  ];
  const linux: [string, string][] = [
    ["the file of a reader of its pipe", '$RELOAD --verbose -- sh "$P" 2>&1 | tee log.txt > /dev/null'],
    ["that of a reader of the reader", '$RELOAD --verbose -- sh "$P" 2>&1 | cat | tee a.txt | cat > b.txt'],
    // A shell that gives way to it leaves it the reader as a child.
    [
      "that of a process substitution",
      `bash -c 'exec $RELOAD --verbose -- sh "$P" > >(tee log.txt > "$STARTS.log") 2>&1'`,
    ],
    [
      "that of a reader of a pipe with a name",
      'mkfifo "$STARTS.pipe"; cat "$STARTS.pipe" > named.txt & $RELOAD --verbose -- sh "$P" > "$STARTS.pipe" 2>&1',
    ],
    ...(needs("script")
      ? [
          [
            "a recording of the terminal",
            `script -qfc '$RELOAD --verbose -- sh "$P"' typescript < /dev/null > /dev/null`,
          ] as [string, string],
        ]
      : []),
    ...(needs("tmux", ["-V"])
      ? [
          [
            "a recording of a pane of tmux",
            `tmux -S "$STARTS.tmux" -f /dev/null new-session -d '$RELOAD --verbose -- sh "$P"' \\; pipe-pane 'cat >> log'; trap 'tmux -S "$STARTS.tmux" kill-server' TERM; sleep 1000 & wait; kill $!`,
          ] as [string, string],
        ]
      : []),
    ...(hasStrace ? [["what traces it", '(strace -f -o trace.txt $RELOAD -- sh "$P")'] as [string, string]] : []),
    ["a redirection in the command", `$RELOAD --proc.cmd 'sh "$P" > app.txt 2>&1'`],
    // A shell opens it first, and makes it the output then: whoever is told of the first must wait for the second.
    [
      "a redirection that takes a moment",
      `$RELOAD --proc.cmd 'exec 3> app.txt; sleep 0.02; exec >&3 2>&3 3>&-; sh "$P"'`,
    ],
    ["a redirection in a child of a child", `$RELOAD --proc.cmd 'sh -c "sh \\"$P\\" >> app.txt; true"; true'`],
  ];
  test.each([...everywhere, ...(isLinux ? linux : [])])("%s", async (_, line) => {
    using project = newProject({ "a.txt": "0" });
    await using session = shell(project, line);
    const starts = await startsOf(session, project);
    expect(onlyOurs(starts), session.seen()).toEqual([]);
    expect(starts.length).toBeLessThanOrEqual(4);
  });
});

describe.runIf(isLinux)("calls for nothing when it is renamed", () => {
  test.each([
    ["a file of its own", '$RELOAD --json=ev.json -- sh "$P"', "ev.json"],
    ["an output of the program", `$RELOAD --proc.cmd 'exec sh "$P" > app.txt'`, "app.txt"],
  ])("%s", async (_, line, name) => {
    using project = newProject({ "a.txt": "0" });
    await using session = shell(project, line);
    await startsOf(session, project);
    const before = session.starts().length;
    renameSync(project.path(name), project.path("old"));
    // What rotation leaves beside it.
    project.write(`${name}.1`, "old lines");
    for (const save of ["three.txt", "four.txt"]) {
      project.replace(save, "1");
      await until(`a start for ${save}`, () => session.starts().some((start) => start.includes(save)), session.seen);
    }
    // On a busy machine what was renamed may be named beside a save, when it is seen in the same moment: a start of its own there is none.
    const starts = session.starts().slice(before);
    const saved = (start: string): string =>
      start
        .split(",")
        // Where the first of them came late, the one before was saved again.
        .filter((each) => !each.startsWith(name) && each !== "two.txt")
        .join(",");
    expect(starts.map(saved), session.seen()).toEqual(["three.txt", "four.txt"]);
  });
});

describe.runIf(isLinux)("what a program writes by itself, with", () => {
  // Neither has a descriptor that says so when it is looked at.
  const held = `exec 3>> "log.txt"; while sleep 0.05; do echo more >&3; done`;
  const opened = `echo "start $$" >> log.txt; while sleep 0.1; do echo "more $$" >> log.txt; done`;
  test.each([
    ["a file that it keeps open", held, 1],
    // Each line of a run that has just ended is one more.
    ["a file that it opens for each line, which names the process", opened, 8],
  ])("%s, calls for few starts, and what somebody else appends counts", async (_, script, most) => {
    using project = newProject({ "a.txt": "0", "log.txt": "old\n" });
    await using session = shell(project, `$RELOAD --verbose --proc.cmd '${logged} ${script}'`);
    await until("the log has grown", () => project.read("log.txt").length > 200, session.seen);
    const before = await startsOf(session, project);
    const size = project.read("log.txt").length;
    await until("the log has grown again", () => project.read("log.txt").length > size + 200, session.seen);
    const forIt = [...before, ...session.starts().slice(before.length)].filter((line) => line.includes("log.txt"));
    expect(forIt.length, session.seen()).toBeLessThan(most);
  });

  test("a file that it writes under another name and renames is found out", async () => {
    using project = newProject({ "a.txt": "0" });
    const program = [
      `fs.writeFileSync("state." + process.pid, String(Math.random()).repeat(1e5))`,
      `fs.renameSync("state." + process.pid, "state")`,
      `setInterval(() => {}, 1000)`,
    ].join("; ");
    await using session = shell(project, `$RELOAD --watch.include_files '["**"]' -- node -e '${program}'`);
    await until("it is named", () => session.seen().includes("state is written by what runs here"), session.seen);
  });

  test("a file that it keeps open and rests: somebody's own save of it counts", async () => {
    using project = newProject({ "a.txt": "0", "log.txt": "old\n" });
    await using session = shell(
      project,
      `$RELOAD --verbose --proc.cmd '${logged} exec 3>> log.txt; echo once >&3; exec sleep 1000'`,
    );
    const before = (await startsOf(session, project)).length;
    let looks = 0;
    await until(
      "a start",
      () => {
        // What is appended between the start and the program's own first line lies before the place where the program stands then, and
        // cannot be told from what it wrote.
        if (looks++ % 40 === 0) project.append("log.txt", "by hand\n");
        return session.starts().length > before;
      },
      session.seen,
    );
    expect(session.starts().at(-1)).toContain("log.txt");
  });
});

test.runIf(isLinux)(
  "what somebody puts in the place of a log that the program keeps open calls for a start, each time",
  async () => {
    using project = newProject({ "a.txt": "0", "log.txt": "old\n" });
    const script = `exec 3>> log.txt; while sleep 0.05; do echo more >&3; echo a line of output that is longer than what is saved; done`;
    await using session = shell(project, `$RELOAD --verbose --proc.cmd '${logged} ${script}'`);
    await startsOf(session, project);
    for (let save = 1; save <= 8; save += 1) {
      const before = session.starts().length;
      project.replace("log.txt", `save ${save}\n`);
      await until("a start", () => session.starts().slice(before).join().includes("log.txt"), session.seen);
      const size = project.read("log.txt").length;
      await until("the log has grown", () => project.read("log.txt").length > size, session.seen);
    }
  },
);

test.runIf(isLinux)("a reader of its pipe that opens its file for each line is found out", async () => {
  using project = newProject({ "a.txt": "0" });
  await using session = shell(
    project,
    `$RELOAD --proc.cmd '${logged} echo up; exec sleep 1000' 2>&1 | while read -r line; do echo "$line" >> out.txt; done`,
  );
  await until(
    "it is named",
    () => project.has("out.txt") && project.read("out.txt").includes("out.txt is written by what runs here"),
    session.seen,
  );
  const before = session.starts().length;
  const starts = await startsOf(session, project);
  // Each line of a run that has just ended may be one more.
  expect(onlyOurs(starts.slice(before)).length, session.seen()).toBeLessThan(4);
});

describe.runIf(isLinux && needs("python3"))("a database that a program has open", () => {
  const begun = `import fcntl, os, sqlite3, time
print(file=open(os.environ["STARTS"], "a"), *os.environ.get("RELOAD_CHANGED", "").split(), sep=",")`;
  const journalled = (mode: string): string => `${begun}
data = sqlite3.connect("data")
data.execute("pragma journal_mode=${mode}")
data.execute("create table if not exists t(a)")`;
  const writing = `
while True:
  data.execute("insert into t values(1)")
  data.commit()
  time.sleep(0.1)`;
  const locked = `${begun}
data = os.open("data", os.O_RDWR | os.O_CREAT)
fcntl.flock(data, fcntl.LOCK_EX)
while True:
  os.pwrite(data, os.urandom(16384), 0)
  time.sleep(0.1)`;
  const command = '$RELOAD --verbose --watch.include_files \'["**"]\' -- python3 "$STARTS.py"';
  const program = (text: string): string => `cat > "$STARTS.py" << 'END'\n${text}\nEND\n${command}`;

  test.each([
    ["SQLite's, with a journal that is removed", journalled("delete") + writing],
    ["SQLite's, with one that stays", journalled("persist") + writing],
    ["one that nobody else may write into", locked],
  ])("calls for nothing when that writes: %s", async (_, text) => {
    using project = newProject({ "a.txt": "0" });
    await using session = shell(project, program(text));
    await until("it has been written", () => project.read("data").length > 8_000, session.seen);
    // What a run wrote that has just ended may be named beside a save: a start of its own there is none.
    expect(
      (await startsOf(session, project)).filter((line) => line === "data"),
      session.seen(),
    ).toEqual([]);
    expect(session.seen()).toContain("data is a database that what runs here has open");
  });

  test("calls for a start when somebody else writes, and when it is replaced", async () => {
    using project = newProject({ "a.txt": "0" });
    await using session = shell(project, program(`${journalled("delete")}\ntime.sleep(1000)`));
    await startsOf(session, project);
    const calls = async (what: string, change: () => void): Promise<void> => {
      const before = session.starts().length;
      let count = 0;
      await until(
        `a start for ${what}`,
        () => {
          // The first may be taken for what the program wrote when it began.
          if (count++ % 100 === 0) change();
          return session.starts().slice(before).join().includes("data");
        },
        session.seen,
      );
    };
    const python = (text: string): unknown => execFileSync("python3", ["-c", text], { cwd: project.directory });
    await calls("a commit", () =>
      python(`import sqlite3; d = sqlite3.connect("data"); d.execute("insert into t values(2)"); d.commit()`),
    );
    await calls("another file", () => {
      project.write("a.txt", `SQLite format 3 ${performance.now()}`);
      renameSync(project.path("a.txt"), project.path("data"));
    });
  });
});

test.runIf(isLinux)("a file that a supervisor of reload keeps open is known soon", async () => {
  using project = newProject({ "a.txt": "0" });
  // Changed on the way, so that nothing is known by what it says.
  await using session = shell(project, `node -e '${supervisor}' -- $RELOAD --verbose -- sh "$P"`);
  await until("it has been written for a while", () => project.read("record.txt").length > 300, session.seen);
  const before = await startsOf(session, project);
  const size = project.read("record.txt").length;
  await until("as much again", () => project.read("record.txt").length > 2 * size, session.seen);
  expect(onlyOurs(session.starts().slice(before.length)), session.seen()).toEqual([]);
});

test("what whoever has started it takes its time to write calls for a start, and so does what is written next", async () => {
  using project = newProject({ "a.txt": "0" });
  await using session = reload(["--verbose", "--", "sleep", "1000"], { cwd: project.directory });
  await session.says(/watching \d/);
  // We are the ancestor; what is written next may get the same descriptor.
  const file = openSync(project.path("a.txt"), "w");
  const end = performance.now() + 1_500;
  while (performance.now() < end) {
    writeSync(file, "x");
    await setTimeout(50);
  }
  for (let save = 0; save < 2; save += 1) {
    const after = session.stderr.length;
    writeSync(file, "the rest");
    await session.says(/a\.txt changed/, after);
  }
  closeSync(file);
  const after = session.stderr.length;
  project.write("b.txt", "1");
  await session.says(/b\.txt changed/, after);
});

test.runIf(isLinux)(
  "a save of a file that a program writes anew at each start counts, though it prints meanwhile",
  async () => {
    using project = newProject({ "a.txt": "0" });
    const program = [
      `const write = () => { fs.writeFileSync("state", ("state of " + process.pid + " ").repeat(2000)); }`,
      `setTimeout(write, 600)`,
      `setInterval(() => process.stdout.write("."), 5)`,
    ].join("; ");
    const options = ["--verbose", "--watch.include_files", '["state", "a.txt"]'];
    await using session = reload([...options, "--", "node", "-e", program], { cwd: project.directory });
    await session.says(/state is written by what runs here/);
    for (let save = 1; save <= 3; save += 1) {
      const before = project.read("state");
      let after = session.stderr.length;
      project.write("a.txt", `${save}`);
      await session.says(/a\.txt changed/, after);
      await until("the program has written it", () => project.read("state") !== before, session.seen);
      after = session.stderr.length;
      project.write("a.txt", `${save}`);
      // What was written before that has been looked at.
      await session.says(/a\.txt saved unchanged/, after);
      after = session.stderr.length;
      project.write("state", `mine ${save} `.repeat(200));
      await session.says(/state changed/, after);
    }
  },
);

test("saves of a file that gets the number of one that the program has removed", async () => {
  using project = newProject({ "notes.txt": "0" });
  const program = [
    `setInterval(() => { fs.writeFileSync("journal", "x".repeat(5000)); fs.rmSync("journal"); }, 5)`,
    `setTimeout(() => {}, 1e6)`,
  ].join("; ");
  const options = ["--verbose", "--watch.include_files", '["notes.txt"]'];
  await using session = reload([...options, "--", "node", "-e", program], { cwd: project.directory });
  await session.says(/run 1 ready/);
  for (let save = 0; save < 12; save += 1) {
    const after = session.stderr.length;
    renameSync(project.path("notes.txt"), project.path("notes.txt~"));
    project.write("notes.txt", `save ${save}`);
    rmSync(project.path("notes.txt~"));
    await session.says(/notes\.txt.* changed/, after);
    await session.says(/run \d+ ready/, after);
  }
  expect(session.stderr).not.toMatch(/notes\.txt is written/);
});

test.runIf(isLinux)(
  "what a child of the program has printed into once is the user's again when that has ended",
  async () => {
    using project = newProject({ "a.txt": "0", "data.json": "0" });
    const child = 'sh -c "sleep 0.5; echo 1; sleep 0.5; echo 2" > data.json';
    await using session = shell(
      project,
      `$RELOAD --proc.cmd '${logged} ${child}; touch "$STARTS.over"; exec sleep 1000'`,
    );
    await until("the child has ended", () => project.read("data.json") === "1\n2\n", session.seen);
    await startsOf(session, project);
    await until("the child has ended again", () => project.read("data.json") === "1\n2\n", session.seen);
    const before = session.starts().length;
    // A look is every 50 ms at the most.
    await setTimeout(500);
    project.write("data.json", "the user's");
    await until("a start", () => session.starts().slice(before).join().includes("data.json"), session.seen);
  },
);

test.runIf(isLinux)(
  "the output of a command of the user's that has our name among its words calls for a start",
  async () => {
    using project = newProject({ "a.txt": "0", "reload.txt": "", "hits.txt": "" });
    await using session = reload(["--", "sleep", "1000"], { cwd: project.directory });
    await session.says(/run 1/);
    const grep = spawn("sh", ["-c", "exec grep -n reload - reload.txt > hits.txt"], {
      cwd: project.directory,
      stdio: ["pipe", "ignore", "ignore"],
    });
    const over = new Promise((resolve) => grep.once("close", resolve));
    try {
      const after = session.stderr.length;
      const line = "reload\n".repeat(1_000);
      let count = 0;
      await until(
        "a start",
        () => {
          if (count++ % 20 === 0) grep.stdin.write(line);
          return /hits\.txt changed/.test(session.stderr.slice(after));
        },
        session.seen,
      );
    } finally {
      grep.stdin.end();
      await over;
    }
  },
);

/** Reads what it is given into a file of its own, and saves slowly when it is told to. */
const editor = `import { existsSync, openSync, readFileSync, writeSync } from "node:fs";
const [place] = process.argv.slice(2);
const log = openSync(place + "/log", "w");
process.stdin.on("data", (data) => writeSync(log, data));
const wait = () => {
  if (!existsSync(place + "/save")) return setTimeout(wait, 20);
  const file = openSync("notes.txt", "w");
  writeSync(file, "one");
  setTimeout(() => writeSync(file, "two"), 300);
};
wait();`;

test.runIf(isLinux && needs("setsid"))(
  "what somebody saves who reads its pipe and is no ancestor any more calls for a start",
  async () => {
    using project = newProject({ "a.txt": "0", "notes.txt": "0" });
    using beside = newProject({ "editor.mjs": editor });
    const place = beside.directory.replaceAll(" ", "\\ ");
    await using session = shell(
      project,
      `setsid sh -c '$RELOAD -- sh "$P" & echo $! > ${place}/pid' 2>&1 | ${process.execPath} ${place}/editor.mjs ${place}`,
    );
    try {
      await startsOf(session, project);
      beside.write("save", "");
      await until("a start", () => session.starts().join().includes("notes.txt"), session.seen);
    } finally {
      const pid = Number(beside.read("pid"));
      if (pid > 0) process.kill(pid, "SIGTERM");
      await until("its end", () => !isAlive(pid), session.seen);
    }
  },
);

test("a file of the user's that happens to have been an output counts again", async () => {
  using project = newProject({ "a.txt": "0" });
  await using session = shell(project, `$RELOAD --json=ev.json -- sh "$P"`);
  await startsOf(session, project);
  renameSync(project.path("ev.json"), project.path("elsewhere~"));
  project.write("ev.json", "{}");
  await until("a start", () => session.starts().some((start) => start.includes("ev.json")), session.seen);
});
