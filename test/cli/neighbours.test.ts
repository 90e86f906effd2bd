/** One `reload` for one configuration file, and what lies beside the project. */
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { newProject } from "../rig/project.ts";
import { isAlive, reload, reloadOnce } from "../rig/reload.ts";
import { appCommand, session } from "../rig/session.ts";

describe("a second reload on one configuration file", () => {
  test("says who is first and how to end it, whatever differs between the shells, and ends with 2", async () => {
    await using its = await session();
    const { project, program, starts } = its;
    using elsewhere = newProject();
    const link = elsewhere.path("link");
    symlinkSync(project.directory, link);
    const other = elsewhere.directory;
    for (const options of [
      { cwd: project.directory },
      { cwd: project.directory, env: { TMPDIR: other, XDG_RUNTIME_DIR: other, HOME: other } },
      { cwd: project.directory, env: { TMPDIR: undefined, XDG_RUNTIME_DIR: undefined } },
      { cwd: link, env: { PWD: link } },
    ]) {
      const second = await reloadOnce([], options);
      expect(second.code, second.stderr).toBe(2);
      expect(second.stderr).toMatch(
        new RegExp(
          `already running for \\.reload\\.toml \\(pid ${program.pid}\\)\\n.*up for \\d+s; .*kill ${program.pid}\\b`,
        ),
      );
    }
    const byName = await reloadOnce(["-c", join(link, ".reload.toml")], { cwd: elsewhere.directory });
    expect(byName.code, byName.stderr).toBe(2);
    expect(isAlive(starts[0]?.pid ?? 0)).toBe(true);
    expect(await program.stop()).toEqual({ code: 143, signal: null });
    // Nothing of it is left for the next one.
    const next = await reloadOnce(["--proc.on_exit", "quit", "--proc.cmd", "exit 7"], { cwd: project.directory });
    expect(next.code, next.stderr).toBe(7);
  });

  test("with another profile starts, and says who else there is", async () => {
    await using its = await session({ files: { ".reload.ci.toml": `[proc]\ncmd = ${appCommand}\n` } });
    await using second = reload(["--profile", "ci"], {
      cwd: its.project.directory,
      env: { LOG: its.project.path("ci.log") },
    });
    await second.says(new RegExp(`also running for \\.reload\\.toml: pid ${its.program.pid}, without a profile`));
    await second.says(/running · run 1/);
  });
});
