/** A number in a file is that of what runs only where nobody else would write it. */
import { statSync } from "node:fs";
import { expect, test } from "vitest";
import { isPidFile } from "../../src/adapters/system/pid-files.ts";
import { hasProc, pids } from "../../src/adapters/system/proc.ts";
import { newProject } from "../rig/project.ts";

const low = hasProc ? pids().find((pid) => pid > 1 && pid < 1_000) : undefined;

test.runIf(low !== undefined).each([
  ["count.txt", `${low}\n`, false],
  ["app.pid", `${low}\n`, true],
  ["state.json", `{"pid": ${low}}`, true],
  ["main.js", `{"pid": ${low}}`, false],
])("a low number, as processes have them in containers: %s", (name, text, isTheirs) => {
  using project = newProject({ [name]: text });
  const path = project.path(name);
  expect(isPidFile(statSync(path), path, () => [low ?? 0])).toBe(isTheirs);
});

test.runIf(hasProc)("the number of a stranger is somebody's own work", () => {
  using project = newProject({ "app.pid": `${process.ppid}` });
  const path = project.path("app.pid");
  expect(isPidFile(statSync(path), path, () => [process.pid])).toBe(false);
});
