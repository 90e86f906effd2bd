/** What is named outright, through the program: one judge for all roots, and it hears of edits. */
import { describe, expect, test } from "vitest";
import { app, starts } from "../rig/log.ts";
import { newProject } from "../rig/project.ts";
import { reload } from "../rig/reload.ts";
import { until } from "../rig/until.ts";

describe("a directory that git ignores", () => {
  test("counts beside the project, and when it is named twice an edit of the patterns reaches it", async () => {
    const config = (more: string): string => `[proc]\ncmd = ["node", ${JSON.stringify(app)}]\n[watch]\n${more}\n`;
    using project = newProject({
      "app/.reload.toml": config(""),
      "app/.gitignore": "gen/\n",
      "app/.git/HEAD": "",
      "app/gen/x.go": "1",
      "app/gen/y.go": "1",
      "lib/z.go": "1",
    });
    const lib = project.path("lib");
    await using program = reload(["-w", ".", "-w", "gen", "-w", "./gen", "-w", "../lib", "-w", lib, "--verbose"], {
      cwd: project.path("app"),
      env: { LOG: project.path("app.log") },
    });
    await until("it starts", () => starts(project)[0], program.seen);
    await program.says(/watching \d/);
    project.write("app/gen/x.go", "2");
    expect((await until("it starts again", () => starts(project)[1], program.seen)).changed).toBe("gen/x.go");
    project.write("app/.reload.toml", config('exclude_files = ["x.go", "z.go"]'));
    await program.says(/exclude_files/);
    project.write("app/gen/x.go", "3");
    project.write("lib/z.go", "3");
    project.write("app/gen/y.go", "3");
    const third = await until("it starts a third time", () => starts(project)[2], program.seen);
    expect(third.changed).toBe("gen/y.go");
  });
});
