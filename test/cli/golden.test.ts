/** What people read, letter by letter: help, mistakes, and a session with and without colour. `npx vitest run test/cli/golden.test.ts -u` writes it anew. */
import { describe, expect, test } from "vitest";
import { options } from "../../src/line/argv.ts";
import { commandTable } from "../../src/line/commands.ts";
import { groupsOfCommands, groupsOfOptions, help, helpOf } from "../../src/line/help.ts";
import { newProject } from "../rig/project.ts";
import { reload, reloadOnce } from "../rig/reload.ts";
import { until } from "../rig/until.ts";
import { ask } from "./asking.ts";

describe("help", () => {
  test("of all and of each command", async () => {
    expect((await reloadOnce(["--help"], { cwd: "." })).stdout).toBe(help());
    const texts = [help(), ...commandTable.map(helpOf)];
    await expect(texts.join(`${"─".repeat(40)}\n`)).toMatchFileSnapshot("golden/help.txt");
  });

  test("has every command and every option in one group, and no line is wider than most terminals", () => {
    const namesIn = (groups: typeof groupsOfOptions): string[] => groups.flatMap(([, names]) => names).sort();
    expect(namesIn(groupsOfCommands)).toEqual(commandTable.map(({ name }) => name).sort());
    const shown = options.filter(({ isOfCommands, isHidden }) => isOfCommands !== true && isHidden !== true);
    expect(namesIn(groupsOfOptions)).toEqual(shown.map(({ long }) => long).sort());
    const lines = [help(), ...commandTable.map(helpOf)].join("\n").split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120);
  });
});

test("mistakes on the command line, with what to do", async () => {
  using project = newProject({ ".reload.toml": '[proc]\ncmd = "true"\n' });
  // Some of these are what people know from air, nodemon, watchexec and uvicorn.
  const lines = [
    "--onec",
    "--proc.cmmd x",
    "--watch",
    "-b=make",
    "--exec go",
    "--delay 3",
    "--legacy-watch",
    "--exts go",
    "-r",
    "--stop-timeout=5s",
    "--reload",
    "--frobnicate",
    "--color=maybe",
    "help statsu",
    "explain",
    "completion csh",
    "rollback x",
    "wait --timeout soon",
    "wait --json=x",
    "status",
    "logs -n many",
    "-C nowhere",
    "-c nowhere.toml",
  ];
  const told = await Promise.all(
    lines.map(async (line) => {
      const { code, stdout, stderr } = await reloadOnce(line.split(" "), { cwd: project.directory });
      return `$ reload ${line}\n${stdout}${stderr}(${code})\n`;
    }),
  );
  await expect(told.join("\n").replaceAll(project.directory, "/project")).toMatchFileSnapshot("golden/mistakes.txt");
});

const config = `[build]
cmd = "! grep -n BAD main.txt >&2"
[proc]
cmd = "exec sleep 1000"
[watch]
include_files = [".txt"]
`;

/** How long something takes differs each time, and a busy machine may have to wait for an end. */
const timeless = (text: string): string =>
  text
    .replace(/^.*waiting for pid.*\n/gm, "")
    .replace(/ → stop \S+/g, "")
    .replace(/\b\d+(?:ms|\.\ds)/g, "N")
    .replace(/pid \d+/g, "pid N");

test("a session, without colour and with it", async () => {
  const [plain, coloured] = await Promise.all([told("never"), told("always")]);
  // Nothing in it is there only to be painted over: who listens hears each thing once.
  expect(coloured).not.toMatch(/\r|\x1b\[(?!\d*(?:;\d+)*m)/);
  expect(coloured.replace(/\x1b\[[\d;]*m/g, "")).toBe(plain);
  await expect(plain).toMatchFileSnapshot("golden/session-plain.txt");
  await expect(coloured.replaceAll("\x1b", "␛")).toMatchFileSnapshot("golden/session-coloured.txt");
});

async function told(color: string): Promise<string> {
  using project = newProject({ ".reload.toml": config, "main.txt": "0" });
  const { directory } = project;
  await using program = reload([`--color=${color}`], { cwd: directory });
  await until("somebody to talk to", async () => (await ask(directory, "wait")).code === 0, program.seen);
  for (const [file, text, code] of [
    ["main.txt", "1", 0],
    ["main.txt", "BAD", 1],
    ["main.txt", "2", 0],
    [".reload.toml", config.replace('cmd = "exec', 'comand = "exec'), 1],
    [".reload.toml", config.replace("sleep 1000", "sleep 2000"), 0],
    [".reload.toml", config.replace("exec sleep 1000", "exit 3"), 1],
  ] as const) {
    project.write(file, text);
    expect((await ask(directory, "wait")).code, program.seen()).toBe(code);
  }
  await program.stop();
  return timeless(program.stderr);
}
