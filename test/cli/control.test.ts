import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { newProject } from "../rig/project.ts";
import { type Reload, reload, reloadOnce } from "../rig/reload.ts";
import { session } from "../rig/session.ts";
import { until } from "../rig/until.ts";
import { ask } from "./asking.ts";

/** It can be talked to as soon as it can be found. */
async function findable(cwd: string): Promise<void> {
  await until("somebody to talk to", async () => (await ask(cwd, "status")).code === 0);
}

const builds = (seconds = 0): string =>
  `[build]\ncmd = "sleep ${seconds}; ! grep -n BAD main.txt >&2"\n[watch]\ninclude_files = [".txt"]\n`;

describe("reload wait", () => {
  test("returns when what was saved just before it runs: 20 of 20 times", async () => {
    await using own = await session({ config: builds(), files: { "main.txt": "0" }, env: { READS: "main.txt" } });
    const { directory } = own.project;
    await findable(directory);
    for (let round = 1; round <= 20; round += 1) {
      own.project.write("main.txt", String(round));
      const asked = await ask(directory, "wait");
      expect(asked).toMatchObject({ code: 0, stderr: "" });
      // What answers was started after the save, and has read it.
      expect(own.starts.at(-1)?.content).toBe(String(round));
      expect(asked.stdout).toMatch(/^ready: run \d+ · build \S+, ready \S+ · 1 change\n$/);
      expect(own.starts).toHaveLength(round + 1);
    }
  });

  test("says what failed and where, with 1, and 0 again after the fix", async () => {
    await using own = await session({ config: builds(), files: { "main.txt": "0" } });
    const { directory } = own.project;
    await findable(directory);
    own.project.write("main.txt", "BAD");
    const failed = await ask(directory, "wait");
    expect(failed.code).toBe(1);
    expect(failed.stdout).toMatch(/^failed: build · build failed \(code 1\)/);
    const asJson = JSON.parse((await ask(directory, "wait", "--json")).stdout) as unknown;
    expect(asJson).toMatchObject({ state: "failed", stage: "build" });
    own.project.write("main.txt", "fine");
    expect((await ask(directory, "wait")).code).toBe(0);
  });

  test("counts an edit of the configuration and of an env file, and tells one that is refused", async () => {
    await using own = await session({
      config: `env_files = [".env"]\n${builds()}`,
      files: { "main.txt": "0", ".env": "A=1\n" },
    });
    const { directory } = own.project;
    await findable(directory);
    own.project.write(".env", "A=2\n");
    expect((await ask(directory, "wait")).code).toBe(0);
    expect(own.starts).toHaveLength(2);
    const good = own.project.read(".reload.toml");
    own.project.write(
      ".reload.toml",
      good.replace("[watch]", '[proc.env]\nX = "1"\n[watch]').replace("[proc]\ncmd", "[proc]\ncmd"),
    );
    own.project.write(".reload.toml", `${good}\nenv = { X = "1" }\n`);
    expect((await ask(directory, "wait")).code).toBe(0);
    expect(own.starts).toHaveLength(3);
    own.project.write(".reload.toml", `${good}\nstop_timeut = "1s"\n`);
    const refused = await ask(directory, "wait");
    expect(refused.code).toBe(1);
    expect(refused.stdout).toMatch(/^failed: config · \.reload\.toml:\d+:\d+: /);
    own.project.write(".reload.toml", good);
    expect((await ask(directory, "wait")).code).toBe(0);
  });

  test("returns at once where there is nothing to wait for, and 50 at a time get the same answer", async () => {
    await using own = await session({ config: builds(), files: { "main.txt": "0" } });
    const { directory } = own.project;
    await findable(directory);
    own.project.write("main.txt", "1");
    const all = await Promise.all(Array.from({ length: 12 }, () => ask(directory, "wait")));
    for (const { code, stdout } of all) expect([code, stdout]).toEqual([0, all[0]?.stdout]);
    expect(own.starts).toHaveLength(2);
  });

  test("with a limit gives up with 3 and says what is going on", async () => {
    await using own = await session({ config: builds(), files: { "main.txt": "0" } });
    const { directory } = own.project;
    await findable(directory);
    own.project.write(".reload.toml", own.project.read(".reload.toml").replace("sleep 0", "sleep 100"));
    const late = await ask(directory, "wait", "--timeout", "300ms");
    expect(late.code).toBe(3);
    expect(late.stdout).toMatch(/^still building/);
    expect((await ask(directory, "wait", "--timeout", "soon")).code).toBe(2);
  });

  test("a run that died after it was ready is a failure with its code", async () => {
    await using own = await session({ config: builds(), files: { "main.txt": "0" } });
    const { directory } = own.project;
    await findable(directory);
    expect((await ask(directory, "wait")).code).toBe(0);
    process.kill(own.starts.at(-1)?.pid ?? 0, "SIGKILL");
    await own.program.says(/SIGKILL/);
    const failed = await ask(directory, "wait");
    expect(failed.code).toBe(1);
    expect(failed.stdout).toContain("SIGKILL");
  });

  test("runs a command afterwards and has its code; a failure keeps it from running", async () => {
    await using own = await session({ config: builds(), files: { "main.txt": "0" } });
    const { directory } = own.project;
    await findable(directory);
    const fine = await ask(directory, "wait", "--", "sh", "-c", "echo ran $1; exit 5", "sh", "--timeout");
    expect(fine).toMatchObject({ code: 5, stdout: "ran --timeout\n" });
    own.project.write("main.txt", "BAD");
    const failed = await ask(directory, "wait", "--", "echo", "ran");
    expect(failed.code).toBe(1);
    expect(failed.stdout).not.toContain("ran\n");
    own.project.write("main.txt", "1");
    expect((await ask(directory, "wait", "--", "/no/such/command")).code).toBe(127);
  });
});

describe("reload that runs is found", () => {
  test("from a sub-directory, by -c and by --pid, whatever TMPDIR is; not from beside it", async () => {
    await using own = await session({ config: builds(), files: { "main.txt": "0", "deep/er/x": "" } });
    await findable(own.project.path("deep/er"));
    const { directory } = own.project;
    expect((await ask(directory, "wait")).code).toBe(0);
    expect((await ask("/", "status", "-c", own.project.path(".reload.toml"))).code).toBe(0);
    const found = JSON.parse((await ask("/", "status", "--json", "--pid", String(own.program.pid))).stdout) as unknown;
    expect(found).toMatchObject({
      pid: own.program.pid,
      config: ".reload.toml",
      services: [{ name: "", state: "ready", run: 1 }],
    });
    using beside = newProject();
    expect(await ask(beside.directory, "status")).toMatchObject({ code: 2, stdout: "" });
    expect((await ask(directory, "status", "--pid", "x")).code).toBe(2);
  });

  test("in a path of blanks, quotes and a newline, longer than the name of a socket may be", async () => {
    using project = newProject();
    const directory = project.path(`we ird\n'q" $HOME ü/${"d".repeat(200)}`);
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, ".reload.toml"), '[proc]\ncmd = "echo up; exec sleep 1000"\n');
    writeFileSync(join(directory, "other.toml"), '[proc]\ncmd = "exec sleep 1000"\n');
    expect(await ask(directory, "--background")).toMatchObject({ code: 0, stderr: "" });
    expect((await ask(directory, "logs")).stdout).toBe("up\n");
    expect((await ask(directory, "-c", "other.toml", "--background")).code).toBe(0);
    const unclear = await ask(directory, "wait");
    expect([unclear.code, unclear.stderr.trimEnd().split("\n")]).toEqual([
      2,
      [
        "error: several run here; pick one with --pid N or -c FILE",
        expect.stringMatching(/^ {2}pid \d+: .*we ird\\n'q" \$HOME ü\/d+\/(\.reload|other)\.toml$/),
        expect.stringMatching(/^ {2}pid \d+: .*\.toml$/),
      ],
    ]);
    for (const file of ["other.toml", ".reload.toml"]) expect((await ask(directory, "-c", file, "stop")).code).toBe(0);
  });

  test("in a project without a file; several are listed", async () => {
    using project = newProject({ "a.txt": "" });
    await using first = reload(["sleep", "1000"], { cwd: project.directory });
    await findable(project.directory);
    await using second = reload(["sleep", "1001"], { cwd: project.directory });
    const listed = await until("both", async () => {
      const asked = await ask(project.directory, "status");
      return asked.code === 2 ? asked.stderr : undefined;
    });
    for (const { pid } of [first, second]) expect(listed).toContain(`pid ${pid}`);
    expect((await ask(project.directory, "stop", "--pid", String(first.pid))).code).toBe(0);
    expect((await first.ended).code).toBe(0);
    expect((await ask(project.directory, "status")).code).toBe(0);
    await second.stop();
  });

  test("no more after kill -9, and the next one is", async () => {
    using project = newProject({ ".reload.toml": '[proc]\ncmd = "sleep 1000"\n' });
    const killed = reload([], { cwd: project.directory });
    await findable(project.directory);
    process.kill(killed.pid, "SIGKILL");
    await killed.ended;
    expect(await ask(project.directory, "stop")).toMatchObject({ code: 0 });
    await using next: Reload = reload([], { cwd: project.directory });
    await findable(project.directory);
    expect((await ask(project.directory, "status")).stdout).toContain(`pid ${next.pid}`);
  });

  test.runIf(process.platform === "linux")(
    "while it is suspended says so instead of an answer; stop lets it go on, to its end",
    async () => {
      using project = newProject({ ".reload.toml": '[proc]\ncmd = "exec sleep 1000"\n' });
      const { directory } = project;
      await using program = reload([], { cwd: directory });
      await findable(directory);
      program.signal("SIGSTOP");
      for (const verb of ["wait", "status", "--background"])
        expect(await ask(directory, verb)).toEqual({
          code: 2,
          stdout: "",
          stderr: `error: the reload that runs here (pid ${program.pid}) is suspended: fg in its terminal, or kill -CONT ${program.pid}, lets it go on\n`,
        });
      program.signal("SIGCONT");
      expect((await ask(directory, "wait")).stdout).toMatch(/^ready: run 1/);
      program.signal("SIGSTOP");
      expect(await ask(directory, "stop")).toMatchObject({ code: 0, stdout: "stopped\n" });
      expect(await program.ended).toEqual({ code: 0, signal: null });
    },
  );

  test("only by its own user: directory and socket are the user's alone", async () => {
    await using own = await session({ config: builds(), files: { "main.txt": "0" } });
    await findable(own.project.directory);
    const state = `/tmp/reload-${process.getuid?.()}`;
    const entries = readdirSync(state).filter((name) => name.endsWith(".running.json"));
    const texts = entries.map((name) =>
      existsSync(join(state, name)) ? readFileSync(join(state, name), "utf8") : "{}",
    );
    const mine = texts
      .map((text) => JSON.parse(text) as { pid: number; socket: string })
      .find(({ pid }) => pid === own.program.pid);
    expect(statSync(state).mode & 0o777).toBe(0o700);
    expect(statSync(mine?.socket ?? "").mode & 0o777).toBe(0o600);
  });
});

describe("reload", () => {
  test("stop ends it in order, says so, and is 0 where nothing runs", async () => {
    await using own = await session({ config: builds(), files: { "main.txt": "0" } });
    const { directory } = own.project;
    await findable(directory);
    expect(await ask(directory, "stop")).toMatchObject({ code: 0, stdout: "stopped\n" });
    expect((await own.program.ended).code).toBe(0);
    expect(await ask(directory, "stop")).toMatchObject({ code: 0, stdout: "no reload runs here or above\n" });
  });

  test("restart builds and starts after a failed build without any change", async () => {
    await using own = await session({
      config: builds(),
      files: { "main.txt": "0" },
      prepare: (project) => project.write("flag", ""),
    });
    const { directory } = own.project;
    await findable(directory);
    expect((await ask(directory, "restart")).stdout).toMatch(/^ready: run 2/);
    own.project.write("main.txt", "BAD");
    expect((await ask(directory, "wait")).code).toBe(1);
    expect((await ask(directory, "restart")).code).toBe(1);
    expect(own.starts).toHaveLength(2);
  });

  test("pause collects changes, wait says so at once, resume acts once on all of them", async () => {
    await using own = await session({ config: builds(), files: { "main.txt": "0", "other.txt": "0" } });
    const { directory } = own.project;
    await findable(directory);
    expect((await ask(directory, "pause", "--for", "1m")).stdout).toContain("paused for 1m");
    own.project.write("main.txt", "1");
    own.project.write("other.txt", "1");
    expect(await ask(directory, "wait")).toMatchObject({ code: 3 });
    expect((await ask(directory, "status")).stdout).toContain("paused");
    expect(own.starts).toHaveLength(1);
    await ask(directory, "resume");
    expect((await ask(directory, "wait")).code).toBe(0);
    expect(own.starts).toHaveLength(2);
  });

  test("pause collects edits of the configuration and of env files as well; a restart meanwhile is one of the old ones", async () => {
    using project = newProject({
      ".reload.toml": `env_files = [".env"]\n${builds()}[proc]\ncmd = "echo $A $B; exec sleep 1000"\nenv = { A = "1" }\n`,
      "main.txt": "0",
      ".env": "B=1\n",
    });
    const { directory } = project;
    await ask(directory, "--background", "--json=events");
    try {
      await ask(directory, "pause");
      // Read by an edit of it that comes before, if edits are read: each of them is told.
      for (const at of ["1", "2"]) {
        project.write(".reload.toml", project.read(".reload.toml").replace(/A = "\d"/, `A = "${at}"`));
        project.write(".env", `B=${at}\n`);
        project.write("main.txt", at);
        await ask(directory, "restart");
      }
      expect((await ask(directory, "logs", "--run", "3")).stdout).toBe("1 1\n");
      await ask(directory, "resume");
      expect((await ask(directory, "wait")).stdout).toMatch(/^ready: run 4 · .* · 2 changes$/m);
      expect((await ask(directory, "logs")).stdout).toBe("2 2\n");
      expect(project.read("events").match(/"event":"config"/g)).toHaveLength(1);
    } finally {
      await ask(directory, "stop");
    }
  });

  test("pause ends by itself after the time that was given", async () => {
    await using own = await session({ config: builds(), files: { "main.txt": "0" } });
    const { directory } = own.project;
    await findable(directory);
    await ask(directory, "pause", "--for", "500ms");
    own.project.write("main.txt", "1");
    await own.start(2);
  });

  test("versions lists what was in force and refused; rollback puts an earlier one in force until the file changes", async () => {
    await using own = await session({ config: builds(), files: { "main.txt": "0" } });
    const { directory } = own.project;
    await findable(directory);
    const first = own.project.read(".reload.toml");
    own.project.write(".reload.toml", `${first}\nenv = { X = "2" }\n`);
    await ask(directory, "wait");
    own.project.write(".reload.toml", `${first}\nenvv = 1\n`);
    await ask(directory, "wait");
    const { stdout } = await ask(directory, "versions");
    expect(stdout).toMatch(/^ {2}1 .*\n {2}2 .*in force.*env.*\n {2}2 .*refused.*envv/);
    expect((await ask(directory, "rollback", "7")).code).toBe(2);
    const back = await ask(directory, "rollback", "1");
    expect(back).toMatchObject({ code: 0 });
    expect((await ask(directory, "versions")).stdout).toMatch(/in force/);
    expect(own.starts).toHaveLength(3);
  });

  test("a service that does not exist is named, with those that do", async () => {
    await using own = await session({ config: builds(), files: { "main.txt": "0" } });
    await findable(own.project.directory);
    const asked = await ask(own.project.directory, "restart", "api");
    expect(asked.code).toBe(2);
    expect(asked.stderr).toContain("there is no service api");
  });

  test("--once cannot be talked to", async () => {
    using project = newProject({ ".reload.toml": '[proc]\ncmd = "sleep 0.2"\n' });
    const once = reloadOnce(["--once"], { cwd: project.directory });
    expect((await ask(project.directory, "status")).code).toBe(2);
    expect((await once).code).toBe(0);
  });
});

const answers = new Ajv({ allErrors: true, allowUnionTypes: true });
answers.addSchema(
  JSON.parse(readFileSync(new URL("../../docs/answers.schema.json", import.meta.url), "utf8")),
  "answers",
);

function valid(kind: string, answer: unknown): void {
  const validate = answers.getSchema(`answers#/definitions/${kind}`);
  expect(validate?.(answer), `${kind}: ${JSON.stringify(answer)}\n${JSON.stringify(validate?.errors)}`).toBe(true);
}

describe("of several services", () => {
  test("status tells each one's address, last change and error with its place; what was stopped has not failed", async () => {
    using project = newProject({
      ".reload.toml": `[service.api]
root = "api"
[service.api.build]
cmd = "! grep -q BAD main.txt || { echo ./main.go:12:5: undefined: x >&2; exit 1; }"
[service.api.proc]
cmd = ["node", "server.js"]
[service.api.proxy]
target = "auto"
[service.jobs]
root = "jobs"
[service.jobs.proc]
cmd = "sleep 1000"
`,
      "api/main.txt": "0",
      "api/server.js": "require('http').createServer((_, to) => to.end('hi')).listen(process.env.PORT);",
      "jobs/a.txt": "",
    });
    const { directory } = project;
    await using _ = reload([], { cwd: directory });
    await findable(directory);
    const told = await ask(directory, "wait", "--", "sh", "-c", 'echo "$RELOAD_URL $RELOAD_URL_API"');
    expect(told.stdout).toMatch(/^(http:\/\/localhost:\d+) \1\n$/);
    expect((await ask(directory, "wait")).stdout).toMatch(/^api ready: run 1 · http:\S+ · .*\njobs ready: run 1/);
    project.write("api/main.txt", "BAD");
    expect(await ask(directory, "wait")).toMatchObject({ code: 1 });
    expect(await ask(directory, "stop", "jobs")).toMatchObject({ code: 0, stdout: "jobs stopped\n" });
    const { stdout } = await ask(directory, "status");
    expect(stdout.split("\n")).toEqual([
      expect.stringMatching(/^reload \S+ · pid \d+ · up \S+ · \.reload\.toml \(version 1\)$/),
      expect.stringMatching(
        /^api {3}failed {3}run 1 {2}up \S+ +pid \d+ +http:\/\/localhost:\d+ +api\/main\.txt changed, \S+ ago$/,
      ),
      "  build failed (code 1): ./main.go:12:5: undefined: x",
      "jobs  stopped  run 1",
      "",
    ]);
    const { services } = JSON.parse((await ask(directory, "status", "--json")).stdout);
    expect(services).toMatchObject([
      {
        name: "api",
        url: expect.stringContaining("http"),
        error: { stage: "build", file: "./main.go", line: 12, column: 5 },
      },
      { name: "jobs", url: null, error: null },
    ]);
    expect((await ask(directory, "stop", "api")).code).toBe(0);
    const stopped = JSON.parse((await ask(directory, "status", "api", "--json")).stdout);
    expect(stopped.services).toMatchObject([{ name: "api", state: "stopped", error: null }]);
    expect((await ask(directory, "start", "api")).code).toBe(1);
    expect(await ask(directory, "wait", "jobs")).toMatchObject({
      code: 0,
      stdout: "jobs stopped: reload start jobs starts it\n",
    });
    expect((await ask(directory, "url", "jobs")).stderr).toBe(
      "error: jobs has no proxy: [service.jobs.proxy] opens one\n",
    );
    // Each answer is as the package describes it.
    for (const [kind, ...words] of [
      ["outcome", "wait", "api"],
      ["outcome", "start", "jobs"],
      ["outcome", "restart", "jobs"],
      ["status", "status"],
      ["pause", "pause"],
      ["outcome", "wait"],
      ["pause", "resume"],
      ["url", "url"],
      ["url", "refresh"],
      ["versions", "versions"],
      ["logs", "logs", "--build"],
      ["explain", "explain", "api/main.txt", "..", ".reload.toml"],
      ["doctor", "doctor"],
      ["config", "config"],
      ["stop", "stop", "jobs"],
    ] as const) {
      const asked = await ask(directory, ...words, "--json");
      const whole = kind === "config" || kind === "doctor" ? [asked.stdout] : asked.stdout.trimEnd().split("\n");
      expect(whole.join("")).not.toBe("");
      for (const text of whole) valid(kind, JSON.parse(text));
    }
    // What was meant for us is told so, and nothing of what would be wrong with a program of that name.
    expect((await ask(directory, "statsu")).stderr).toMatch(
      /there is no command statsu\n.*did you mean reload status\?/,
    );
    expect((await ask(directory, "wait", "--json=x.json")).stderr).toMatch(/takes --json without a file/);
    expect((await ask(directory, "logs", "--run", "7")).stderr).toMatch(/there is no run 7: the newest is run \d/);
  });
});
