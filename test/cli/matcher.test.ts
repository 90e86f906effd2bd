/** A matcher of the user's own runs in our process: whatever it does there, the program beside it lives. */
import { describe, expect, test } from "vitest";
import { session } from "../rig/session.ts";
import { until } from "../rig/until.ts";

const config = '[watch]\ninclude_files = [".txt"]\nmatcher = "matcher.mjs"\n';
const judging = (body: string): string => `export default { name: "mine", judge({ path }) { ${body} } };\n`;

describe("a matcher that fails where nobody waits for it costs a line, and no program", () => {
  test.each([
    ["in a timer", judging(`setTimeout(() => { throw new Error("too late") }, 1)`), "too late"],
    ["in a microtask", judging(`queueMicrotask(() => { throw new Error("too late") })`), "too late"],
    ["with a promise", judging(`import("node:fs/promises").then((fs) => fs.readFile("none"))`), "no such file"],
    [
      "in a thread",
      `import { Worker } from "node:worker_threads";\n${judging(`new Worker("throw new Error('too late')", { eval: true })`)}`,
      "too late",
    ],
    ["when it is loaded", `setTimeout(() => { throw new Error("too late") }, 1);\n${judging("")}`, "too late"],
    [
      "by an answer that cannot be read",
      judging(`return { get verdict() { throw new Error("no answer") } }`),
      "no answer",
    ],
    ["with the end of the process", judging("process.exit(0)"), "process.exit was called"],
    ["with that in a timer", judging("setTimeout(() => process.exit(0), 1)"), "process.exit was called"],
  ])("%s", async (_, matcher, message) => {
    await using running = await session({ config, files: { "matcher.mjs": matcher, "a.txt": "0" } });
    running.project.write("a.txt", "1");
    await running.start(2);
    await until("it is said", () => running.program.stderr.includes(message), running.program.seen);
    running.project.write("a.txt", "2");
    expect((await running.start(3)).changed).toBe("a.txt");
    expect(running.program.stderr.split(message)).toHaveLength(2);
  });
});

test("a matcher that is never done with loading is told, and what is in force stays", async () => {
  const plain = config.replace(/matcher.*\n/, "");
  await using running = await session({
    config: plain,
    files: { "matcher.mjs": `await new Promise(() => {});\n${judging("")}`, "a.txt": "0" },
  });
  const before = running.project.read(".reload.toml");
  running.project.write(".reload.toml", before.replace(plain, config));
  await until(
    "it is said",
    () => /cannot load the matcher .*not done after/.test(running.program.stderr),
    running.program.seen,
  );
  running.project.write("a.txt", "1");
  expect((await running.start(2)).changed).toBe("a.txt");
});
