/** One `reload` for one configuration file, and what lies beside the project. */
import { spawnSync } from "node:child_process";
import { linkSync, mkdirSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { needs } from "../rig/needs.ts";
import { newProject, type Project } from "../rig/project.ts";
import { builtProgram, isAlive, reload, reloadOnce } from "../rig/reload.ts";
import { appCommand, session } from "../rig/session.ts";
import { until } from "../rig/until.ts";

/** A view of the processes for itself, as the same user. */
const ofItsOwn = ["-U", "-c", "-p", "-f", "--mount-proc"] as const;
const hasViews = needs("unshare") && spawnSync("unshare", [...ofItsOwn, "true"]).status === 0;

describe("a second reload on one configuration file", () => {
  test("says who is first and how to end it, whatever differs between the shells, and ends with 2", async () => {
    await using running = await session();
    const { project, program, starts } = running;
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
          `already running for \\.reload\\.toml \\(pid ${program.pid}\\)\\n  up for \\d+s\\n  talk to it: reload status, .*\\n  end it: reload stop, .*kill ${program.pid}\\n`,
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

  test("is told so as well, and can talk to it, by a link beside the file and where the directory has been moved", async () => {
    using outside = newProject({ "app/.reload.toml": `[proc]\ncmd = ${appCommand}\n` });
    await using first = reload([], { cwd: outside.path("app"), env: { LOG: outside.path("app.log") } });
    await first.says(/running · run 1/);
    linkSync(outside.path("app/.reload.toml"), outside.path("app/other.toml"));
    const byLink = await reloadOnce(["-c", "other.toml"], { cwd: outside.path("app") });
    expect(byLink.code, byLink.stderr).toBe(2);
    expect(byLink.stderr).toContain(`already running for other.toml (pid ${first.pid})`);
    renameSync(outside.path("app"), outside.path("moved"));
    const moved = await reloadOnce([], { cwd: outside.path("moved") });
    expect(moved.code, moved.stderr).toBe(2);
    expect(moved.stderr).toContain(`already running for .reload.toml (pid ${first.pid})`);
    const status = await reloadOnce(["status"], { cwd: outside.path("moved") });
    expect(status.stdout, status.stderr).toContain(`pid ${first.pid}`);
    // A copy is a project of its own.
    outside.write("copy/.reload.toml", outside.read("moved/.reload.toml"));
    const copy = await reloadOnce(["--proc.on_exit", "quit", "--proc.cmd", "exit 7"], { cwd: outside.path("copy") });
    expect(copy.code, copy.stderr).toBe(7);
  });

  test.runIf(hasViews)("is told so in another view of the processes, which has other pids", async () => {
    await using running = await session();
    const [node, cli] = builtProgram;
    const within = ["unshare", ...ofItsOwn, node, cli ?? ""] as const;
    await running.program.says(/watching \d/);
    await until(
      "it is listened to",
      async () => (await reloadOnce(["status"], { cwd: running.project.directory })).code === 0,
    );
    const second = await reloadOnce([], { cwd: running.project.directory, program: within });
    expect(second.code, second.stderr).toBe(2);
    expect(second.stderr).toContain(
      `already running for .reload.toml (pid ${running.program.pid} in another container)`,
    );
    const stop = await reloadOnce(["stop"], { cwd: running.project.directory, program: within });
    expect(stop.code, stop.stderr).toBe(0);
    expect((await running.program.ended).code).toBe(0);
  });

  test("with another profile starts, and says who else there is", async () => {
    await using running = await session({ files: { ".reload.ci.toml": `[proc]\ncmd = ${appCommand}\n` } });
    await using second = reload(["--profile", "ci"], {
      cwd: running.project.directory,
      env: { LOG: running.project.path("ci.log") },
    });
    await second.says(new RegExp(`also running for \\.reload\\.toml: pid ${running.program.pid}, without a profile`));
    await second.says(/running · run 1/);
  });
});

describe.runIf(needs("git"))("a worktree of the same repository below the root", () => {
  const config = '[watch]\ninclude_files = [".txt"]\n';
  const prepare = (project: Project): void => {
    project.git("init", "-q");
    project.git("add", "a.txt");
    project.git("commit", "-qm", "first");
    project.git("worktree", "add", "-q", ".worktrees/f1");
  };

  test("is another project: saves in it do not restart the main checkout, also if it is added later", async () => {
    await using running = await session({ config, files: { "a.txt": "1", "plain/a.txt": "1" }, prepare });
    const { project } = running;
    project.append(".worktrees/f1/a.txt", "2");
    project.write(".worktrees/f1/new/b.txt", "1");
    project.git("worktree", "add", "-q", "later/f2");
    await until("the later one", () => project.has("later/f2/a.txt"));
    project.append("later/f2/a.txt", "2");
    project.write("later/f2/sub/b.txt", "1");
    project.append("plain/a.txt", "2");
    expect((await running.start(2)).changed).toBe("plain/a.txt");
    project.append("later/f2/sub/b.txt", "2");
    project.append("a.txt", "2");
    expect((await running.start(3)).changed).toBe("a.txt");
  });

  test("that is removed gives its name back: a directory of the project's own may have it", async () => {
    await using running = await session({ config, files: { "a.txt": "1" }, prepare });
    const { project } = running;
    project.git("worktree", "add", "-q", "f2");
    project.append("f2/a.txt", "2");
    project.append("a.txt", "2");
    expect((await running.start(2)).changed).toBe("a.txt");
    project.git("worktree", "remove", "--force", "f2");
    await until("it is gone", () => !project.has("f2"));
    project.write("f2/sub/a.txt", "1");
    expect((await running.start(3)).changed).toBe("f2/sub/a.txt");
    project.append("f2/sub/a.txt", "2");
    expect((await running.start(4)).changed).toBe("f2/sub/a.txt");
  });

  test("is watched where it is named, and from within", async () => {
    await using named = await session({ config, files: { "a.txt": "1" }, prepare, args: ["-w", ".worktrees/f1"] });
    named.project.append(".worktrees/f1/a.txt", "2");
    expect((await named.start(2)).changed).toBe(".worktrees/f1/a.txt");
    await using within = reload(["--verbose", "-e", "txt", "--proc.cmd", "cat a.txt; exec sleep 1000"], {
      cwd: named.project.path(".worktrees/f1"),
    });
    await within.says(/watching \d/);
    named.project.append(".worktrees/f1/a.txt", "3");
    await within.says(/a\.txt changed .* run 2/);
  });

  test("a submodule is not one", async () => {
    await using running = await session({
      config,
      files: { "a.txt": "1", "lib/a.txt": "1", "lib/.git": "gitdir: ../.git/modules/lib\n" },
      prepare: (project) => {
        project.git("init", "-q");
        mkdirSync(project.path(".git/modules/lib"), { recursive: true });
      },
    });
    running.project.append("lib/a.txt", "2");
    expect((await running.start(2)).changed).toBe("lib/a.txt");
  });
});
