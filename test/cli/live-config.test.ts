import { renameSync, rmSync, symlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { app, entries, startNumber, starts } from "../rig/log.ts";
import { newProject, type Project } from "../rig/project.ts";
import { isAlive, type Reload, reload, reloadOnce } from "../rig/reload.ts";
import { until } from "../rig/until.ts";

const file = ".reload.toml";

const text = (more: { watch?: string; args?: string; top?: string } = {}): string => `${more.top ?? ""}
[watch]
include_files = [".txt"]
${more.watch ?? ""}
[proc]
cmd = ${JSON.stringify(["node", app])}
args = [${more.args ?? ""}]
`;

async function begun(project: Project, env: Readonly<Record<string, string>> = {}): Promise<Reload> {
  const program = reload(["--verbose"], { cwd: project.directory, env: { LOG: project.path("app.log"), ...env } });
  try {
    await startNumber(project, 1, program.seen);
    await program.says(/watching \d/);
  } catch (error) {
    await program[Symbol.asyncDispose]();
    throw error;
  }
  return program;
}

describe("an edit of the configuration, while reload runs", () => {
  test("is named, and restarts nothing that it does not touch", async () => {
    using project = newProject({ [file]: text(), "a.txt": "1" });
    await using program = await begun(project);
    project.replace(file, text({ watch: 'debounce = "20ms"' }));
    await program.says(/configuration 2: watch\.debounce "auto" → "20ms"/);
    project.write("a.txt", "2");
    await startNumber(project, 2, program.seen);
    expect(starts(project).map(({ changed }) => changed)).toEqual(["", "a.txt"]);
  });

  test("restarts the process with the new command", async () => {
    using project = newProject({ [file]: text(), "a.txt": "1" });
    await using program = await begun(project);
    project.write(file, text({ args: '"new"' }));
    const second = await startNumber(project, 2, program.seen);
    expect(second.args).toEqual(["new"]);
    await program.says(/configuration 2: proc\.args \[\] → \["new"\]; restarts/);
    await program.says(/● \.reload\.toml changed → .*run 2/);
  });

  test("of how it is ended counts for the program that runs already", async () => {
    using project = newProject({ [file]: text(), "a.txt": "1" });
    await using program = await begun(project, { TRAP: "ignore" });
    project.write(file, `${text()}stop_signal = "SIGINT"\nstop_timeout = "300ms"\n`);
    await program.says(/configuration 2: proc\.stop_signal "SIGTERM" → "SIGINT"/);
    expect(starts(project)).toHaveLength(1);
    project.write("a.txt", "2");
    await startNumber(project, 2, program.seen);
    expect(entries(project).find(({ is }) => is === "asked")?.signal).toBe("SIGINT");
    await program.says(/did not end within 300ms of SIGINT: killed/);
  });

  test("aims the watcher anew", async () => {
    using project = newProject({ [file]: text(), "a.txt": "1", "b.md": "1" });
    await using program = await begun(project);
    project.write(file, text().replace('".txt"', '".md"'));
    await program.says(/configuration 2: watch\.include_files/);
    project.write("a.txt", "ignored now");
    project.write("b.md", "2");
    expect((await startNumber(project, 2, program.seen)).changed).toBe("b.md");
    expect(starts(project)).toHaveLength(2);
  });

  test("that is wrong changes nothing and is shown; the next right one applies", async () => {
    using project = newProject({ [file]: text(), "a.txt": "1" });
    await using program = await begun(project);
    const [first] = starts(project);
    project.write(file, text({ watch: 'debounce = "fast"' }));
    await program.says(/\.reload\.toml:4:12: watch\.debounce: "fast"/);
    await program.says(/configuration not changed · version 1 stays/);
    expect(isAlive(first?.pid ?? 0)).toBe(true);
    project.write(file, text({ watch: 'debounce = "30ms"', args: '"x"' }));
    expect((await startNumber(project, 2, program.seen)).args).toEqual(["x"]);
    expect(starts(project)).toHaveLength(2);
  });

  test.each([
    ["", 8],
    ['[build]\ncmd = "true"\n', 10],
  ])("that names a working directory which is not there leaves the process alone: %j", async (build, line) => {
    using project = newProject({ [file]: build + text(), "a.txt": "1" });
    await using program = await begun(project);
    project.write(file, `${build}${text()}cwd = "gone"\n`);
    await program.says(new RegExp(`\\.reload\\.toml:${line}:7: proc\\.cwd: "gone" does not exist`));
    await program.says(/configuration not changed · version 1 stays/);
    expect(isAlive(starts(project)[0]?.pid ?? 0)).toBe(true);
    project.write("gone/made", "");
    project.write(file, `${build}${text()}cwd = "gone"\n# now it is there\n`);
    await startNumber(project, 2, program.seen);
  });

  test("that removes the file keeps the last good version; a new file applies", async () => {
    using project = newProject({ [file]: text(), "a.txt": "1" });
    await using program = await begun(project);
    renameSync(project.path(file), project.path("kept.toml"));
    await program.says(/the configuration is gone · version 1 stays/);
    project.write("a.txt", "2");
    await startNumber(project, 2, program.seen);
    rmSync(project.path("kept.toml"));
    project.write(file, text({ args: '"back"' }));
    expect((await startNumber(project, 3, program.seen)).args).toEqual(["back"]);
  });

  test("takes the process away, and gives it back", async () => {
    using project = newProject({ [file]: `[build]\ncmd = "true"\n${text()}`, "a.txt": "1" });
    await using program = await begun(project);
    const [first] = starts(project);
    project.write(file, '[build]\ncmd = "true"\n');
    await until("the process is gone", () => !isAlive(first?.pid ?? 0), program.seen);
    project.write(file, `[build]\ncmd = "true"\n${text()}`);
    await startNumber(project, 2, program.seen);
  });

  test("that is a link is one of what it leads to, in the tree too", async () => {
    using project = newProject({
      "deploy/a.toml": text({ watch: 'exclude_files = ["app.log"]' }).replace('[".txt"]', '["**"]'),
      "a.txt": "1",
    });
    symlinkSync("deploy/a.toml", project.path(file));
    await using program = await begun(project);
    project.write("deploy/a.toml", project.read("deploy/a.toml").replace("args = []", 'args = ["new"]'));
    const second = await startNumber(project, 2, program.seen);
    expect(second).toMatchObject({ args: ["new"], changed: file });
    project.write("deploy/a.toml", "[proc");
    await program.says(/version 2 stays/);
    project.write("a.txt", "2");
    expect((await startNumber(project, 3, program.seen)).changed).toBe("a.txt");
  });

  test("says what is new about it, also when nothing else is, and says it once", async () => {
    const air = (more = "", args = ""): string => `${more}[build]\ncmd = "true"\nfull_bin = "node '${app}' ${args}"\n`;
    using project = newProject({ ".air.toml": air() });
    await using program = await begun(project);
    project.write(".air.toml", air("first_unknown = 1\n"));
    await program.says(/first_unknown; ignored/);
    project.write(".air.toml", air("second_unknown = 1\nfirst_unknown = 1\n", "again"));
    await program.says(/second_unknown; ignored/);
    await startNumber(project, 2, program.seen);
    expect(program.stderr.match(/first_unknown; ignored/g)).toHaveLength(1);
  });

  test("says that an env file is not there yet", async () => {
    using project = newProject({ [file]: text() });
    await using program = await begun(project);
    project.write(file, text({ top: 'env_files = ["typo.env"]' }));
    await program.says(/env file typo\.env does not exist yet/);
    project.write(file, text({ top: 'env_files = ["typo.env"]', watch: "debounce = 7" }));
    await program.says(/configuration 3/);
    expect(program.stderr.match(/typo\.env does not exist yet/g)).toHaveLength(1);
  });

  test("of a profile is one of the profile's file", async () => {
    using project = newProject({ [file]: text(), ".reload.dev.toml": "" });
    await using program = await begun(project, { RELOAD_PROFILE: "dev" });
    project.write(".reload.dev.toml", '[proc]\nargs = ["dev"]\n');
    expect(await startNumber(project, 2, program.seen)).toMatchObject({ args: ["dev"], changed: ".reload.dev.toml" });
    await program.says(/● \.reload\.dev\.toml changed → .*run 2/);
  });

  test("of an env file restarts with the new value, and its value is never printed", async () => {
    using project = newProject({ [file]: text({ top: 'env_files = [".env"]' }), ".env": "NAME=one\nSECRET=hush\n" });
    await using program = await begun(project);
    expect(starts(project)[0]?.name).toBe("one");
    project.replace(".env", "NAME=two-and-more\nSECRET=hushhush\n");
    expect(await startNumber(project, 2, program.seen)).toMatchObject({ name: "two-and-more", changed: ".env" });
    await program.says(/● \.env changed → .*run 2/);
    await program.says(/env_files: NAME; env_files: SECRET; restarts/);
    expect(program.stderr).not.toContain("hush");
    expect(program.stderr).not.toContain("two-and-more");
  });
});

describe("200 edits at random", () => {
  test("leave the last valid text in force after each", async () => {
    using project = newProject({ [file]: text() });
    await using program = await begun(project);
    let seed = 7;
    const random = (below: number): number => {
      // Park and Miller: the same edits in every run.
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    let valid = 0;
    for (let edit = 1; edit <= 200; edit += 1) {
      const isValid = random(3) > 0;
      const next = isValid
        ? text({ watch: `debounce = "${edit}ms"` })
        : [text({ watch: "debounce = " }), "", `[bild]\n${text()}`, text({ watch: 'max_wait = "never"' })][random(4)];
      // The same wrong text twice in a row is no news.
      const whole = `# edit ${edit}\n${next}`;
      const before = program.stderr.length;
      if (random(2) === 0) project.replace(file, whole);
      else project.write(file, whole);
      if (isValid) {
        valid += 1;
        await program.says(new RegExp(`configuration \\d+: watch\\.debounce .* → "${edit}ms"`), before);
      } else await program.says(/configuration not changed · version \d+ stays/, before);
    }
    expect(valid).toBeGreaterThan(100);
    expect(starts(project)).toHaveLength(1);
    expect(program.stderr.match(/configuration (\d+):/g)).toHaveLength(valid);
  });
});

describe("--once", () => {
  test("reads its configuration once", async () => {
    using project = newProject({ [file]: `[proc]\ncmd = '''echo broken > ${file}; sleep 0.3'''\n` });
    const result = await reloadOnce(["--once"], { cwd: project.directory });
    expect(result.code, result.stderr).toBe(0);
    expect(result.stderr).not.toContain("configuration");
  });
});
