/** The watcher's own life: its first look, a new aim, single files, bases that come later, git, and the bytes of names. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Change, Matcher } from "../../src/core/demand.ts";
import {
  begin,
  makePlace,
  optionsFor,
  type Place,
  type Source,
  sources,
  start,
  treeAt,
  type Watched,
} from "./watch-rig.ts";

let place: Place;
let watched: Watched | undefined;

beforeEach(() => {
  place = makePlace();
});

afterEach(async () => {
  await watched?.close();
  watched = undefined;
  place.clean();
});

const isWatching = (): boolean => watched?.facts.some((fact) => fact.type === "watching") === true;

/** So that neither the mtime nor the ctime of what was made before is later than what comes after. */
async function clockTick(): Promise<void> {
  const endsAt = Date.now() + 40;
  while (Date.now() < endsAt) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe.each(sources)("%s", (source: Source) => {
  test("what was there before is no change, and what changes during the first look is one", async () => {
    const paths = Array.from({ length: 3000 }, (_, index) => `d${index % 300}/f${index}.go`);
    for (const path of paths) place.write(path, "before");
    await clockTick();
    watched = begin(place, optionsFor(source, { trees: [treeAt(place.root)] }));
    expect(watched.facts).toEqual([]);
    const touched = paths.filter((_, index) => index % 100 === 7);
    for (const [index, path] of touched.entries()) {
      place.write(path, `during the first look ${index}`);
      place.write(`new${index}/deep/n.go`, "new");
      await new Promise((resolve) => setImmediate(resolve));
    }
    await watched.told(...touched, ...touched.map((_, index) => `new${index}/deep/n.go`));
    await watched.until("watching", isWatching);
    await watched.settled();
    const untouched = [...watched.changes].filter((path) => !touched.includes(path) && !path.startsWith("new"));
    expect(untouched).toEqual([]);
  });

  test("what changed after a given moment is told, though the watcher came later", async () => {
    place.write("before.go", "before");
    place.write("during.go", "before");
    await clockTick();
    const fromMs = Date.now();
    place.write("during.go", "while the watcher was being loaded");
    place.write("new/deep/new.go", "new");
    await clockTick();
    watched = begin(place, optionsFor(source, { trees: [treeAt(place.root)] }), fromMs);
    await watched.until("watching", isWatching);
    await watched.settled();
    expect([...watched.changes].sort()).toEqual(["during.go", "new/deep/new.go"]);
  });

  test("what was there before is no change, however long the first look takes", async () => {
    // Large directories, that take more than one slice each.
    for (let index = 0; index < 6000; index++) place.write(`d${index % 3}/f${index}.go`, "before");
    await clockTick();
    watched = begin(place, optionsFor(source, { trees: [treeAt(place.root)] }));
    // Looks are asked for all the time, as by a clock or a burst of events.
    const { watching } = watched;
    const asking = setInterval(() => void watching.lookAtAll(), 5);
    await watched.until("watching", isWatching);
    clearInterval(asking);
    await watching.lookAtAll();
    expect([...watched.changes]).toEqual([]);
  });

  test("a directory moved in during the first look is seen with all that is in it", async () => {
    for (let index = 0; index < 3000; index++) place.write(`d${index % 300}/f${index}.go`, "before");
    const outside = join(place.root, "..", "outside");
    for (let index = 0; index < 20; index++) {
      mkdirSync(join(outside, `m${index}`, "deep"), { recursive: true });
      writeFileSync(join(outside, `m${index}`, "deep", "a.go"), "old");
    }
    await clockTick();
    watched = begin(place, optionsFor(source, { trees: [treeAt(place.root)] }));
    for (let index = 0; index < 20; index++) {
      renameSync(join(outside, `m${index}`), place.at(`d${index * 7}/m${index}`));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await watched.told(...Array.from({ length: 20 }, (_, index) => `d${index * 7}/m${index}/deep/a.go`));
  });

  test("a new aim: patterns count at once, nothing that was there is a change, and none is lost", async () => {
    place.write("a.go", "a");
    place.write("b.txt", "b");
    place.write("lib/c.txt", "c");
    place.write("old/d.go", "d");
    await clockTick();
    watched = await start(place, source, { includeFiles: [".go", "mark-*"] });
    place.append("b.txt", "nobody cares");
    await watched.settled();
    expect([...watched.changes]).toEqual([]);
    await clockTick();

    place.append("a.go", "just before");
    watched.watching.aim(
      optionsFor(source, {
        trees: [treeAt(place.root, { includeFiles: [".go", ".txt", "mark-*"], excludeDirs: ["old"] })],
      }),
    );
    place.append("lib/c.txt", "just after");
    await watched.told("a.go", "lib/c.txt");
    await watched.settled();
    expect([...watched.changes].sort()).toEqual(["a.go", "lib/c.txt"]);

    watched.forget();
    place.append("old/d.go", "not watched any more");
    place.append("b.txt", "more");
    await watched.told("b.txt");
    await watched.settled();
    expect([...watched.changes]).toEqual(["b.txt"]);
  });

  test("a new aim at another tree: the old one is let go of", async () => {
    place.write("one/a.go", "a");
    place.write("two/b.go", "b");
    await clockTick();
    watched = begin(place, optionsFor(source, { trees: [treeAt(place.at("one"))] }));
    await watched.until("watching", isWatching);
    watched.watching.aim(optionsFor(source, { trees: [treeAt(place.at("two"))] }));
    place.append("two/b.go", "more");
    await watched.told("b.go");
    place.append("one/a.go", "more");
    place.append("two/b.go", "more");
    await watched.told("b.go");
    await watched.watching.lookAtAll();
    expect([...watched.changes]).toEqual(["b.go"]);
  });

  test("a new aim with another source of hints: changes before, during and after it are seen", async () => {
    const other: Source = source === "native" ? "poll" : "native";
    const paths = Array.from({ length: 40 }, (_, index) => `d${index % 8}/f${index}.go`);
    for (const path of paths) place.write(path, "before");
    await clockTick();
    watched = await start(place, source);
    for (const [index, path] of paths.entries()) {
      if (index === 15) watched.watching.aim(optionsFor(other, { trees: [treeAt(place.root)] }));
      place.append(path, "more");
      if (index % 4 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await watched.told(...paths);
    await watched.settled();
    expect(watched.changes.size).toBe(paths.length);
    watched.forget();
    for (const path of paths) place.append(path, "and more");
    await watched.told(...paths);
  });

  test("contents stay known through a new aim", async () => {
    place.write("a.go", "same");
    watched = await start(place, source);
    await watched.learned();
    watched.watching.aim(optionsFor(source, { trees: [treeAt(place.root, { excludeDirs: ["gen"] })] }));
    place.write("a.go", "same");
    await watched.settled();
    expect([...watched.changes]).toEqual([]);
    expect([...watched.unchanged]).toEqual(["a.go"]);
  });

  test("a single file is watched, through saves by rename, and nothing beside it", async () => {
    place.write("conf/app.toml", "1");
    place.write("conf/other.toml", "1");
    await clockTick();
    const base = place.at("conf/app.toml");
    const { views } = treeAt(place.at("conf"));
    watched = begin(
      place,
      optionsFor(source, { trees: [{ base, views, label: (path) => join("conf/app.toml", path) }] }),
    );
    await watched.until("watching", isWatching);
    place.append("conf/other.toml", "2");
    place.write("conf/new.toml", "2");
    place.append("conf/app.toml", "2");
    await watched.told("conf/app.toml");
    expect([...watched.changes]).toEqual(["conf/app.toml"]);
    for (let round = 0; round < 3; round++) {
      watched.forget();
      place.write("conf/app.toml.new", `round ${round}`);
      renameSync(place.at("conf/app.toml.new"), base);
      await watched.told("conf/app.toml");
    }
    watched.forget();
    unlinkSync(base);
    await watched.told("conf/app.toml");
    await watched.watching.lookAtAll();
    watched.forget();
    place.write("conf/app.toml", "back");
    await watched.told("conf/app.toml");
    expect([...watched.changes]).toEqual(["conf/app.toml"]);
  });

  test.each(["a directory", "a file"])("a base that comes later, %s, is waited for", async (kind) => {
    const base = place.at("later");
    watched = begin(place, optionsFor(source, { trees: [{ ...treeAt(base), label: (path) => join("later", path) }] }));
    await watched.until("a warning", () => watched?.problems.length === 1);
    if (kind === "a file") place.write("later", "now");
    else place.write("later/deep/a.go", "now");
    const path = kind === "a file" ? "later" : "later/deep/a.go";
    await watched.told(path);
    await watched.watching.lookAtAll();
    watched.forget();
    place.append(path, "more");
    await watched.told(path);
    expect(watched.problems).toEqual([]);
  });

  test("names that are not valid UTF-8 are seen", async (context) => {
    const raw = (name: Buffer): Buffer => Buffer.concat([Buffer.from(`${place.root}/`), name]);
    const bad = Buffer.from([0x62, 0xe9, 0x2e, 0x67, 0x6f]); // bé.go in Latin-1
    try {
      writeFileSync(raw(bad), "x");
    } catch {
      return context.skip("this file system takes no such names");
    }
    place.write("good.go", "x");
    watched = await start(place, source);
    writeFileSync(raw(bad), "longer");
    await watched.told("b\uFFFD.go");
    await watched.settled();
    watched.forget();
    rmSync(raw(bad));
    await watched.told("b\uFFFD.go");
    await watched.settled();
    watched.forget();
    writeFileSync(raw(Buffer.from([0xff, 0xfe])), "new");
    await watched.told("\uFFFD\uFFFD");
    mkdirSync(raw(Buffer.from([0xff, 0x64])));
    await watched.until(
      "a warning",
      () => watched?.problems.some((problem) => problem.message.includes("UTF-8")) === true,
    );
    // Once is enough, however often it is looked at.
    for (const name of ["one.go", "two.go"]) {
      place.write(name, "x");
      await watched.told(name);
      await watched.watching.lookAtAll();
    }
    expect(watched.problems).toHaveLength(1);
  });
});

test("what happens in directories that have been at rest for long is seen by polling", async () => {
  place.write("d/a.go", "a");
  place.write("d/b.go", "b");
  place.write("e/c.go", "c");
  watched = await start(place, "poll");
  const restedAt = statSync(place.at("e")).ctimeMs + 2700;
  await watched.until("rest", () => Date.now() > restedAt);
  place.append("d/a.go", "more");
  await watched.told("d/a.go");
  place.write("d/new.go", "new");
  place.remove("d/b.go");
  place.mkdir("e/deep");
  await watched.told("d/new.go", "d/b.go");
  place.write("e/deep/f.go", "f");
  await watched.told("e/deep/f.go");
  await watched.settled();
  expect([...watched.changes].sort()).toEqual(["d/a.go", "d/b.go", "d/new.go", "e/deep/f.go"]);
});

test("a look finds what was hinted at, tells it once, and says when a file is empty", async () => {
  place.write("a.go", "a");
  watched = await start(place, "native");
  const { watching } = watched;
  place.write("b.go", "");
  await watched.told("b.go");
  await watched.settled();
  watched.forget();
  expect(watching.look()).toEqual({ changes: new Map(), busy: false, isBehind: false });
  place.append("b.go", "x");
  expect([...watching.look().changes.keys()]).toEqual([]); // no hint has come yet
  await watched.told("b.go");
  expect(watched.counts.get("b.go")).toBe(1);
});

test("the real kind of a change is what is judged, and the greater verdict is told", async () => {
  const heard: Change[] = [];
  const matcher: Matcher = {
    name: "mine",
    judge(change) {
      if (change.kind !== "changed") heard.push(change);
      return { verdict: change.path.endsWith(".env") ? "restart" : "rebuild", because: { pattern: "", source: "" } };
    },
  };
  place.write("a.go", "a");
  await clockTick();
  watched = begin(
    place,
    optionsFor("native", {
      trees: [{ base: place.root, views: [{ owner: "", matchers: [matcher] }], label: (path) => `../${path}` }],
    }),
  );
  await watched.until("watching", isWatching);
  place.write("b.env", "b");
  await watched.told("../b.env");
  expect(watched.verdict).toBe("restart");
  place.remove("a.go");
  place.append("b.env", "more");
  await watched.told("../a.go");
  expect(watched.verdict).toBe("rebuild");
  expect(heard).toContainEqual({ path: "b.env", kind: "added" });
  expect(heard).toContainEqual({ path: "a.go", kind: "removed" });
});

test("an ignore file above the watched directory counts when it is edited", async () => {
  const outer = join(place.root, "..");
  mkdirSync(join(outer, ".git"));
  writeFileSync(join(outer, ".gitignore"), "*.gen\n");
  place.write("a.gen", "a");
  place.write("b.tmp", "b");
  watched = await start(place, "native");
  place.append("a.gen", "more");
  await watched.settled();
  expect([...watched.changes]).toEqual([]);
  writeFileSync(join(outer, ".gitignore"), "*.tmp\n");
  // What it ignores from now on is ignored at once.
  place.append("b.tmp", "more");
  await watched.settled();
  expect(watched.changes.has("b.tmp")).toBe(false);
  // Nothing hints at it, and what was ignored is not looked at: it is checked once a second.
  await watched.until("the new rule", () => {
    place.append("a.gen", "more");
    return watched?.changes.has("a.gen") === true;
  });
  await watched.settled();
  watched.forget();
  place.append("b.tmp", "more");
  await watched.settled();
  expect([...watched.changes]).toEqual([]);
});

test("a huge file stalls nothing and is watched by its size and time", async () => {
  const file = openSync(place.at("huge.bin"), "w");
  ftruncateSync(file, 2 * 1024 ** 3);
  closeSync(file);
  watched = await start(place, "native");
  await watched.learned();
  place.append("huge.bin", "x");
  await watched.told("huge.bin");
});

describe("git", () => {
  const git = (...args: string[]): void => {
    const { status, stderr } = spawnSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...args], {
      cwd: place.root,
    });
    if (status !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
  };
  const hasGit = spawnSync("git", ["--version"]).status === 0;
  const busy = (): boolean => watched?.watching.look().busy === true;
  const startInRepository = async (): Promise<void> => {
    watched = await start(place, "native", {}, { gitDirectory: place.at(".git") });
  };

  test("holds its lock: busy until it lets go", async () => {
    place.mkdir(".git");
    await startInRepository();
    expect(busy()).toBe(false);
    place.write(".git/index.lock", "");
    expect(busy()).toBe(true);
    place.remove(".git/index.lock");
    expect(busy()).toBe(false);
  });

  test("left a lock behind when it was killed: waited for once, which is said, and never again", async () => {
    place.write(".git/index.lock", "");
    await startInRepository();
    await watched?.until(
      "the word",
      () => busy() && watched?.problems.some((problem) => problem.message.includes("git")) === true,
    );
    expect(watched?.problems.map(({ message }) => message)).toEqual([
      `waiting for git, 10 s at most: ${place.at(".git/index.lock")} is there`,
    ]);
    await watched?.until("the end of its patience", () => !busy());
    place.write("a.go", "edited");
    expect(busy()).toBe(false);
    place.remove(".git/index.lock");
    place.write(".git/index.lock", "another");
    expect(busy()).toBe(true);
  });

  test("left a lock behind long ago: not waited for", async () => {
    place.write(".git/index.lock", "");
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(place.at(".git/index.lock"), longAgo, longAgo);
    await startInRepository();
    expect(busy()).toBe(false);
    place.write(".git/index.lock", "another");
    expect(busy()).toBe(true);
  });

  test("rebases: busy while it writes, and not while it waits for somebody", async () => {
    place.write(".git/rebase-merge/done", "");
    await startInRepository();
    await watched?.until("it to rest", () => !busy());
    place.write(".git/rebase-merge/done", "pick 1");
    expect(busy()).toBe(true);
    await watched?.until("it to rest", () => !busy());
  });

  test.skipIf(!hasGit)("checks out a branch, stashes and rebases: every file that differs is told", async () => {
    git("init", "-q", "-b", "main");
    const paths = Array.from({ length: 300 }, (_, index) => `d${index % 20}/f${index}.go`);
    for (const path of paths) place.write(path, "main");
    git("add", "-A");
    git("commit", "-qm", "main");
    git("checkout", "-qb", "other");
    const differing = paths.filter((_, index) => index % 2 === 0);
    for (const path of differing) place.write(path, "other branch");
    place.write("only/here.go", "x");
    git("add", "-A");
    git("commit", "-qm", "other");
    await startInRepository();
    await watched?.learned();
    git("checkout", "-q", "main");
    await watched?.told(...differing, "only/here.go");
    await watched?.settled();
    expect(watched?.changes.size).toBe(differing.length + 1);
    watched?.forget();
    for (const path of paths.slice(0, 50)) place.append(path, "work");
    await watched?.told(...paths.slice(0, 50));
    watched?.forget();
    git("stash", "-q");
    await watched?.told(...paths.slice(0, 50));
    watched?.forget();
    git("rebase", "-q", "other");
    await watched?.told(...differing, "only/here.go");
  });
});

describe("vim", () => {
  const vim = ["vim", "vim.tiny", "vi"].find((name) => spawnSync(name, ["--version"]).stdout?.includes("VIM"));
  if (vim === undefined && process.env["RELOAD_TEST_REQUIRE_ALL"] === "1") throw new Error("vim is missing");

  const save = async (file: string, line: string, ...settings: string[]): Promise<void> => {
    const commands = [...settings.map((setting) => `set ${setting}`), `normal! Go${line}`, "wq"];
    const editor: ChildProcess = spawn(
      vim ?? "",
      ["-u", "NONE", "-N", "-es", ...commands.flatMap((command) => ["-c", command]), file],
      { cwd: place.root, stdio: "ignore" },
    );
    await new Promise((resolve) => editor.once("exit", resolve));
  };

  test
    .skipIf(vim === undefined)
    .each([
      "backupcopy=no",
      "backupcopy=yes",
      "backupcopy=auto",
      "backupcopy=no backup",
      "backupcopy=yes backup swapfile undofile",
      "nowritebackup",
    ])("saves with %s are seen, each of them, and nothing else", async (settings) => {
    place.write("src/main.go", "package main\n");
    watched = await start(place, "native");
    await watched.learned();
    for (let round = 0; round < 3; round++) {
      watched.forget();
      await save("src/main.go", `// round ${round}`, ...settings.split(" "));
      await watched.told("src/main.go");
      await watched.settled();
      expect([...watched.changes]).toEqual(["src/main.go"]);
    }
  });
});

test("a link in the place of a directory, and back, is seen", async () => {
  place.write("real/a.go", "a");
  place.write("d/a.go", "a");
  watched = await start(place, "native");
  place.remove("d");
  symlinkSync("real", place.at("d"));
  await watched.told("d/a.go", "d");
  await watched.settled();
  watched.forget();
  unlinkSync(place.at("d"));
  place.write("d/a.go", "b");
  await watched.told("d/a.go", "d");
  await watched.settled();
  watched.forget();
  place.append("real/a.go", "more");
  place.append("d/a.go", "more");
  await watched.told("d/a.go", "real/a.go");
});
