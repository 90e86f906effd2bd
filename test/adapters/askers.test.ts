import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { createAskers } from "../../src/adapters/system/askers.ts";
import { newProject } from "../rig/project.ts";
import { until } from "../rig/until.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

test.runIf(process.platform === "linux").each([
  ["one of ours", "exec -a reload cat", true],
  ["one of ours in an interpreter", "exec -a node cat - reload", true],
  ["another one", "exec -a other cat", false],
  ["another one that reads a file of our name", "exec -a other cat - reload", false],
])(
  "what is printed by a command that a shell gives way to, after it has opened the file: %s",
  async (_, command, isOurs) => {
    using project = newProject({ reload: "" });
    const path = project.path("out.txt");
    const timers = vi.spyOn(globalThis, "setTimeout");
    const rounds = (): number => timers.mock.calls.filter(([, ms]) => ms === 50).length;
    const askers = createAskers();
    const shell = spawn("bash", ["-c", `exec > out.txt; read -r line; ${command}`], {
      cwd: project.directory,
      stdio: ["pipe", "ignore", "ignore"],
    });
    const over = once(shell, "exit");
    try {
      await until("the file is open", () => project.has("out.txt"));
      expect(askers.has(statSync(path), path)).toBe(false);
      shell.stdin.write("\n");
      const words = (): string => readFileSync(`/proc/${shell.pid}/cmdline`, "utf8");
      await until("the command is there", () => !words().startsWith("bash"));
      const before = rounds();
      await until("it has been asked who that is", () => rounds() > before + 1);
    } finally {
      shell.stdin.end("said\n");
      await over;
    }
    // Read late, as on a machine that is busy.
    expect(project.read("out.txt")).toBe("said\n");
    expect(askers.has(statSync(path), path)).toBe(isOurs);
    askers.close();
  },
);
