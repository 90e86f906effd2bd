/** What a build writes into the tree calls for nothing, once it is known: one save is one build and one start, for the saved file alone. */
import { describe, expect, test } from "vitest";
import { newProject, type Project } from "../rig/project.ts";
import { type Reload, reload } from "../rig/reload.ts";
import { until } from "../rig/until.ts";

/** Each start logs what it was for, in a line. */
const program = (log: string): string =>
  `printf '%s' "$RELOAD_CHANGED" | tr '\\n' , >> "${log}"; echo >> "${log}"; exec sleep 1000`;

interface Session extends AsyncDisposable {
  readonly program: Reload;
  readonly project: Project;
  /** Saves `src.txt` in one step and returns what was started until it is answered. */
  save(text: string): Promise<string[]>;
  /** Saves, and waits for what comes of it besides; returns how many starts there were before that. */
  saveAndWait(text: string): Promise<number>;
  /** Saves until a save calls for nothing but itself. */
  settle(): Promise<void>;
  /** How many builds have begun. */
  builds(): number;
}

async function begin(build: string, files: Readonly<Record<string, string>> = {}): Promise<Session> {
  const project = newProject({ "src.txt": "0", ...files });
  const outside = newProject();
  // What has come through a pipe may be read later than what is in a file: both are counted in files.
  const counted = `echo >> "${outside.path("builds")}"; ${build}`;
  const started = reload(["--verbose", "-b", counted, "--", "sh", "-c", program(outside.path("starts"))], {
    cwd: project.directory,
  });
  const starts = (): string[] => outside.read("starts").split("\n").slice(0, -1);
  const seen = (): string => `${started.seen()}\n── ${JSON.stringify(starts())}`;
  await started.says(/watching \d/);
  await until("the first start", () => starts().length > 0, seen);
  const session: Session = {
    program: started,
    project,
    async save(text) {
      const before = starts().length;
      project.replace("src.txt", text);
      const isAnswered = (): boolean => starts().some((line, index) => index >= before && line.includes("src.txt"));
      await until("the start", isAnswered, seen);
      return starts().slice(before);
    },
    async saveAndWait(text) {
      await session.save(text);
      const before = starts().length;
      // Who writes what it is not known yet is found out in pauses.
      await until("another start", () => starts().length > before, seen, 2_500).catch(() => {});
      return before;
    },
    async settle() {
      for (let round = 1; round <= 8; round += 1) {
        const before = await session.saveAndWait(`settling ${round}`);
        const again = [...(await session.save(`settling ${round} a`)), ...(await session.save(`settling ${round} b`))];
        if (starts().length === before + 2 && again.join() === "src.txt,src.txt") return;
      }
      throw new Error(`never settles: ${seen()}`);
    },
    builds: () => outside.read("builds").length,
    async [Symbol.asyncDispose]() {
      await started.stop();
      outside[Symbol.dispose]();
      project[Symbol.dispose]();
    },
  };
  return session;
}

describe("a build that writes into the tree, once that is known", () => {
  test.each([
    ["one file", "cat src.txt > out.txt"],
    ["a file through a temporary", "cat src.txt > out.txt.tmp1; sleep 0.4; mv out.txt.tmp1 out.txt"],
    ["a file of more than a megabyte", "(cat src.txt; head -c 2000000 /dev/zero) > out.bin"],
    ["three hundred files", "mkdir -p gen; tee $(seq -f gen/%g.txt 300) < src.txt > /dev/null"],
    [
      "a directory that it removes first",
      "rm -rf dist; sleep 0.1; mkdir dist; cp src.txt dist/a.txt; cp src.txt dist/b.txt",
    ],
  ])("(%s) is one build and one start for each save", async (_, build) => {
    await using session = await begin(build);
    await session.settle();
    for (let save = 1; save <= 3; save += 1) {
      const before = session.builds();
      expect(await session.save(`${save}`.repeat(save)), session.program.seen()).toEqual(["src.txt"]);
      expect(session.builds() - before, session.program.seen()).toBe(1);
    }
  });
});

test("a build that writes only what differs is named, with what to do about its second build", async () => {
  await using session = await begin("cmp -s src.txt out.txt || cp src.txt out.txt; sleep 0.1", { "out.txt": "0" });
  const advice = /out\.txt has changed only while builds ran.*exclude_files = \["out\.txt"\]/;
  for (let round = 1; !advice.test(session.program.stderr) && round <= 8; round += 1)
    await session.save(`round ${round}`);
  const said = session.program.stderr.match(new RegExp(advice, "g"));
  expect(said, session.program.stderr).toHaveLength(1);
  expect(session.program.stderr).not.toMatch(/src\.txt has changed in/);
});

test("a dozen files that a build writes where they differ are named in one line, with the pattern", async () => {
  await using session = await begin(
    "mkdir -p gen; for n in $(seq 12); do cmp -s src.txt gen/$n.txt || cp src.txt gen/$n.txt; done; sleep 0.1",
  );
  const advice = /gen\/\d+\.txt and \d+ more have changed only while builds ran.*exclude_files = \["gen\/\*\.txt"\]/;
  for (let round = 1; !advice.test(session.program.stderr) && round <= 8; round += 1)
    await session.saveAndWait(`round ${round}`);
  for (let round = 1; round <= 2; round += 1) await session.saveAndWait(`more ${round}`);
  expect(session.program.stderr).toMatch(advice);
  expect(session.program.stderr.match(/only while builds ran/g), session.program.stderr).toHaveLength(1);
});

test("a file that a build empties, and writes a while later with the same bytes, has not changed", async () => {
  await using session = await begin(": > out.txt; sleep 0.3; echo same > out.txt", { "out.txt": "same\n" });
  await session.settle();
  for (let save = 1; save <= 3; save += 1) {
    const before = session.builds();
    expect(await session.save(`save ${save}`), session.program.seen()).toEqual(["src.txt"]);
    expect(session.builds() - before, session.program.seen()).toBe(1);
  }
  expect(session.program.stderr).not.toMatch(/with every build/);
});
