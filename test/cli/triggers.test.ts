import { mkdirSync, renameSync, rmSync, unlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { session } from "../rig/session.ts";
import { until } from "../rig/until.ts";

const watchTxt = '[watch]\ninclude_files = [".txt"]\n';

/** How many inotify watches the process holds. */
async function watchesOf(pid: number): Promise<number> {
  const { readdirSync, readFileSync } = await import("node:fs");
  return readdirSync(`/proc/${pid}/fdinfo`)
    .map((fd) => readFileSync(`/proc/${pid}/fdinfo/${fd}`, "utf8"))
    .reduce((count, info) => count + (info.match(/^inotify /gm)?.length ?? 0), 0);
}

describe("a restart", () => {
  test("comes once for each append, new file, rename and removal", async () => {
    await using running = await session({ config: watchTxt, files: { "a.txt": "1\n" } });
    const { project } = running;
    project.append("a.txt", "2\n");
    expect((await running.start(2)).changed).toBe("a.txt");
    project.write("b.txt", "1\n");
    expect((await running.start(3)).changed).toBe("b.txt");
    renameSync(project.path("b.txt"), project.path("c.txt"));
    expect((await running.start(4)).changed?.split("\n").sort()).toEqual(["b.txt", "c.txt"]);
    unlinkSync(project.path("c.txt"));
    expect((await running.start(5)).changed).toBe("c.txt");
    expect(running.starts).toHaveLength(5);
  });

  test("does not come for a file that does not match", async () => {
    await using running = await session({ config: watchTxt, files: { "a.txt": "1\n" } });
    running.project.write("a.md", "1\n");
    running.project.write("notes/b.md", "1\n");
    running.project.append("a.txt", "2\n");
    expect((await running.start(2)).changed).toBe("a.txt");
    expect(running.starts).toHaveLength(2);
  });

  test("comes for each save by rename, as careful editors do, and as vim does with a backup", async () => {
    await using running = await session({ config: watchTxt, files: { "a.txt": "0\n" } });
    const { project } = running;
    for (let save = 1; save <= 3; save += 1) {
      project.replace("a.txt", `${save}\n`);
      await running.start(1 + save);
    }
    for (let save = 1; save <= 3; save += 1) {
      renameSync(project.path("a.txt"), project.path("a.txt~"));
      project.write("a.txt", `again ${save}\n`);
      unlinkSync(project.path("a.txt~"));
      await running.start(4 + save);
    }
    expect(running.starts).toHaveLength(7);
  });

  test("comes at least every max_wait while somebody writes without rest", async () => {
    await using running = await session({
      config: `${watchTxt}max_wait = "700ms"\n`,
      files: { "a.txt": "0\n" },
      env: { READS: "a.txt" },
    });
    let count = 0;
    const writer = setInterval(() => {
      count += 1;
      running.project.write("a.txt", `${count}\n`);
    }, 30);
    try {
      await running.start(4);
    } finally {
      clearInterval(writer);
    }
    // The last content is in the last run, however the writing ended.
    const last = running.project.read("a.txt");
    await until("the last write is in a run", () => running.starts.at(-1)?.content === last, running.program.seen);
  });
});

describe("what is never looked into", () => {
  test("an ignored directory with many files holds no watch, and watching begins at once", async () => {
    await using running = await session({
      config: watchTxt,
      files: { "a.txt": "1\n", ".gitignore": "/big\n" },
      prepare: (project) => {
        for (let directory = 0; directory < 200; directory += 1) {
          mkdirSync(project.path(`big/${directory}/deep`), { recursive: true });
        }
      },
    });
    await running.program.says(/watching 1 director/);
    expect(await watchesOf(running.program.pid)).toBeLessThan(20);
    running.project.write("big/7/a.txt", "ignored\n");
    running.project.append("a.txt", "2\n");
    expect((await running.start(2)).changed).toBe("a.txt");
  });

  test("nested .gitignore files say as git would, negated patterns included", async () => {
    await using running = await session({
      config: '[watch]\ninclude_files = [".go"]\n',
      files: {
        "main.go": "package main\n",
        ".gitignore": "gen/*\n!gen/keep.go\n",
        "gen/a.go": "1\n",
        "gen/keep.go": "1\n",
        "sub/.gitignore": "*.go\n!keep.go\n",
        "sub/a.go": "1\n",
        "sub/keep.go": "1\n",
      },
      prepare: (project) => void project.git("init", "-q"),
    });
    const { project } = running;
    project.append("gen/a.go", "2\n");
    project.append("sub/a.go", "2\n");
    project.append("sub/keep.go", "2\n");
    expect((await running.start(2)).changed).toBe("sub/keep.go");
    project.append("gen/keep.go", "2\n");
    expect((await running.start(3)).changed).toBe("gen/keep.go");
    // An edited ignore file counts at once.
    project.write("sub/.gitignore", "");
    rmSync(project.path("gen/a.go"));
    project.append("sub/a.go", "3\n");
    await until(
      "a start for sub/a.go",
      () => running.starts.some(({ changed }) => changed?.includes("sub/a.go")),
      running.program.seen,
    );
  });
});
