/** What V8 has compiled of our own files is kept for the next start; nothing depends on it. */
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import module from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { newProject, type Project } from "../rig/project.ts";
import { builtProgram, reloadOnce } from "../rig/reload.ts";

const [node, cli = ""] = builtProgram;

/** Runs a copy of the package once. @returns what it said */
async function once(project: Project, env: Record<string, string> = {}): Promise<string> {
  const { code, stderr } = await reloadOnce(["--once", "--for", "1ms", "--", "true"], {
    cwd: project.directory,
    env: { NODE_COMPILE_CACHE: project.path("kept"), ...env },
    program: [node, project.path("package/dist/cli.js")],
  });
  expect(code, stderr).toBe(0);
  return stderr;
}

function installed(): Project {
  const project = newProject({});
  cpSync(dirname(cli), project.path("package/dist"), { recursive: true });
  cpSync(join(dirname(cli), "../package.json"), project.path("package/package.json"));
  return project;
}

/** All that is kept, by path. */
function kept(project: Project): string[] {
  const [place] = readdirSync(project.path("kept"));
  const directory = project.path(`kept/${place}`);
  return readdirSync(directory).map((name) => join(directory, name));
}

/** Other code with the same length: V8 does not see the difference, so that what is said shows which of the two has run. */
function rewrite(project: Project): void {
  const dist = project.path("package/dist");
  for (const name of readdirSync(dist).filter((each) => each.endsWith(".js"))) {
    const text = readFileSync(join(dist, name), "utf8");
    writeFileSync(join(dist, name), text.replaceAll("running", "RUNNING"));
  }
}

// From Node 22.1 on it is Node that does it, and looks at the content.
describe.runIf(!("enableCompileCache" in module) && process.platform !== "win32")("what was compiled", () => {
  test("is taken by the next start, unless it is asked not to; nobody else can read it", async () => {
    using project = installed();
    expect(await once(project)).toContain("running");
    for (const file of kept(project)) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(project.path("kept")).mode & 0o777).toBe(0o700);
    rewrite(project);
    expect(await once(project)).toContain("running");
    expect(await once(project, { NODE_DISABLE_COMPILE_CACHE: "1" })).toContain("RUNNING");
  });

  test("and is damaged is compiled again, and mended", async () => {
    using project = installed();
    await once(project);
    rewrite(project);
    for (const [index, file] of kept(project).entries()) {
      const data = readFileSync(file);
      // Cut off; cut off and full of zeros, as after a loss of power; empty; nearly so.
      const damaged = [
        Buffer.from(data.subarray(0, data.length >> 1)),
        data.fill(0, data.length >> 2),
        Buffer.alloc(0),
        Buffer.alloc(4),
      ];
      writeFileSync(file, damaged[index % 4] ?? "");
    }
    expect(await once(project)).toContain("RUNNING");
    const mended = kept(project).map((file) => readFileSync(file));
    expect(mended.every((data) => data.length > 8 && data.readInt32LE(0) === data.length - 8)).toBe(true);
  });

  test("is neither read nor written where others may write, and nothing is said where it cannot be", async () => {
    using project = installed();
    await once(project);
    rewrite(project);
    chmodSync(project.path("kept"), 0o777);
    expect(await once(project)).toContain("RUNNING");
    project.write("file", "");
    expect(await once(project, { NODE_COMPILE_CACHE: project.path("file") })).toMatch(/^● started → RUNNING · run 1\n/);
    expect(await once(project, { NODE_COMPILE_CACHE: "/proc/nothing" })).toMatch(/^● started → RUNNING · run 1\n/);
    mkdirSync(project.path("closed"), { mode: 0o500 });
    expect(await once(project, { NODE_COMPILE_CACHE: project.path("closed") })).toContain("RUNNING");
  });
});
