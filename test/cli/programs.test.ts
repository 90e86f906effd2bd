/** Programs that packages and a virtual environment brought are found by what is run. */
import { chmodSync } from "node:fs";
import { expect, test } from "vitest";
import { newProject, type Project } from "../rig/project.ts";
import { reload } from "../rig/reload.ts";

/** Three programs of one name: on the path, in the packages, in the virtual environment. */
function withThree(): Project {
  const project = newProject({ "package.json": "{}" });
  for (const place of ["path", "node_modules/.bin", "environment/bin"]) {
    for (const name of place === "path" ? ["ours", "theirs"] : place.startsWith("node") ? ["ours"] : ["ours", "mine"]) {
      project.write(`${place}/${name}`, `#!/bin/sh\necho "${name} of ${place}"\n`);
      chmodSync(project.path(`${place}/${name}`), 0o755);
    }
  }
  return project;
}

async function prints(project: Project, args: readonly string[]): Promise<string> {
  const env = { PATH: `${project.path("path")}:${process.env["PATH"]}`, VIRTUAL_ENV: project.path("environment") };
  await using program = reload(["--once", "-q", ...args], { cwd: project.directory, env });
  await program.ended;
  return program.stdout;
}

test("in front of the path for a COMMAND and for its build", async () => {
  using project = withThree();
  expect(await prints(project, ["ours"])).toBe("ours of node_modules/.bin\n");
  expect(await prints(project, ["mine"])).toBe("mine of environment/bin\n");
  expect(await prints(project, ["theirs"])).toBe("theirs of path\n");
  expect(await prints(project, ["--", "sh", "-c", "ours && mine"])).toBe(
    "ours of node_modules/.bin\nmine of environment/bin\n",
  );
});

test("behind the path for the commands of a file", async () => {
  using project = withThree();
  project.write(".reload.toml", '[proc]\ncmd = "ours && mine && theirs"\n');
  expect(await prints(project, [])).toBe("ours of path\nmine of environment/bin\ntheirs of path\n");
});
