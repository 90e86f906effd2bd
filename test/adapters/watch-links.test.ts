/** `follow_symlinks`: what a link leads to is watched, once, whatever becomes of the link. */
import {
  appendFileSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makePlace, type Place, type Source, sources, start, type Watched } from "./watch-rig.ts";

describe.each(sources)("with followed links, %s", (source: Source) => {
  let place: Place;
  let watched: Watched | undefined;
  let outside: string;

  const begin = (): Promise<Watched> => start(place, source, {}, { followSymlinks: true });

  beforeEach(() => {
    place = makePlace();
    outside = join(place.root, "..", "outside");
    mkdirSync(join(outside, "deep"), { recursive: true });
    writeFileSync(join(outside, "deep", "a.go"), "a");
    writeFileSync(join(outside, "file.go"), "f");
  });

  afterEach(async () => {
    await watched?.close();
    watched = undefined;
    place.clean();
  });

  test("an edit in a directory outside that a link leads to is seen by the link's path", async () => {
    symlinkSync("../outside", place.at("lib"));
    watched = await begin();
    appendFileSync(join(outside, "deep", "a.go"), "more");
    await watched.told("lib/deep/a.go");
    mkdirSync(join(outside, "new"));
    writeFileSync(join(outside, "new", "b.go"), "b");
    await watched.told("lib/new/b.go");
  });

  test("an edit of a file outside that a link leads to is seen, and a save of it by rename", async () => {
    symlinkSync("../outside/file.go", place.at("file.go"));
    watched = await begin();
    appendFileSync(join(outside, "file.go"), "more");
    await watched.told("file.go");
    await watched.settled();
    watched.forget();
    writeFileSync(join(outside, "file.go.new"), "renamed over");
    renameSync(join(outside, "file.go.new"), join(outside, "file.go"));
    await watched.told("file.go");
  });

  test("what is in the tree anyway is seen once, by its own path", async () => {
    place.write("real/a.go", "a");
    place.write("b.go", "b");
    symlinkSync("real", place.at("alias"));
    symlinkSync("../real", place.at("real/self"));
    symlinkSync("b.go", place.at("c.go"));
    watched = await begin();
    place.append("real/a.go", "more");
    place.append("b.go", "more");
    await watched.told("real/a.go", "b.go");
    await watched.settled();
    expect([...watched.changes].sort()).toEqual(["b.go", "real/a.go"]);
  });

  test("loops of links and links to what is above are no trouble", async () => {
    place.write("a/x.go", "x");
    place.write("b/y.go", "y");
    symlinkSync("..", place.at("a/up"));
    symlinkSync("../..", place.at("b/up"));
    symlinkSync("../a", place.at("b/a"));
    symlinkSync("../b", place.at("a/b"));
    symlinkSync("round", place.at("round"));
    symlinkSync("two", place.at("one"));
    symlinkSync("one", place.at("two"));
    watched = await begin();
    place.append("a/x.go", "more");
    place.append("b/y.go", "more");
    await watched.told("a/x.go", "b/y.go");
    await watched.settled();
    expect([...watched.changes].sort()).toEqual(["a/x.go", "b/y.go"]);
  });

  test("a link that is made to lead elsewhere is a change of all that differs, and later edits are seen there", async () => {
    for (const version of ["v1", "v2"]) {
      mkdirSync(join(outside, version));
      writeFileSync(join(outside, version, "app.go"), `version ${version}`);
    }
    symlinkSync("../outside/v1", place.at("current"));
    watched = await begin();
    symlinkSync("../outside/v2", place.at("current.new"));
    renameSync(place.at("current.new"), place.at("current"));
    await watched.told("current/app.go");
    await watched.settled();
    watched.forget();
    appendFileSync(join(outside, "v2", "app.go"), "more");
    await watched.told("current/app.go");
    await watched.settled();
    watched.forget();
    appendFileSync(join(outside, "v1", "app.go"), "nobody is interested");
    await watched.settled();
    expect([...watched.changes]).toEqual([]);
  });

  test("a mounted config map is swapped as a whole", async () => {
    place.write("config/..v1/app.yaml", "1");
    symlinkSync("..v1", place.at("config/..data"));
    symlinkSync("..data/app.yaml", place.at("config/app.yaml"));
    watched = await start(place, source, { includeFiles: ["config/app.yaml", "mark-*"] }, { followSymlinks: true });
    for (let version = 2; version <= 4; version++) {
      place.write(`config/..v${version}/app.yaml`, String(version));
      symlinkSync(`..v${version}`, place.at("config/..data_tmp"));
      renameSync(place.at("config/..data_tmp"), place.at("config/..data"));
      rmSync(place.at(`config/..v${version - 1}`), { recursive: true });
      await watched.told("config/app.yaml");
      await watched.settled();
      watched.forget();
    }
  });

  test("a broken link is watched once what it leads to exists", async () => {
    symlinkSync("../outside/later", place.at("lib"));
    symlinkSync("../outside/later.go", place.at("later.go"));
    watched = await begin();
    mkdirSync(join(outside, "later"));
    writeFileSync(join(outside, "later", "a.go"), "a");
    writeFileSync(join(outside, "later.go"), "a");
    await watched.told("lib/a.go", "later.go");
    await watched.settled();
    watched.forget();
    appendFileSync(join(outside, "later", "a.go"), "more");
    appendFileSync(join(outside, "later.go"), "more");
    await watched.told("lib/a.go", "later.go");
  });

  test("a link that is removed takes its files with it, and another link to them is seen then", async () => {
    symlinkSync("../outside", place.at("first"));
    symlinkSync("../outside", place.at("second"));
    watched = await begin();
    const seen = ["first", "second"];
    appendFileSync(join(outside, "file.go"), "more");
    await watched.until("either", () => seen.some((name) => watched?.changes.has(`${name}/file.go`)));
    await watched.settled();
    const [by, other] = watched.changes.has("first/file.go") ? seen : seen.reverse();
    expect([...watched.changes]).toEqual([`${by}/file.go`]);
    watched.forget();
    unlinkSync(place.at(by ?? ""));
    await watched.told(`${by}/file.go`, `${other}/file.go`);
    await watched.settled();
    watched.forget();
    appendFileSync(join(outside, "file.go"), "more");
    await watched.told(`${other}/file.go`);
  });

  test("a file in a directory that was watched by a link which leads elsewhere by now is seen by the link to it", async () => {
    mkdirSync(join(outside, "other"));
    writeFileSync(join(outside, "other", "a.go"), "other");
    place.write("b.go", "b");
    symlinkSync("../outside/deep", place.at("current"));
    symlinkSync("b.go", place.at("one.go"));
    watched = await begin();
    symlinkSync("../outside/other", place.at("next"));
    renameSync(place.at("next"), place.at("current"));
    await watched.told("current/a.go");
    await watched.settled();
    unlinkSync(place.at("one.go"));
    symlinkSync("../outside/deep/a.go", place.at("one.go"));
    await watched.told("one.go");
    await watched.settled();
    watched.forget();
    appendFileSync(join(outside, "deep", "a.go"), "more");
    await watched.told("one.go");
  });
});

test("a file that is written by another name of it, outside, is seen, again and again", async () => {
  const place = makePlace();
  const outside = join(place.root, "..", "other.go");
  place.write("sub/a.go", "a");
  linkSync(place.at("sub/a.go"), outside);
  const watched = await start(place, "native");
  try {
    for (const text of ["b", "two"]) {
      watched.forget();
      appendFileSync(outside, text);
      await watched.told("sub/a.go");
    }
  } finally {
    await watched.close();
  }
});
