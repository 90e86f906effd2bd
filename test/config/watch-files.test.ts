import { mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { watchFiles } from "../../src/config/store/watch-files.ts";
import { newProject, type Project } from "../rig/project.ts";
import { until } from "../rig/until.ts";

/** No look at the clock: what is seen here is seen by events alone. */
const byEvents = { restMs: 5, pollMs: 2 ** 30 };

/** Does one thing after the other. Each has been heard of when what a look reads is what the file then holds. */
async function hears(project: Project, file: string, acts: readonly (() => void)[]): Promise<void> {
  let read: string | undefined;
  const look = (): void => {
    read = project.read(file);
  };
  const watch = watchFiles([project.path(file)], look, byEvents);
  try {
    for (const act of acts) {
      const before = project.read(file);
      act();
      const after = project.read(file);
      expect(after).not.toBe(before);
      await until(`a look at ${JSON.stringify(after)}`, () => read === after);
    }
  } finally {
    watch.close();
  }
}

/** Counts the looks at a file. */
function count(project: Project, file: string, options: Parameters<typeof watchFiles>[2] = byEvents) {
  const counted = { looks: 0, watch: watchFiles([project.path(file)], () => void counted.looks++, options) };
  return counted;
}

describe("a watched file is looked at by events alone", () => {
  test("when it is written, replaced, deleted and made again", async () => {
    using project = newProject({ "a.toml": "1" });
    await hears(project, "a.toml", [
      () => project.write("a.toml", "2"),
      () => project.replace("a.toml", "3"),
      () => project.write("a.toml", "4"),
      () => rmSync(project.path("a.toml")),
      () => project.write("a.toml", "5"),
    ]);
  });

  test("when it did not exist, nor its directory", async () => {
    using project = newProject();
    await hears(project, "deep/er/a.toml", [
      () => {
        mkdirSync(project.path("deep"));
        mkdirSync(project.path("deep/er"));
        project.write("deep/er/a.toml", "1");
      },
      () => project.write("deep/er/a.toml", "2"),
    ]);
  });

  test("when a link on the way to it is swapped, as Kubernetes does", async () => {
    using project = newProject({ "..1/a.toml": "1", "..2/a.toml": "2", "..3/a.toml": "3" });
    symlinkSync("..1", project.path("..data"));
    symlinkSync("..data/a.toml", project.path("a.toml"));
    const swap = (name: string) => (): void => {
      symlinkSync(name, project.path("..tmp"));
      renameSync(project.path("..tmp"), project.path("..data"));
    };
    await hears(project, "a.toml", [swap("..2"), swap("..3"), () => project.write("..3/a.toml", "4")]);
  });

  test("when it is a link, and what it leads to is written in another directory", async () => {
    using project = newProject({ "real/a.toml": "1", "app/x": "" });
    symlinkSync("../real/a.toml", project.path("app/a.toml"));
    await hears(project, "app/a.toml", [
      () => project.write("real/a.toml", "2"),
      () => project.replace("real/a.toml", "3"),
    ]);
  });

  test("but not when others are written beside it", async () => {
    using project = newProject({ "a.toml": "1" });
    const counted = count(project, "a.toml");
    const others = count(project, "a.log");
    project.write("a.log", "1");
    // Both have had the same event, and the one that it is meant for has looked.
    await until("a look at the log", () => others.looks > 0);
    counted.watch.close();
    others.watch.close();
    expect(counted.looks).toBe(0);
  });

  test("and also when it is written without any rest", async () => {
    using project = newProject({ "a.toml": "1" });
    const counted = count(project, "a.toml", { ...byEvents, restMs: 400 });
    const writer = setInterval(() => project.write("a.toml", String(performance.now())), 20);
    try {
      await until("a look", () => counted.looks > 0);
    } finally {
      clearInterval(writer);
      counted.watch.close();
    }
  });

  test("and is left alone once the watch is aimed elsewhere, or closed", async () => {
    using project = newProject({ "a.toml": "1", "b.toml": "1" });
    const counted = count(project, "a.toml");
    counted.watch.aim([project.path("b.toml")]);
    await hears(project, "a.toml", [() => project.write("a.toml", "2")]);
    expect(counted.looks).toBe(0);
    counted.watch.close();
    await hears(project, "b.toml", [() => project.write("b.toml", "2")]);
    expect(counted.looks).toBe(0);
  });
});
