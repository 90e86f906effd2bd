/** When the system refuses or is late: out of watches, out of instances, unreadable directories, an overflowing queue. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Problem } from "../../src/core/problem.ts";
import { makePlace, type Place, start, type Watched } from "./watch-rig.ts";

const nobody = 65_534;
const isRoot = process.getuid?.() === 0;
const mustRun = process.env["RELOAD_TEST_REQUIRE_ALL"] === "1";
const hasNamespaces =
  spawnSync("unshare", ["-U", "-r", "sh", "-c", "echo 100 > /proc/sys/user/max_inotify_watches"]).status === 0;

let place: Place;
let child: Child | undefined;

beforeEach(() => {
  place = makePlace();
});

afterEach(async () => {
  await child?.end();
  child = undefined;
  place.clean();
});

interface Child {
  readonly warnings: readonly Problem[];
  readonly changes: ReadonlySet<string>;
  /** How many changes were told. */
  readonly told: number;
  until(what: string, holds: () => boolean): Promise<void>;
  forget(): void;
  end(): Promise<void>;
}

/** A watcher in a process of its own, under limits or as another user. */
async function startChild(command: readonly [string, ...string[]], options: { uid?: number } = {}): Promise<Child> {
  const process = spawn(command[0], command.slice(1), { stdio: ["pipe", "pipe", "inherit"], ...options });
  const warnings: Problem[] = [];
  const changes = new Set<string>();
  let isWatching = false;
  let told = 0;
  createInterface({ input: process.stdout }).on("line", (line) => {
    const fact = JSON.parse(line);
    if (fact.type === "warned") warnings.push(fact.problem);
    if (fact.type === "changed") told += 1;
    if (fact.type === "changed") for (const path of fact.paths) changes.add(path);
    if (fact.type === "watching") isWatching = true;
  });
  const until = async (what: string, holds: () => boolean): Promise<void> => {
    const endsAt = Date.now() + 20_000;
    while (!holds()) {
      if (Date.now() > endsAt)
        throw new Error(
          `waited for ${what}; told: ${JSON.stringify({ warnings, changes: [...changes].slice(0, 20) })}`,
        );
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const started: Child = {
    warnings,
    changes,
    get told() {
      return told;
    },
    until,
    forget: () => changes.clear(),
    end: () => ended(process),
  };
  child = started;
  await until("watching", () => isWatching);
  return started;
}

async function ended(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const exit = new Promise<void>((resolve) => process.once("exit", () => resolve()));
  process.stdin?.end();
  await exit;
}

const script = join(import.meta.dirname, "watch-child.mjs");

function limited(limit: string, value: number, ...args: string[]): readonly [string, ...string[]] {
  const set = `echo ${value} > /proc/sys/user/${limit} && exec "$0" "$@"`;
  return ["unshare", "-U", "-r", "sh", "-c", set, process.execPath, script, place.root, ...args];
}

test.skipIf(!hasNamespaces && !mustRun)(
  "a single file that is mounted is seen, also when it is written to elsewhere (user namespaces are needed)",
  async () => {
    place.write("src/my app.js", "inside");
    const outside = join(dirname(place.root), "app.js");
    writeFileSync(outside, "outside");
    const mount = `mount --bind "$1" "$2/src/my app.js" && exec "$3" "$4" "$2"`;
    const words = [outside, place.root, process.execPath, script];
    const watched = await startChild(["unshare", "-U", "-r", "-m", "sh", "-c", mount, "sh", ...words]);
    for (const text of ["once", "twice!"]) {
      const before = watched.told;
      writeFileSync(outside, text);
      await watched.until(text, () => watched.told > before);
    }
    expect([...watched.changes]).toEqual(["src/my app.js"]);
  },
);

test.skipIf(!hasNamespaces && !mustRun)(
  "of a single file that is mounted it is said, once, when it was replaced outside (user namespaces are needed)",
  async () => {
    place.write("app.js", "inside");
    const outside = join(dirname(place.root), "app.js");
    writeFileSync(outside, "outside");
    const mount = `mount --bind "$1" "$2/app.js" && exec "$3" "$4" "$2"`;
    const words = [outside, place.root, process.execPath, script];
    const watched = await startChild(["unshare", "-U", "-r", "-m", "sh", "-c", mount, "sh", ...words]);
    expect(watched.warnings).toEqual([]);
    writeFileSync(`${outside}.new`, "saved by rename");
    renameSync(`${outside}.new`, outside);
    await watched.until("it is said", () => watched.warnings.length > 0);
    expect(watched.warnings).toMatchObject([
      {
        code: "watch/limited",
        message: expect.stringContaining("app.js is mounted by itself, and was replaced outside"),
      },
    ]);
  },
);

test.skipIf(!hasNamespaces && !mustRun)(
  "a directory that is mounted, and let go, while it is watched is seen, and writes into it (user namespaces are needed)",
  async () => {
    place.write("late/before.go", "1");
    const go = join(dirname(place.root), "go");
    writeFileSync(go, "");
    const untilTold = (word: string): string => `until grep -qs ${word} "$4" || [ ! -e "$4" ]; do sleep 0.02; done`;
    const steps = [
      'exec 5<&0; "$1" "$2" "$3" <&5 &',
      `${untilTold("mount")}; mount -t tmpfs none "$3/late"; echo 1 > "$3/late/within.go"`,
      `${untilTold("write")}; echo 22 > "$3/late/within.go"`,
      `${untilTold("let")}; umount "$3/late"; wait`,
    ].join("\n");
    const words = [process.execPath, script, place.root, go];
    const watched = await startChild(["unshare", "-U", "-r", "-m", "sh", "-c", steps, "sh", ...words]);
    for (const word of ["mount", "write"]) {
      const before = watched.told;
      writeFileSync(go, word);
      await watched.until(word, () => watched.told > before && watched.changes.has("late/within.go"));
    }
    const before = watched.told;
    watched.forget();
    writeFileSync(go, "let");
    await watched.until("what is there again", () => watched.told > before && watched.changes.has("late/before.go"));
  },
);

describe.skipIf(!hasNamespaces && !mustRun)("under lower limits (user namespaces are needed)", () => {
  beforeEach(() => {
    for (let index = 0; index < 20; index++) place.write(`d${index}/a.go`, "a");
  });

  test("out of watches: the rest is polled, one line says so and what to do, and every change is seen", async () => {
    const watched = await startChild(limited("max_inotify_watches", 8));
    expect(watched.warnings).toMatchObject([
      {
        severity: "warning",
        message: "out of inotify watches: polling 13 of 21 directories",
        hint: "raise the limit: sudo sysctl fs.inotify.max_user_watches=524288",
      },
    ]);
    const paths = Array.from({ length: 20 }, (_, index) => `d${index}/a.go`);
    for (const path of paths) place.append(path, "more");
    await watched.until("all changes", () => paths.every((path) => watched.changes.has(path)));
    place.write("new/deep/b.go", "b");
    await watched.until("a new directory", () => watched.changes.has("new/deep/b.go"));
    expect(watched.warnings).toHaveLength(1);
  });

  test("out of instances: everything is polled, one line says so and what to do", async () => {
    const watched = await startChild(limited("max_inotify_instances", 0));
    expect(watched.warnings.map((problem) => `${problem.message} · ${problem.hint}`)).toEqual([
      "out of inotify instances: polling 21 of 21 directories · raise the limit: sudo sysctl fs.inotify.max_user_instances=1024",
    ]);
    place.append("d7/a.go", "more");
    place.write("d7/new.go", "new");
    place.remove("d8");
    const paths = ["d7/a.go", "d7/new.go", "d8/a.go"];
    await watched.until("all changes", () => paths.every((path) => watched.changes.has(path)));
  });

  test("without polling, what is not watched is said", async () => {
    const watched = await startChild(limited("max_inotify_watches", 8, "false"));
    expect(watched.warnings.map((problem) => problem.message)).toEqual([
      "out of inotify watches: 13 of 21 directories are not watched",
    ]);
  });
});

test.skipIf(!isRoot && !mustRun)(
  "an unreadable directory is one warning, and is watched once it can be read",
  async () => {
    chmodSync(dirname(place.root), 0o755);
    place.write("secret/a.go", "a");
    place.write("open/b.go", "b");
    chownSync(place.at("open"), nobody, nobody);
    chmodSync(place.at("secret"), 0o700);
    const watched = await startChild([process.execPath, script, place.root], { uid: nobody });
    expect(watched.warnings.map((problem) => problem.message)).toEqual(["cannot look into secret: permission denied"]);
    place.append("open/b.go", "more");
    await watched.until("the rest", () => watched.changes.has("open/b.go"));
    chmodSync(place.at("secret"), 0o755);
    await watched.until("the directory", () => watched.changes.has("secret/a.go"));
    place.append("secret/a.go", "more");
    place.write("secret/c.go", "c");
    await watched.until("a file in it", () => watched.changes.has("secret/c.go"));
    expect(watched.warnings).toHaveLength(1);
  },
);

test("when the kernel's queue overflows, everything is found all the same, also in directories that nobody told of", async () => {
  let watched: Watched | undefined;
  try {
    for (let index = 0; index < 20; index++) place.mkdir(`d${index}`);
    watched = await start(place, "native");
    // All in one go, so that nobody reads the queue of 16,384 events meanwhile: about 40,000 come.
    for (let index = 0; index < 13_000; index++) writeFileSync(place.at(`d${index % 20}/f${index}`), "x");
    mkdirSync(place.at("late/deep"), { recursive: true });
    writeFileSync(place.at("late/deep/a.go"), "a");
    renameSync(place.at("d0"), place.at("moved"));
    const all = [
      "late/deep/a.go",
      ...Array.from({ length: 13_000 }, (_, index) =>
        index % 20 === 0 ? `moved/f${index}` : `d${index % 20}/f${index}`,
      ),
    ];
    await watched.until("all files", () => all.every((path) => watched?.changes.has(path)));
    await watched.settled();
    watched.forget();
    place.append("late/deep/a.go", "more");
    place.append("moved/f0", "more");
    await watched.told("late/deep/a.go", "moved/f0");
  } finally {
    await watched?.close();
  }
});
