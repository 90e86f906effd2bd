/** What the built program makes of services in files: refused with nothing started, run by a Procfile.dev, one picked. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { newProject } from "../rig/project.ts";
import { type Reload, reload } from "../rig/reload.ts";
import { cli } from "../rig/terminal.ts";
import { until } from "../rig/until.ts";

const prints = (program: Reload, line: RegExp): Promise<true> =>
  until(`stdout has ${line}`, () => line.test(program.stdout) || undefined, program.seen);

const touch = (name: string): string => `[service.${name}]\nproc.cmd = "touch started-${name}"\n`;

describe("with a mistake nothing is started, the exit code is 2, and the place is named:", () => {
  test.each<[string, string, readonly string[], string]>([
    [
      "an unknown service in after",
      `${touch("a")}after = ["b"]\n`,
      [],
      ".reload.toml:3:10: after: there is no service b",
    ],
    ["an unknown service in --only", touch("a"), ["--only", "b"], "--only: there is no service b"],
    [
      "a circle",
      `${touch("a")}after = ["b"]\n${touch("b")}after = ["a"]\n`,
      [],
      ".reload.toml:6:10: after: b is after a",
    ],
    [
      "a rule without match",
      `${touch("a")}[[service.a.rule]]\nrun = "x"\n`,
      [],
      ".reload.toml:3:13: rule: a rule needs match",
    ],
    [
      "nothing to do",
      `${touch("a")}[service.b]\nwatch = false\n`,
      [],
      ".reload.toml:3:10: service b has nothing to do",
    ],
    [
      "one port for two",
      `${touch("a")}proc.env.PORT = 8080\n${touch("b")}ready.tcp = 8080\n`,
      [],
      ".reload.toml:6:13: ready.tcp: port 8080 is that of service a",
    ],
    [
      "a command for nobody",
      `proc.cmd = "touch started-a"\n${touch("a")}`,
      [],
      ".reload.toml:1:12: [proc] cmd is of one",
    ],
    ["a COMMAND for nobody", touch("a"), ["--", "touch", "started-a"], "COMMAND: it takes the place of one service"],
  ])("%s", (_, text, words, message) => {
    using project = newProject({ ".reload.toml": text });
    const { status, stderr } = spawnSync("node", [cli, "--once", ...words], {
      cwd: project.directory,
      encoding: "utf8",
    });
    expect(stderr).toContain(message);
    expect([status, existsSync(project.path("started-a"))]).toEqual([2, false]);
  });
});

describe("a Procfile.dev", () => {
  const files = {
    ".git/HEAD": "",
    "Procfile.dev": "web: node say.js web $PORT\nworker: node say.js worker\n",
    "say.js": "console.log(process.argv.slice(2).join(' '), 'at', process.env.PORT);\nsetInterval(() => {}, 1000);\n",
  };

  test("is run as it is: each line is a service with its PORT, and one edit starts both anew", async () => {
    using project = newProject(files);
    await using program = reload(["--verbose"], { cwd: project.directory, env: { PORT: "" } });
    await program.says(/found Procfile\.dev: web, worker · keep it: reload init/);
    await prints(program, /^web +\| web 5000 at 5000$/m);
    await prints(program, /^worker +\| worker at 5100$/m);
    await program.says(/watching \d/);
    project.write("say.js", files["say.js"].replace("'at'", "'now at'"));
    await prints(program, /web 5000 now at 5000/);
    await prints(program, /worker now at 5100/);
    expect((await program.stop()).code).toBe(143);
  });

  test("--only runs one of them, and nothing is prefixed", async () => {
    using project = newProject(files);
    await using program = reload(["--only", "worker"], { cwd: project.directory, env: { PORT: "" } });
    await prints(program, /^worker at 5100$/m);
    expect((await program.stop()).code).toBe(143);
  });
});
