/** docs/debugging.md and docs/agents.md as they are written: what they advise is carried out. */
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { newProject } from "../rig/project.ts";
import { reload } from "../rig/reload.ts";
import { until } from "../rig/until.ts";
import { ask } from "./asking.ts";

const doc = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");

/** The first block of this language below the heading. */
function block(text: string, heading: string, language: string): string {
  const below = text.slice(text.indexOf(heading));
  const found = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(below)?.[1];
  if (!text.includes(heading) || found === undefined) throw new Error(`no ${language} below ${heading}`);
  return found;
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });

interface Target {
  readonly url: string;
  readonly id: string;
}

test("Node's inspector is where docs/debugging.md says, for every run anew", async () => {
  const port = await freePort();
  const text = doc("debugging.md");
  const { port: attached, restart } = JSON.parse(block(text, "## Node", "json")) as { port: number; restart: boolean };
  const config = block(text, "## Node", "toml");
  expect([config.includes(`127.0.0.1:${attached}`), restart]).toEqual([true, true]);
  using project = newProject({
    ".reload.toml": config.replace(String(attached), String(port)),
    "server.js": "setInterval(() => {}, 1000);",
  });
  await using program = reload([], { cwd: project.directory });
  const target = async (not?: string): Promise<Target> =>
    until(
      "the inspector",
      async () => {
        try {
          const answer = await fetch(`http://127.0.0.1:${port}/json/list`);
          const [first] = (await answer.json()) as Target[];
          return first !== undefined && first.id !== not ? first : undefined;
        } catch {
          return undefined;
        }
      },
      program.seen,
    );
  const first = await target();
  expect(first.url).toContain("server.js");
  await until("somebody to talk to", async () => (await ask(project.directory, "wait")).code === 0);
  project.write("server.js", "setInterval(() => {}, 2000);");
  await target(first.id);
  expect((await ask(project.directory, "wait")).stdout).toMatch(/^ready: run 2/);
});

test("what an agent is told to type works as it is written: start, edit, wait, look, explain, pause, end", async () => {
  using project = newProject({
    ".reload.toml":
      '[build]\ncmd = "! grep -n BAD main.txt >&2"\n[proc]\ncmd = "echo up; exec sleep 1000"\n[watch]\ninclude_files = [".txt"]\n',
    "main.txt": "0",
  });
  const lines = block(doc("agents.md"), "## Ten lines", "markdown");
  const told = [...lines.matchAll(/`npx (reload [^`]+)`/g)].map(([, command = ""]) => command);
  expect(told).toEqual([
    "reload --background",
    "reload wait",
    "reload wait -- CMD",
    "reload wait -- npx playwright test",
    "reload status",
    "reload logs -n 50",
    "reload logs --build",
    "reload explain PATH",
    "reload doctor",
    "reload pause",
    "reload resume",
    "reload stop",
  ]);
  const type = (command: string) => {
    const words = command.replace("CMD", "true").replace("npx playwright test", "true").replace("PATH", "notes.md");
    return ask(project.directory, ...words.split(" ").slice(1));
  };
  try {
    for (const command of told) {
      if (command === "reload wait") project.write("main.txt", "1");
      if (command === "reload resume") project.write("main.txt", "2");
      const { code, stdout, stderr } = await type(command);
      expect(code, `${command}\n${stdout}${stderr}`).toBe(0);
      if (command === "reload wait") expect(stdout).toMatch(/^ready: run 2/);
      if (command.startsWith("reload explain")) expect(stdout).toMatch(/^notes\.md: ignored/);
      if (command === "reload logs -n 50") expect(stdout).toBe("up\n");
      if (command === "reload resume") expect((await type("reload wait")).stdout).toMatch(/^ready: run 3/);
    }
    expect((await type("reload status")).code).toBe(2);
  } finally {
    await type("reload stop");
  }
});
