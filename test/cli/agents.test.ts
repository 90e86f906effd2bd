import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { agentLines } from "../../src/commands/agents.ts";
import { newProject } from "../rig/project.ts";
import { reloadOnce } from "../rig/reload.ts";

test("init --agents appends the lines of docs/agents.md, keeps what is there, and does it once", async () => {
  expect(readFileSync(new URL("../../docs/agents.md", import.meta.url), "utf8")).toContain(agentLines);
  using project = newProject({ ".reload.toml": '[proc]\ncmd = "true"\n', "AGENTS.md": "# Mine" });
  const first = await reloadOnce(["init", "--agents"], { cwd: project.directory });
  expect(first).toMatchObject({ code: 0, stdout: "wrote AGENTS.md\n", stderr: "" });
  expect(project.read("AGENTS.md")).toBe(`# Mine\n\n${agentLines}`);
  project.append("AGENTS.md", "after\n");
  project.write("AGENTS.md", project.read("AGENTS.md").replace("reload wait", "an older text"));
  expect((await reloadOnce(["init", "--agents"], { cwd: project.directory })).code).toBe(0);
  expect(project.read("AGENTS.md")).toBe(`# Mine\n\n${agentLines}after\n`);
  const again = await reloadOnce(["init", "--agents"], { cwd: project.directory });
  expect(again.stdout).toBe("AGENTS.md has it already\n");
  expect(project.read(".reload.toml")).toBe('[proc]\ncmd = "true"\n');
});

test.runIf(process.platform !== "win32")("init --agents says so where AGENTS.md is not a text", async () => {
  using project = newProject();
  execFileSync("mkfifo", [project.path("AGENTS.md")]);
  const { code, stderr } = await reloadOnce(["init", "--agents"], { cwd: project.directory });
  expect(code).toBe(2);
  expect(stderr).toMatch(/AGENTS\.md is not a text/);
});
