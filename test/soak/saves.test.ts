/**
 * The user saves, in all the ways that people and editors do, beside programs that write in the same directories: whatever is known of what
 * runs here, and is left out, no save is lost. Each is answered by a start of which the program has seen exactly what was saved.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { newProject } from "../rig/project.ts";
import { builtProgram, cleanEnv } from "../rig/reload.ts";
import { until } from "../rig/until.ts";
import { chance } from "./chance.ts";
import { savers } from "./savers.ts";

const sessions = Number(process.env["SOAK_SESSIONS"] ?? 6);
const saves = Number(process.env["SOAK_SAVES"] ?? 20);
const seed = Number(process.env["SOAK_SEED"] ?? Date.now() % 1_000_000);

const database = (more: string): string =>
  `exec python3 -c 'import sqlite3, time
d = sqlite3.connect("app.db")
${more}
d.execute("create table if not exists t(a)")
while True: d.execute("insert into t values(1)"); d.commit(); time.sleep(0.1)'`;

const programs: Readonly<Record<string, string>> = {
  rests: "exec sleep 1000",
  "keeps its log open": "exec 3>> app.log; while sleep 0.07; do echo more >&3; done",
  "opens its log for each line": "while sleep 0.15; do echo more >> app.log; done",
  "writes its state at the start": 'echo "$(date +%s%N)" > state.json; exec sleep 1000',
  "renames its state": "while sleep 0.3; do date +%s%N > state.tmp; mv state.tmp state.json; done",
  "makes and removes files": "while sleep 0.02; do echo x > lock.$$; rm lock.$$; done",
  "opens everything": `exec node -e 'setInterval(() => { for (const f of fs.readdirSync(".")) try { if (fs.statSync(f).isFile()) fs.closeSync(fs.openSync(f, "r+")); } catch {} }, 30)'`,
  "takes files in": "i=0; while sleep 0.1; do i=$((i+1)); mkdir -p up; echo x > up/$i.txt; done",
  "has a database with a journal": database(""),
  "has a database with a log": database('d.execute("pragma journal_mode=wal")'),
  ends: "sleep 0.3; echo done",
  fails: "sleep 0.2; echo failed >> failed.txt; exit 3",
};
const builds: Readonly<Record<string, string>> = {
  none: "",
  "one file": "cat src.js > out.txt",
  three: "mkdir -p gen; for i in 1 2 3; do cat src.js > gen/$i.txt; done",
  "one that takes a moment": "sleep 0.3; cat src.js > out.txt",
  "one through a temporary": "cat src.js > o.tmp; mv o.tmp out.bin",
};
/** `$@` is the line that starts the session. */
const parents: Readonly<Record<string, string>> = {
  "a pipe": 'exec "$@"',
  tee: '"$@" 2>&1 | tee record.txt',
  "a file": 'exec "$@" > all.log 2>&1',
};
const files = ["src.js", "data.json", "notes.txt", "nested/x.md", "nested/deep/y.yaml", "README", "a b.csv"] as const;
const keys = (of: object): [string, ...string[]] => Object.keys(of) as [string, ...string[]];

describe("no save is lost", () => {
  test.each(Array.from({ length: sessions }, (_, index) => seed + index))("seed %i", async (own) => {
    const by = chance(own);
    const [program, build, parent] = [by.one(keys(programs)), by.one(keys(builds)), by.one(keys(parents))];
    const polling = by.one(["", "", "", "--poll", "--watch.backend=chokidar"]);
    using project = newProject(Object.fromEntries(files.map((name) => [name, "0\n"])));
    using outside = newProject();
    const seen = outside.path("seen");
    // What it has seen is in the file in one step.
    const looks = `cat ${files.map((name) => `"${name}"`).join(" ")} 2>/dev/null | sha1sum >> "${seen}"; `;
    const words = [
      ...["--verbose", "--watch.include_files", '["**"]', ...(polling === "" ? [] : [polling])],
      ...(build === "none" ? [] : ["-b", builds[build] ?? ""]),
      ...["--", "sh", "-c", looks + programs[program]],
    ];
    const session = spawn("sh", ["-c", parents[parent] ?? "", "sh", ...builtProgram, ...words], {
      cwd: project.directory,
      env: cleanEnv(),
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let printed = "";
    for (const stream of [session.stdout, session.stderr]) stream.on("data", (text) => (printed += text));
    const over = new Promise((resolve) => session.once("exit", resolve));
    const said = (): string => (parent === "a file" ? project.read("all.log") : printed);
    const told = (): string =>
      `a program that ${program}, build: ${build}, into ${parent} ${polling}\n${said().slice(-1_500)}`;
    const last = (): string => outside.read("seen").split("\n").at(-2)?.slice(0, 40) ?? "";
    const content = (): string =>
      createHash("sha1")
        .update(files.map((name) => project.read(name)).join(""))
        .digest("hex");
    try {
      await until("everything is watched", () => /watching \d/.test(said()) && last() !== "", told);
      let count = 0;
      const text = (): string => `text ${++count} of ${own} ${"z".repeat(by.between(0, 50))}\n`;
      for (let save = 0; save < saves; save += 1) {
        const name = by.one(files);
        const isNested = dirname(name) !== ".";
        const how = by.one(keys(savers));
        await setTimeout(by.one([0, 0, 3, 20, 60, 150, 400, 1_100, 2_600]));
        if (how === "with the directory" && !isNested) continue;
        await savers[how]?.({ file: project.path(name), outside: outside.directory, text, chance: by });
        const now = content();
        await until(`a start that sees ${name}, saved ${how}`, () => last() === now, told);
      }
    } finally {
      if (session.pid !== undefined) process.kill(-session.pid, "SIGTERM");
      await over;
    }
    expect(said()).not.toMatch(/\b(?:src\.js|data\.json|notes\.txt|README|a b\.csv) is (?:written|a database)/);
  });
});
