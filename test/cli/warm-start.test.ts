/** What a run is asked, and when; and what is compared while the one before it ends. */
import { readdirSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { compareBeside } from "../../src/adapters/warm/comparison.ts";
import { stamp } from "../../src/adapters/warm/stamps.ts";
import { newProject } from "../rig/project.ts";
import { until } from "../rig/until.ts";
import { type Kept, keep } from "./warm-rig.ts";

const tail = `
require("node:fs").writeFileSync("answers/" + process.env.RELOAD_RUN, JSON.stringify(answer));
setInterval(() => {}, 1000);
`;
const packageNamed = (name: string, text: string): Record<string, string> => ({
  [`node_modules/${name}/index.js`]: text,
  [`node_modules/${name}/package.json`]: JSON.stringify({ name, main: "index.js" }),
});
/** What the standby for a run has loaded. */
const heldBy = ({ project }: Kept, run: number): string =>
  readdirSync(project.path("temp"))
    .map((directory) => project.read(`temp/${directory}/run-${run}-held`))
    .join();

describe.runIf(process.platform === "linux")("a run", () => {
  test.each([
    [
      "an ES module",
      "app.mjs",
      `import { writeFileSync } from "node:fs";
const after = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
await after(100); await import("first"); await after(100); process.env.LEVEL = "late";
const { default: answer } = await import("p");
writeFileSync("answers/" + process.env.RELOAD_RUN, JSON.stringify(answer));
setInterval(() => {}, 1000);`,
    ],
    [
      "a CommonJS module",
      "app.cjs",
      `setTimeout(() => { require("first"); setTimeout(() => { process.env.LEVEL = "late"; const answer = require("p");${tail} }, 100); }, 100);`,
    ],
  ])("that counts as ready before it has loaded everything is asked when it has, %s", async (_, main, text) => {
    await using kept = keep(
      {
        [main]: text,
        ...packageNamed("first", ""),
        ...packageNamed("p", "module.exports = process.env.LEVEL ?? 'unset';"),
      },
      { main, args: ["--ready.exec", "true", "--", "node", main] },
    );
    expect(await kept.answer(1)).toBe("late");
    await kept.waits(2);
    expect(heldBy(kept, 2)).toContain("/first/");
    expect(heldBy(kept, 2)).not.toContain("/p/");
    kept.save();
    expect(await kept.answer(2)).toBe("late");
    expect(await kept.warmth(2)).toMatchObject({ warm: true });
    await kept.waits(3);
  });

  test("finds a package as it is when the run before it has ended", async () => {
    await using kept = keep({
      "app.cjs": `const answer = require("p");${tail}
process.on("SIGTERM", () => setTimeout(() => { require("node:fs").writeFileSync("node_modules/p/index.js", "module.exports = 'new';"); process.exit(); }, 200));`,
      ...packageNamed("p", "module.exports = 'old';"),
    });
    expect(await kept.answer(1)).toBe("old");
    await kept.waits(2);
    kept.save();
    await until(
      "the new package",
      () => {
        const runs = readdirSync(kept.project.path("answers"));
        return runs.some((run) => kept.project.read(`answers/${run}`) === '"new"') ? true : undefined;
      },
      kept.program.seen,
    );
  });
});

describe("stamps that are compared beside other work", () => {
  const many = Array.from({ length: 1000 }, (_, at) => `file-${at}`);

  test("are compared to the end, and what has changed is told once", async () => {
    using project = newProject(Object.fromEntries(many.map((name) => [name, ""])));
    const stamps = stamp(
      many.map((name) => project.path(name)),
      [],
    );
    expect(compareBeside(stamps).finish()).toBeUndefined();
    project.write("file-999", "changed");
    const told: string[] = [];
    const comparison = compareBeside(stamps, (path) => told.push(path));
    await until(
      "what has changed",
      () => told.length > 0,
      () => "",
    );
    expect(told).toEqual([project.path("file-999")]);
    expect(comparison.finish()).toBe(project.path("file-999"));
    expect(compareBeside(stamps).finish()).toBe(project.path("file-999"));
    expect(told).toHaveLength(1);
  });

  test("are told of to nobody who does not listen any more", async () => {
    using project = newProject({ file: "" });
    const stamps = stamp([project.path("file")], []);
    project.write("file", "changed");
    const told: string[] = [];
    compareBeside(stamps, (path) => told.push(path)).stop();
    await setImmediate();
    await setImmediate();
    expect(told).toEqual([]);
  });
});
