/** Lines for another program: what is missing is counted, and said, also at the end. */
import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, readSync } from "node:fs";
import { expect, test } from "vitest";
import { openLineFile } from "../../src/session/line-file.ts";
import { newProject } from "../rig/project.ts";
import { until } from "../rig/until.ts";

const read = (fd: number): string => {
  const buffer = Buffer.alloc(1024 * 1024);
  try {
    return buffer.toString("latin1", 0, readSync(fd, buffer));
  } catch {
    // Nothing is there yet.
    return "";
  }
};

const reader = (path: string): number => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);

test.skipIf(process.platform === "win32")("the reader is gone, comes back, and is gone at the end", () => {
  using project = newProject();
  const pipe = project.path("pipe");
  execFileSync("mkfifo", [pipe]);
  const said: string[] = [];
  const first = reader(pipe);
  const lines = openLineFile(pipe, (message) => said.push(message.replace(pipe, "pipe")));
  lines.write("one\n");
  expect(read(first)).toBe("one\n");
  closeSync(first);
  lines.write("two\n");
  lines.write("three\n");
  expect(said).toEqual([expect.stringMatching(/^pipe cannot be written any more: .*missing in it$/)]);
  const second = reader(pipe);
  lines.write("four\n");
  expect(read(second)).toBe("four\n");
  expect(said[1]).toBe("pipe can be written again; 2 lines are missing in it");
  closeSync(second);
  lines.write("five\n");
  lines.close();
  expect(said.slice(2)).toEqual([expect.stringContaining("any more"), "pipe: 1 line is missing in it"]);
});

test.skipIf(process.platform === "win32")("what waits for a slow reader that goes is missing as well", async () => {
  using project = newProject();
  const pipe = project.path("pipe");
  execFileSync("mkfifo", [pipe]);
  const said: string[] = [];
  const first = reader(pipe);
  const lines = openLineFile(pipe, (message) => said.push(message));
  const line = `${"x".repeat(9_999)}\n`;
  for (let count = 0; count < 200; count += 1) lines.write(line);
  expect(said).toEqual([]);
  closeSync(first);
  await until("it is said without a further line", () => said.length > 0);
  const second = reader(pipe);
  lines.write("last\n");
  // What the kernel holds is read by who comes next: whole lines, one without its end, and what is new.
  let text = "";
  await until("what is new", () => {
    text += read(second);
    return text.endsWith("last\n");
  });
  expect(text).toMatch(/^(?:x{9999}\n)*x{1,9998}\nlast\n$/);
  // The kernel holds 64 KiB: six lines and a part of the next one.
  const missing = Number(/again; (\d+) lines/.exec(said[1] ?? "")?.[1]);
  expect(missing).toBeGreaterThan(100);
  expect(missing).toBeLessThanOrEqual(200);
  lines.close();
  closeSync(second);
  expect(said).toHaveLength(2);
});
