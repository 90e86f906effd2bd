import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { newProject, type Project } from "../rig/project.ts";
import { builtProgram, reload, reloadOnce } from "../rig/reload.ts";
import { session } from "../rig/session.ts";
import { until } from "../rig/until.ts";
import { ask } from "./asking.ts";

interface Finding {
  readonly topic: string;
  readonly is: string;
  readonly text: string;
  readonly advice?: string;
}

async function findings(
  project: Project,
  env: Record<string, string> = {},
): Promise<{ code: number | null; all: Finding[] }> {
  const asked = await reloadOnce(["doctor", "--json"], { cwd: project.directory, env });
  expect(asked.stderr).toBe("");
  const { findings: all } = JSON.parse(asked.stdout) as { findings: Finding[] };
  return { code: asked.code, all };
}

const ofTopic = (all: readonly Finding[], topic: string): string =>
  all
    .filter((one) => one.topic === topic)
    .map(({ is, text, advice }) => `${is}: ${text} → ${advice ?? ""}`)
    .join("\n");

test("in a project where everything works it says what it looked at, and ends with 0", async () => {
  using project = newProject({
    ".reload.toml": '[proc]\ncmd = ["node", "app.js"]\nenv = { SECRET = "hush" }\n',
    "app.js": "",
    "src/a.js": "",
  });
  const { code, all } = await findings(project, { TOKEN: "hush" });
  expect(code, JSON.stringify(all)).toBe(0);
  expect(ofTopic(all, "file system")).toMatch(/^fine: .*: an event came after \d+ ms/);
  expect(ofTopic(all, "watched")).toMatch(/^fine: 2 directories, 3 files; the largest: \. 2, src 1/);
  expect(ofTopic(all, "tools")).toMatch(/^fine: \[proc\] cmd: node is \/\S+ \(v\d+\.\d+\.\d+\)/);
  expect(ofTopic(all, "versions")).toContain(process.versions.node);
  // What a variable is set to has no place in a report.
  expect(JSON.stringify(all)).not.toContain("hush");
  // What was written to see an event is gone again.
  expect((await reloadOnce(["doctor"], { cwd: project.directory })).stdout).toMatch(/^● versions: /);
  expect(project.git("-C", project.directory, "init", "-q") + project.git("status", "--short", "-uall")).toBe(
    "?? .reload.toml\n?? app.js\n?? src/a.js\n",
  );
});

test("what will not work is named with what to do, and the code is 1", async () => {
  using project = newProject({ "app.js": "" });
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  project.write(
    ".reload.toml",
    `[build]\ncmd = ["no-such-compiler", "."]\n[proc]\ncmd = "./server"\n[ready]\ntcp = ${port}\n`,
  );
  const { code, all } = await findings(project);
  await new Promise((resolve) => server.close(resolve));
  expect(code).toBe(1);
  expect(ofTopic(all, "tools")).toContain("wrong: [build] cmd: no-such-compiler is not on the PATH → install it");
  expect(ofTopic(all, "tools")).toContain("fine: [proc] cmd: ./server, which the build has to make");
  expect(ofTopic(all, "ports")).toMatch(new RegExp(`^wrong: ${port} is held by .*${process.pid}`));
  project.write(".reload.toml", "[proc]\ncmd = 7\n");
  const broken = await findings(project);
  expect(broken.code).toBe(1);
  expect(ofTopic(broken.all, "configuration")).toMatch(/^wrong: \.reload\.toml:2:7: /);
});

test("idle directories, patterns that decide nothing and slow builds are told, and are no failure", async () => {
  const data = Object.fromEntries(Array.from({ length: 250 }, (_, at) => [`data/${at}.bin`, ""]));
  using project = newProject({
    ".reload.toml": `[build]\ncmd = "tsc && node -v"\n[proc]\ncmd = ["node", "app.js"]\n[watch]\ninclude_files = [".js", ".tmpl"]\nexclude_dirs = ["nowhere"]\n`,
    "app.js": "",
    ...data,
  });
  const { all } = await findings(project);
  expect(ofTopic(all, "watched")).toMatch(
    /slow: data has 250 files, and none .* → \[watch\] exclude_dirs = \["\/data"\]/,
  );
  expect(ofTopic(all, "patterns")).toMatch(/include_files: \.tmpl decides nothing/);
  expect(ofTopic(all, "patterns")).toMatch(/exclude_dirs: nowhere decides nothing/);
  expect(ofTopic(all, "patterns")).not.toContain("include_files: .js");
  expect(ofTopic(all, "time")).toContain("a type check stands in front of every start");
});

test("of what init has written no pattern is named: some are for files that may come", async () => {
  using project = newProject({ "package.json": '{"scripts":{"dev":"node app.js"}}', "app.js": "", ".env": "A=1\n" });
  await reloadOnce(["init"], { cwd: project.directory });
  expect(ofTopic((await findings(project)).all, "patterns")).toBe("");
  project.write(".reload.toml", project.read(".reload.toml").replace('[".js", ', '[".js", ".tmpl", '));
  expect(ofTopic((await findings(project)).all, "patterns")).toMatch(/include_files: \.tmpl decides nothing/);
});

test("of directories in each other that are of no use the outermost is named, and nothing that has a source in it", async () => {
  const many = (directory: string) => Array.from({ length: 120 }, (_, at) => [`${directory}/${at}.bin`, ""] as const);
  using project = newProject({
    ".reload.toml": '[proc]\ncmd = "sleep 1"\n[watch]\ninclude_files = [".js"]\n',
    ...Object.fromEntries([...many("data/one/deep"), ...many("data/two"), ...many("src/fixtures"), ...many("src")]),
    "src/app.js": "",
  });
  const watched = ofTopic((await findings(project)).all, "watched");
  expect(watched.match(/slow: .*/g)).toEqual([
    'slow: data has 240 files, and none of them restarts anything → [watch] exclude_dirs = ["/data"] spares looking at them',
  ]);
});

test("the ports of [proxy] and [sockets] are looked at as well, with who has them", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  using project = newProject({ ".reload.toml": `[proc]\ncmd = "sleep 1"\n[proxy]\nlisten = ${port}\n` });
  const proxied = await findings(project);
  expect(proxied.code).toBe(1);
  expect(ofTopic(proxied.all, "ports")).toMatch(new RegExp(`^wrong: ${port} is held by .*${process.pid}`));
  project.write(".reload.toml", `[proc]\ncmd = ["sleep", "1"]\n[sockets]\nlisten = [${port}]\n`);
  expect(ofTopic((await findings(project)).all, "ports")).toMatch(new RegExp(`^wrong: ${port} is held by`));
  await new Promise((resolve) => server.close(resolve));
  expect(ofTopic((await findings(project)).all, "ports")).toBe(`fine: ${port} is free → `);
});

test.each([
  ["cargo build", "cargo links with the default linker"],
  ["go build -o app .", "the linker of Go writes debugger information"],
])("%s has a finding with what would make it sooner, and none once that is done", async (cmd, text) => {
  using project = newProject({ ".reload.toml": `[build]\ncmd = "${cmd}"\n[proc]\ncmd = "sleep 1"\n` });
  expect(ofTopic((await findings(project)).all, "time")).toContain(text);
  project.write(
    ".cargo/config.toml",
    '[target.x86_64-unknown-linux-gnu]\nrustflags = ["-C", "link-arg=-fuse-ld=mold"]\n',
  );
  project.write(".reload.toml", project.read(".reload.toml").replace("go build", "go build -ldflags=-w"));
  expect(ofTopic((await findings(project)).all, "time")).not.toContain(text);
});

test("of one that runs it tells where the time of a restart goes, and its port is no fault", async () => {
  await using own = await session({ config: '[build]\ncmd = "true"\n', files: { "main.txt": "0" } });
  const told = await until("the time", async () => {
    const { code, all } = await findings(own.project);
    const time = ofTopic(all, "time");
    return code === 0 && time.includes("of a restart the build takes") ? time : undefined;
  });
  expect(told).toMatch(/until it is ready \d\S*, as there is no check/);
});

test("of one that runs a port that it has is no fault; one that somebody else has is told", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const others = typeof address === "object" && address !== null ? address.port : 0;
  using project = newProject({
    ".reload.toml": '[proc]\ncmd = ["node", "server.js"]\n[proxy]\ntarget = "auto"\n',
    "server.js": "require('http').createServer((_, to) => to.end('hi')).listen(process.env.PORT);",
  });
  const config = project.read(".reload.toml");
  await using program = reload([], { cwd: project.directory });
  const [, listen = ""] = await program.says(/http:\/\/localhost:(\d+)/);
  await until("somebody to talk to", async () => (await ask(project.directory, "wait")).code === 0);
  project.write(".reload.toml", config.replace("[proxy]", `[proxy]\nlisten = ${listen}`));
  const own = await findings(project);
  expect(ofTopic(own.all, "ports")).toMatch(new RegExp(`^fine: ${listen} is held by pid ${program.pid} \\(`));
  project.write(".reload.toml", `${config}[ready]\ntcp = ${others}\n`);
  const { code, all } = await findings(project);
  await new Promise((resolve) => server.close(resolve));
  expect(ofTopic(all, "ports")).toContain(`slow: ${others} is held by pid ${process.pid} (`);
  expect(ofTopic(all, "ports")).toContain("which this reload has not started → ");
  expect(code).toBe(0);
});

test("each service has its tools, ports, builds and roots looked at; what is polled without need is told", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  using project = newProject({
    ".reload.toml": `[watch]
poll = true
[service.api]
root = "api"
[service.api.build]
cmd = "go run ./gen && go build -o tmp/api ."
[service.api.proc]
cmd = ["no-such-program"]
[service.api.ready]
tcp = ${port}
[service.jobs]
root = "jobs"
[service.jobs.build]
cmd = ["tsc", "-p", "."]
[service.jobs.proc]
cmd = "./run.sh"
`,
    "api/main.go": "",
    "jobs/run.sh": "",
  });
  const { code, all } = await findings(project);
  await new Promise((resolve) => server.close(resolve));
  expect(code).toBe(1);
  expect(ofTopic(all, "ports")).toMatch(new RegExp(`^wrong: ${port} is held by .*${process.pid}`));
  expect(ofTopic(all, "tools")).toContain("wrong: [service.api.proc] cmd: no-such-program is not on the PATH");
  expect(ofTopic(all, "tools")).toMatch(/: \[service\.jobs\.proc\] cmd: \.\/run\.sh is not executable → chmod \+x/);
  const time = ofTopic(all, "time");
  expect(time).toContain("[service.api.build] cmd: the linker of Go");
  expect(time).toContain("[service.api.build] cmd: go run links at every start");
  expect(time).toContain("[service.jobs.build] cmd: a type check stands in front of every start: tsc -p .");
  expect(ofTopic(all, "file system")).toMatch(
    /\/api \(.*\n.*\/jobs \(.*\nslow: \[watch\] poll has every file looked at/,
  );
});

test("where changes are not told it says so, with what to do; and nothing more once that has been done", async () => {
  const preload = fileURLToPath(new URL("../rig/file-system.cjs", import.meta.url));
  const on = (fileSystem: string) => ({ NODE_OPTIONS: `--require=${preload}`, FILE_SYSTEM: fileSystem });
  using project = newProject({ ".reload.toml": '[proc]\ncmd = ["true"]\n', "a.txt": "" });
  const silent = await findings(project, on("silent"));
  expect(silent.code).toBe(1);
  expect(ofTopic(silent.all, "file system")).toMatch(
    /^wrong: .* \(type 0x\w+\): no event came within 2 s → set \[watch\] poll = true$/,
  );
  const remote = await findings(project, on("0x6969"));
  expect(remote.code, JSON.stringify(remote.all)).toBe(0);
  expect(ofTopic(remote.all, "file system")).toMatch(
    /^slow: .* is on NFS, which does not tell of changes made elsewhere: it is polled → keep the sources on a local/,
  );
  project.write(".reload.toml", '[proc]\ncmd = ["true"]\n[watch]\npoll = true\n');
  const polled = await findings(project, on("silent"));
  expect(polled.code).toBe(0);
  expect(ofTopic(polled.all, "file system")).toMatch(/^fine: .*: no event came within 2 s, and it is polled → $/);
  expect(project.git("-C", project.directory, "init", "-q") + project.git("status", "--short", "-uall")).toBe(
    "?? .reload.toml\n?? a.txt\n",
  );
});

test("of one that runs, a stop and a start that take long are told with what makes them shorter", async () => {
  using project = newProject({
    ".reload.toml": `[proc]
cmd = ["node", "server.js"]
[ready]
log = "up"
`,
    "server.js":
      "process.on('SIGTERM', () => setTimeout(() => process.exit(), 400)); setTimeout(() => console.log('up'), 400); setInterval(() => {}, 1000);",
  });
  await using program = reload([], { cwd: project.directory });
  await until("somebody to talk to", async () => (await ask(project.directory, "wait")).code === 0);
  expect(program.stderr).not.toContain("warm = true");
  expect((await ask(project.directory, "restart")).stdout).toMatch(/^ready: run 2/);
  // The second start that is slow is told as well, where it runs.
  await program.says(/the program needs \S+ from its start until it is ready: warm = true under \[proc\]/);
  const time = ofTopic((await findings(project)).all, "time");
  expect(time).toMatch(/fine: of a restart the stop \S+, until it is ready \S+ \(median of 2\)/);
  expect(time).toMatch(/slow: the program needs \S+ to stop, .* → let it end at once at SIGTERM/);
  expect(time).toMatch(/slow: the program needs \S+ until it is ready → \[proc\] warm = true/);
  expect((await ask(project.directory, "status", "--verbose")).stdout).toMatch(/\n {2}run 2 {2}stop \S+ {2}ready \S+/);
});

test.each([
  ["node_modules/.bin/tsx server.js", true],
  ["npm run dev", true],
  ["npm run watched", false],
  ["node --inspect=0 server.js", false],
])("a slow start of %s is told with warm = true where that would do anything", async (command, isTold) => {
  using project = newProject({
    ".reload.toml": `[proc]\ncmd = "${command}"\n[ready]\nlog = "up"\n`,
    "package.json": '{"scripts":{"dev":"node server.js","watched":"node --watch server.js"}}',
    "node_modules/.bin/tsx": '#!/bin/sh\nexec node "$1"\n',
    "server.js": "setTimeout(() => console.log('up'), 400); setInterval(() => {}, 1000);",
  });
  chmodSync(join(project.directory, "node_modules/.bin/tsx"), 0o755);
  await using program = reload([], { cwd: project.directory });
  await until("somebody to talk to", async () => (await ask(project.directory, "wait")).code === 0);
  expect((await ask(project.directory, "restart")).stdout).toMatch(/^ready: run 2/);
  const time = ofTopic((await findings(project)).all, "time");
  expect(time).toContain("of a restart");
  expect(time.includes("warm = true")).toBe(isTold);
  if (isTold) await program.says(/warm = true under \[proc\]/);
});

test.runIf(process.platform === "linux" && hasUserLimits())(
  "watches that are used up are told with the limit to raise (user namespaces are needed)",
  () => {
    const many = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`src/${at}/a.txt`, ""]));
    using project = newProject({ ".reload.toml": '[proc]\ncmd = ["true"]\n', ...many });
    const { stdout, status } = limited(5, [...builtProgram, "doctor", "--json"], project.directory);
    const { findings: all } = JSON.parse(String(stdout)) as { findings: Finding[] };
    expect(status).toBe(1);
    expect(ofTopic(all, "limits")).toMatch(/^wrong: .* of 5 in use.* more are needed.* → raise the limit: sudo sysctl/);
  },
);

/** In a namespace of users, which has limits of its own. */
function limited(watches: number, words: readonly string[], cwd = "."): ReturnType<typeof spawnSync> {
  const set = `echo ${watches} > /proc/sys/user/max_inotify_watches && exec "$0" "$@"`;
  return spawnSync("unshare", ["-U", "-r", "sh", "-c", set, ...words], { cwd, encoding: "utf8", timeout: 60_000 });
}

function hasUserLimits(): boolean {
  return limited(100, ["true"]).status === 0;
}

/** Mounts an overlay with the directories `lower`, `upper` and `work` at `merged`, in a namespace of its own, and carries out the words there. */
const inOverlay = (directory: string, words: readonly string[]): ReturnType<typeof spawnSync> => {
  for (const name of ["lower", "upper", "work", "merged"]) mkdirSync(join(directory, name), { recursive: true });
  const mount = "mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work merged";
  return spawnSync("unshare", ["-U", "-r", "-m", "sh", "-c", `${mount} && cd merged && exec "$0" "$@"`, ...words], {
    cwd: directory,
    encoding: "utf8",
    timeout: 60_000,
  });
};

function hasOverlays(): boolean {
  const directory = mkdtempSync(join(tmpdir(), "reload-overlay-"));
  const { status } = inOverlay(directory, ["true"]);
  rmSync(directory, { recursive: true });
  // Not every machine allows it, CI's own included.
  if (status !== 0) process.stderr.write("skipped: a test that mounts an overlay in a user namespace\n");
  return status === 0;
}

test.runIf(process.platform === "linux" && hasOverlays())(
  "an overlay is named, with what is not seen there (user namespaces are needed)",
  () => {
    using project = newProject({ "lower/.reload.toml": '[proc]\ncmd = ["true"]\n', "lower/a.txt": "" });
    const { stdout } = inOverlay(project.directory, [...builtProgram, "doctor", "--json"]);
    const { findings: all } = JSON.parse(String(stdout)) as { findings: Finding[] };
    expect(ofTopic(all, "file system")).toMatch(/^fine: .*0x794c7630.*what is changed beneath it.* is not seen/);
  },
);
