import { symlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { app, starts } from "../rig/log.ts";
import { newProject } from "../rig/project.ts";
import { reload, reloadOnce } from "../rig/reload.ts";
import { until } from "../rig/until.ts";

describe("a project of air's, run by reload", () => {
  test("builds and runs in the working directory, watches root, and lets the shell read args_bin", async () => {
    using project = newProject({
      ".air.toml": `root = "web"
[build]
cmd = "mkdir -p tmp && pwd > tmp/where && cp app.mjs tmp/main"
full_bin = "MODE=dev node ./tmp/main"
args_bin = ["$MODE", "'a b'", "\${UNSET_HERE:-fallback}"]
delay = 5
include_ext = ["go"]
exclude_dir = ["assets"]
`,
      "web/main.go": "1",
      "web/assets/x.go": "1",
      "main.go": "1",
    });
    symlinkSync(app, project.path("app.mjs"));
    await using program = reload(["--verbose", "--", "c d", "$HOME"], {
      cwd: project.directory,
      env: { LOG: project.path("app.log"), MODE: "outer" },
    });
    const first = await until("it starts", () => starts(project)[0], program.seen);
    // $MODE is the shell's own, not the one that is set for the program: as with air.
    expect(first.args).toEqual(["outer", "a b", "fallback", "c d", "$HOME"]);
    expect(project.read("tmp/where")).toBe(`${project.directory}\n`);
    await program.says(/watching \d/);
    project.write("main.go", "2");
    project.write("web/assets/x.go", "2");
    project.write("web/main.go", "2");
    const second = await until("it starts again", () => starts(project)[1], program.seen);
    expect(second.changed).toBe("main.go");
    expect(starts(project)).toHaveLength(2);
  });

  test("runs the words of an entrypoint as they are", async () => {
    using project = newProject({
      ".air.toml": `[build]\ncmd = ":"\nentrypoint = ["node", ${JSON.stringify(app)}, "a b", "$HOME", "*.go", "--", "x;y"]\n`,
    });
    await using program = reload([], { cwd: project.directory, env: { LOG: project.path("app.log") } });
    const start = await until("it starts", () => starts(project)[0], program.seen);
    expect(start.args).toEqual(["a b", "$HOME", "*.go", "--", "x;y"]);
  });

  test("with -c and another name, and with a key that air does not know", async () => {
    using project = newProject({ "conf/.air.worker.toml": '[build]\ncmd = ":"\nbin = "echo it runs"\nbind = "x"\n' });
    project.write("echo", "");
    const result = await reloadOnce(["--once", "-c", "conf/.air.worker.toml"], { cwd: project.directory });
    expect(result.stderr).toMatch(/conf\/\.air\.worker\.toml:4:1: warning: air has no key build\.bind; ignored/);
    // A bare name is one in the working directory, and this one is no program.
    expect(result.code).toBe(126);
  });
});
