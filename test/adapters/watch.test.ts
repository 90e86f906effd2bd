/** Scenarios of section A as the watcher sees them, each against every source of hints. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "../rig/until.ts";
import { begun, makePlace, type Place, type Source, sources, start, type Watched } from "./watch-rig.ts";

const isRoot = process.getuid?.() === 0;

describe.each(sources)("%s", (source: Source) => {
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

  test("a file that is appended to, made, deleted or renamed is told", async () => {
    place.write("src/main.go", "package main\n");
    place.write("src/old.go", "package main\n");
    watched = await start(place, source);
    place.append("src/main.go", "// more\n");
    await watched.told("src/main.go");
    place.write("src/new.go", "package main\n");
    await watched.told("src/new.go");
    place.remove("src/new.go");
    watched.forget();
    await watched.settled();
    expect([...watched.changes]).toContain("src/new.go");
    watched.forget();
    renameSync(place.at("src/old.go"), place.at("src/renamed.go"));
    await watched.told("src/old.go", "src/renamed.go");
  });

  test("a file that is written with its old size and time is told once its content is known", async () => {
    place.write("a.go", "one");
    const then = new Date(Date.now() - 60_000);
    utimesSync(place.at("a.go"), then, then);
    watched = await start(place, source);
    await watched.learned();
    watched.forget();
    place.write("a.go", "two");
    utimesSync(place.at("a.go"), then, then);
    await watched.told("a.go");
  });

  test("a file with a time in the future is no change at the start, and one later", async () => {
    place.write("a.go", "one");
    const future = new Date(Date.now() + 3_600_000);
    utimesSync(place.at("a.go"), future, future);
    await until("it is older than the start", () => Date.now() - statSync(place.at("a.go")).ctimeMs > 100);
    watched = await begun(place, source);
    expect([...watched.changes].filter((path) => path === "a.go")).toEqual([]);
    place.append("a.go", "more");
    await watched.told("a.go");
  });

  test.skipIf(process.platform === "win32")("a file that becomes executable is told", async () => {
    place.write("run.sh", "exit 0");
    watched = await start(place, source);
    chmodSync(place.at("run.sh"), 0o755);
    await watched.told("run.sh");
  });

  test("a file that does not match is not told", async () => {
    place.write("main.go", "package main\n");
    watched = await start(place, source, { includeFiles: [".go", "mark-*"] });
    place.write("README.md", "hello");
    place.write("deep/er/notes.txt", "hello");
    await watched.settled();
    expect([...watched.changes]).toEqual([]);
    place.append("main.go", "//\n");
    await watched.told("main.go");
  });

  test("a save by rename-over is seen three times in a row, and a plain write after it", async () => {
    place.write("a.go", "0");
    watched = await start(place, source);
    for (let round = 1; round <= 3; round++) {
      watched.forget();
      place.write("a.go.new", `version ${round}`);
      renameSync(place.at("a.go.new"), place.at("a.go"));
      await watched.told("a.go");
      await watched.settled();
    }
    watched.forget();
    place.write("a.go", "after");
    await watched.told("a.go");
  });

  test("a save in vim's order of rename away, create, unlink the backup is seen three times in a row", async () => {
    place.write("a.go", "0");
    watched = await start(place, source);
    for (let round = 1; round <= 3; round++) {
      watched.forget();
      renameSync(place.at("a.go"), place.at("a.go~"));
      place.write("a.go", `version ${round}`);
      unlinkSync(place.at("a.go~"));
      await watched.told("a.go");
      await watched.settled();
      expect([...watched.changes]).toEqual(["a.go"]);
    }
  });

  test("a file in directories that are a moment old is seen, and so is its next edit, twenty times", async () => {
    watched = await start(place, source);
    for (let round = 0; round < 20; round++) {
      place.write(`r${round}/b/c/f.go`, "x");
      await watched.told(`r${round}/b/c/f.go`);
    }
    watched.forget();
    for (let round = 0; round < 20; round++) {
      place.append(`r${round}/b/c/f.go`, "y");
      await watched.told(`r${round}/b/c/f.go`);
    }
  });

  test("twenty files written right after their directory are all seen", async () => {
    watched = await start(place, source);
    const paths = Array.from({ length: 20 }, (_, index) => `fresh/f${index}.go`);
    for (const path of paths) place.write(path, "x");
    await watched.told(...paths);
  });

  test("a directory that is moved in is seen with all that is in it, and later edits below it", async () => {
    const outside = join(place.root, "..", "outside");
    mkdirSync(join(outside, "deep"), { recursive: true });
    writeFileSync(join(outside, "deep", "a.go"), "a");
    writeFileSync(join(outside, "b.go"), "b");
    watched = await start(place, source);
    renameSync(outside, place.at("inside"));
    await watched.told("inside/deep/a.go", "inside/b.go");
    await watched.settled();
    watched.forget();
    place.append("inside/deep/a.go", "more");
    await watched.told("inside/deep/a.go");
  });

  test("a renamed directory is seen under both names, and later edits below it", async () => {
    place.write("old/deep/a.go", "a");
    watched = await start(place, source);
    renameSync(place.at("old"), place.at("new"));
    await watched.told("old/deep/a.go", "new/deep/a.go");
    await watched.settled();
    watched.forget();
    place.append("new/deep/a.go", "more");
    await watched.told("new/deep/a.go");
  });

  test("a directory deleted and made again at once is seen, and later edits in it, eight times", async () => {
    place.write("d/e/a.go", "0");
    watched = await start(place, source);
    for (let round = 1; round <= 8; round++) {
      watched.forget();
      rmSync(place.at("d"), { recursive: true });
      place.write("d/e/a.go", `version ${round}`);
      await watched.told("d/e/a.go");
      await watched.settled();
      watched.forget();
      place.append("d/e/a.go", "more");
      await watched.told("d/e/a.go");
      await watched.settled();
    }
  });

  test("two directories swapped by rename are seen, and later edits in both", async () => {
    place.write("a/x.go", "from a");
    place.write("b/x.go", "from b, longer");
    watched = await start(place, source);
    for (let round = 0; round < 4; round++) {
      watched.forget();
      renameSync(place.at("a"), place.at("swap"));
      renameSync(place.at("b"), place.at("a"));
      renameSync(place.at("swap"), place.at("b"));
      await watched.told("a/x.go", "b/x.go");
      await watched.settled();
      watched.forget();
      place.append("a/x.go", "more");
      await watched.told("a/x.go");
      place.append("b/x.go", "more");
      await watched.told("b/x.go");
      await watched.settled();
    }
  });

  test("the same bytes written again, touch and chmod are no change once contents are known", async () => {
    place.write("a.go", "same");
    place.write("b.go", "same");
    place.write("c.go", "same");
    place.write("d.go", "same");
    watched = await start(place, source);
    await watched.learned();
    place.write("a.go", "same");
    utimesSync(place.at("b.go"), new Date(), new Date());
    chmodSync(place.at("c.go"), 0o600);
    place.write("d.go.new", "same");
    renameSync(place.at("d.go.new"), place.at("d.go"));
    await watched.settled();
    watched.changes.size === 0 || expect([...watched.changes].filter((path) => path !== "d.go.new")).toEqual([]);
    expect([...watched.unchanged].sort()).toEqual(["a.go", "b.go", "d.go"]);
    place.write("a.go", "new!");
    await watched.told("a.go");
  });

  test("the same bytes written in vim's order are no change once contents are known, even if somebody looks in between", async () => {
    place.write("a.go", "same");
    watched = await start(place, source);
    await watched.learned();
    for (let round = 0; round < 30; round++) {
      const startedMs = performance.now();
      renameSync(place.at("a.go"), place.at("a.go~"));
      for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
      place.write("a.go", "same");
      unlinkSync(place.at("a.go~"));
      // A file that is away for longer has been deleted, and on a busy machine this may have taken longer.
      if (performance.now() - startedMs < 10) {
        await watched.settled();
        expect([...watched.changes]).toEqual([]);
      }
      await watched.settled();
      watched.forget();
    }
  });

  test("a file that is emptied and written with the same bytes is no change; while something is made it is given longer", async () => {
    let isMaking = false;
    place.write("a.go", "same");
    watched = await start(place, source, {}, { isMaking: () => isMaking });
    await watched.learned();
    for (const isLong of [false, true]) {
      isMaking = isLong;
      const startedMs = performance.now();
      const tookMs = (): number => performance.now() - startedMs;
      truncateSync(place.at("a.go"));
      // What is done now is seen while the file is empty: for longer than a save takes, if something is made.
      for (let turn = 0; turn < 4 || (isLong && tookMs() < 60); turn++)
        await new Promise((resolve) => setImmediate(resolve));
      place.write("a.go", "same");
      const isInTime = tookMs() < (isLong ? 1_500 : 10);
      await watched.settled();
      if (isInTime) expect([...watched.changes]).toEqual([]);
      watched.forget();
    }
    isMaking = false;
    truncateSync(place.at("a.go"));
    await watched.told("a.go");
  });

  test("another write within the same tick of the clock, of the same size, is told by its content", async () => {
    place.write("a.go", "0000");
    watched = await start(place, source);
    await watched.learned();
    // A time that both writes share, and that does not go by in the meantime.
    const tick = new Date(Date.now() + 60_000);
    for (let round = 1; round <= 5; round++) {
      watched.forget();
      place.write("a.go", `000${round}`);
      utimesSync(place.at("a.go"), tick, tick);
      await watched.told("a.go");
      await watched.settled();
    }
  });

  // Polling has nothing but the times to go by.
  test.skipIf(source === "poll")(
    "other bytes of the same size and time, as cp -p leaves them, are a change; chmod is none",
    async () => {
      const old = new Date(1_500_000_000_000);
      place.write("a.go", "aa");
      utimesSync(place.at("a.go"), old, old);
      watched = await start(place, source);
      await watched.learned();
      chmodSync(place.at("a.go"), 0o600);
      utimesSync(place.at("a.go"), old, old);
      await watched.settled();
      expect([...watched.changes]).toEqual([]);
      for (const text of ["bb", "cc"]) {
        place.write("a.go", text);
        utimesSync(place.at("a.go"), old, old);
        await watched.told("a.go");
        await watched.settled();
        watched.forget();
      }
    },
  );

  test("an output of ours that is renamed is no change, however often it was looked at in the tick in which it was written", async () => {
    watched = await start(place, source, {}, { isOutput: (_, path) => path === place.at("app.txt") });
    for (const text of ["1", "2", "3"]) {
      place.append("app.txt", text);
      for (let look = 1; look <= 3; look += 1) await watched.watching.lookAtAll();
    }
    renameSync(place.at("app.txt"), place.at("app.md"));
    await watched.settled();
    expect([...watched.changes]).toEqual(["app.md"]);
  });

  test("touch is a change when unchanged files count", async () => {
    place.write("a.go", "same");
    watched = await start(place, source, {}, { ignoreUnchanged: false });
    utimesSync(place.at("a.go"), new Date(), new Date());
    await watched.told("a.go");
  });

  test("a file with an older time of modification is a change", async () => {
    place.write("a.go", "same size 1");
    watched = await start(place, source);
    place.write("a.go.new", "same size 2");
    utimesSync(place.at("a.go.new"), new Date(1_000_000), new Date(1_000_000));
    renameSync(place.at("a.go.new"), place.at("a.go"));
    await watched.told("a.go");
  });

  test("a file truncated to nothing is told as empty", async () => {
    place.write("a.go", "something");
    watched = await start(place, source);
    await watched.learned();
    truncateSync(place.at("a.go"), 0);
    await watched.told("a.go");
    expect(
      watched.facts.some((fact) => fact.type === "changed" && [...fact.changes.values()].some(({ empty }) => empty)),
    ).toBe(true);
  });

  test("a file that is deleted is told, also when its content was known", async () => {
    place.write("a.go", "something");
    watched = await start(place, source);
    await watched.learned();
    unlinkSync(place.at("a.go"));
    await watched.told("a.go");
  });

  test.each([3, 10, 20, 45])(
    "the second of two writes %i ms apart, of the same size, is always seen",
    async (gapMs) => {
      place.write("a.go", "00000000");
      watched = await start(place, source);
      await watched.learned();
      for (let round = 0; round < 8; round++) {
        const first = String(round * 2 + 10_000_000);
        const second = String(round * 2 + 10_000_001);
        watched.forget();
        place.write("a.go", first);
        const at = performance.now() + gapMs;
        while (performance.now() < at) await new Promise((resolve) => setImmediate(resolve));
        const before = watched.counts.get("a.go") ?? 0;
        place.write("a.go", second);
        // The first write may have been seen before the second, or with it.
        await watched.until("the second write", () => (watched?.counts.get("a.go") ?? 0) > before);
        await watched.settled();
        // Were the second not seen, the same bytes once more would be a change now.
        watched.forget();
        place.write("a.go", second);
        await watched.settled();
        expect([...watched.changes]).toEqual([]);
      }
    },
  );

  test("of a thousand files in one go, every one is seen", async () => {
    watched = await start(place, source);
    const paths = Array.from({ length: 1000 }, (_, index) => `p${index % 25}/q${index % 5}/f${index}.go`);
    for (const path of paths) place.write(path, path);
    await watched.told(...paths);
  });

  test("an excluded directory is never entered", async () => {
    place.write("node_modules/a/index.js", "x");
    place.write("packages/one/node_modules/b/index.js", "x");
    place.write("vendor/c.go", "x");
    watched = await start(place, source, { excludeDirs: ["vendor"] });
    place.append("node_modules/a/index.js", "y");
    place.append("packages/one/node_modules/b/index.js", "y");
    place.append("vendor/c.go", "y");
    await watched.settled();
    expect([...watched.changes]).toEqual([]);
  });

  test("an edited ignore file counts at once", async () => {
    place.mkdir(".git");
    place.write(".gitignore", "*.gen.go\n");
    place.write("a.gen.go", "a");
    place.write("b.go", "b");
    place.write("out/c.go", "c");
    watched = await start(place, source);
    place.append("a.gen.go", "more");
    await watched.settled();
    expect([...watched.changes]).toEqual([]);
    place.write(".gitignore", "out/\nb.go\n");
    await watched.told(".gitignore");
    await watched.settled();
    // What became visible has not changed by that.
    expect([...watched.changes]).toEqual([".gitignore"]);
    watched.forget();
    place.append("b.go", "more");
    place.append("out/c.go", "more");
    place.append("a.gen.go", "more");
    await watched.told("a.gen.go");
    await watched.settled();
    expect([...watched.changes]).toEqual(["a.gen.go"]);
    place.remove(".gitignore");
    await watched.told(".gitignore");
    await watched.settled();
    watched.forget();
    place.append("b.go", "more");
    place.append("out/c.go", "more");
    await watched.told("b.go", "out/c.go");
  });

  test("names with spaces, quotes, newlines, brackets, stars, backslashes, dashes and Unicode in both forms are seen as they are", async () => {
    const names = [
      "a b",
      'it\'s "q"',
      "line\nbreak",
      "[brackets]",
      "*",
      "back\\slash",
      "-rf",
      "é",
      "e\u0301",
      "日本語",
      "🙂",
    ];
    for (const name of names) place.write(`${name}/${name}.go`, "x");
    watched = await start(place, source);
    for (const name of names) place.append(`${name}/${name}.go`, "y");
    await watched.told(...names.map((name) => `${name}/${name}.go`));
  });

  test("links are watched as links, and loops of them are no trouble", async () => {
    place.write("real/a.go", "a");
    mkdirSync(place.at("loop"));
    symlinkSync("..", place.at("loop/up"));
    symlinkSync("../..", place.at("loop/upper"));
    symlinkSync("self", place.at("self"));
    symlinkSync("nowhere", place.at("broken"));
    symlinkSync("real", place.at("current"));
    watched = await start(place, source);
    place.append("real/a.go", "b");
    await watched.told("real/a.go");
    await watched.settled();
    expect([...watched.counts]).toEqual([["real/a.go", 1]]);
    unlinkSync(place.at("current"));
    symlinkSync("loop", place.at("current"));
    await watched.told("current");
  });

  test("fifos and sockets are passed over", async (context) => {
    if (spawnSync("mkfifo", [place.at("pipe")]).status !== 0) return context.skip("no mkfifo");
    watched = await start(place, source);
    place.write("a.go", "a");
    await watched.told("a.go");
    expect(existsSync(place.at("pipe"))).toBe(true);
  });

  test.skipIf(isRoot)("an unreadable directory is a warning, and is watched once it can be read", async () => {
    place.write("secret/a.go", "a");
    chmodSync(place.at("secret"), 0o000);
    watched = await start(place, source);
    place.write("b.go", "b");
    await watched.told("b.go");
    chmodSync(place.at("secret"), 0o755);
    await watched.told("secret/a.go");
  });

  test("a deleted root is a warning, and is watched again when it is back", async () => {
    place.write("src/a.go", "a");
    watched = await start(place, source);
    for (let round = 0; round < 3; round++) {
      rmSync(place.root, { recursive: true });
      await watched.until("a warning", () => (watched?.problems.length ?? 0) > 0);
      place.write("src/a.go", `version ${round}`);
      await watched.told("src/a.go");
      await watched.settled();
      watched.forget();
      place.append("src/a.go", "more");
      await watched.told("src/a.go");
      await watched.settled();
      watched.forget();
    }
  });

  test("a root replaced by another at once is seen", async () => {
    place.write("src/a.go", "a");
    mkdirSync(join(place.root, "..", "other", "src"), { recursive: true });
    writeFileSync(join(place.root, "..", "other", "src", "a.go"), "other");
    watched = await start(place, source);
    renameSync(place.root, join(place.root, "..", "away"));
    renameSync(join(place.root, "..", "other"), place.root);
    await watched.told("src/a.go");
    await watched.settled();
    watched.forget();
    place.append("src/a.go", "more");
    await watched.told("src/a.go");
  });

  test("a file that becomes a directory, and a directory that becomes a file, are seen", async () => {
    place.write("a", "file");
    place.write("b/x.go", "x");
    watched = await start(place, source);
    place.remove("a");
    place.write("a/y.go", "y");
    await watched.told("a", "a/y.go");
    place.remove("b");
    place.write("b", "file");
    await watched.told("b", "b/x.go");
    await watched.settled();
    watched.forget();
    place.append("a/y.go", "more");
    place.append("b", "more");
    await watched.told("a/y.go", "b");
  });
});
