/** Whatever goes wrong in a standby, nothing of the program runs before its time. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { needs } from "../rig/needs.ts";
import { until } from "../rig/until.ts";
import { type Kept, keep } from "./warm-rig.ts";

const isLinux = process.platform === "linux";
const python =
  isLinux && needs("python3")
    ? execFileSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).trim()
    : undefined;

/** Their standbys take so long to load that they are met while they do. */
const programs: Readonly<Record<string, () => Kept>> = {
  "of Node": () =>
    keep({
      "app.cjs": `require("slow"); require("fs").writeFileSync("answers/" + process.env.RELOAD_RUN, "1"); setInterval(() => {}, 1000);\n`,
      "node_modules/slow/package.json": "{}",
      "node_modules/slow/index.js": "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);\n",
    }),
  ...(python === undefined
    ? {}
    : {
        "of Python": () =>
          keep(
            {
              "app.py": `import slow, os, time\nopen("answers/" + os.environ["RELOAD_RUN"], "w").write("1")\nwhile True: time.sleep(1)\n`,
              "lib/site-packages/slow/__init__.py": "import time\ntime.sleep(1.5)\n",
            },
            {
              main: "app.py",
              args: ["--", python, "app.py"],
              env: (project) => ({ PYTHONPATH: project.path("lib/site-packages"), PYTHONDONTWRITEBYTECODE: "1" }),
              comment: "#",
            },
          ),
      }),
};

/** Processes that are to be this run of the project. */
const ofRun = (directory: string, run: number): number[] =>
  readdirSync("/proc")
    .map(Number)
    .filter((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, "latin1");
        return pid > 0 && environment.includes(`\0RELOAD_RUN=${run}\0`) && environment.includes(directory);
      } catch {
        return false;
      }
    });

describe.runIf(isLinux)("the private directory is removed while a standby loads, in a program", () => {
  test.each(Object.entries(programs))("%s: it ends", async (_, start) => {
    await using kept = start();
    await kept.answer(1);
    const { project, program } = kept;
    await until("the standby", () => ofRun(project.directory, 2)[0], program.seen);
    for (const name of readdirSync(project.path("temp")))
      for (const file of readdirSync(project.path(`temp/${name}`)))
        if (/-door$/.test(file)) rmSync(project.path(`temp/${name}/${file}`));
    await until("the end of the standby", () => ofRun(project.directory, 2).length === 0, program.seen);
    expect(project.has("answers/2")).toBe(false);
  });
});
