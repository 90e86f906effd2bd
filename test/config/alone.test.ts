import { cpSync, existsSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { newProject } from "../rig/project.ts";
import { cleanEnv } from "../rig/reload.ts";

const dist = fileURLToPath(new URL("../../dist", import.meta.url));

/** Whether Node would find packages from here: then this test could not fail. */
function hasPackagesAbove(directory: string): boolean {
  if (existsSync(`${directory}/node_modules`)) return true;
  return dirname(directory) !== directory && hasPackagesAbove(dirname(directory));
}

test("what is published reads every kind of configuration without any other package", async () => {
  using project = newProject({
    ".reload.toml": 'env_files = [".env"]\n[proc]\ncmd = "true"\n',
    ".env": "A=1\n",
    "air/.air.toml": "[build]\nbind = 1\n",
    "wrong/.reload.toml": '[bild]\ncmd = "x"\n[watch]\ndebounce = 1 1\n',
    "unknown/.reload.toml": "[bild]\n",
    "node/package.json": '{ "scripts": { "start": "node x.js" } }',
    "rust/Cargo.toml": '[package]\nname = "x"\n',
    "rust/src/main.rs": "",
    "package.json": '{ "type": "module", "version": "0.0.0" }',
  });
  expect(hasPackagesAbove(project.directory)).toBe(false);
  cpSync(dist, project.path("dist"), { recursive: true });
  const { spawnSync } = await import("node:child_process");
  const config = (directory: string, ...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [project.path("dist/cli.js"), ...args, "config"], {
      cwd: project.path(directory),
      env: cleanEnv({ NODE_PATH: "" }),
      encoding: "utf8",
    });
    return { status, stdout, stderr };
  };
  expect(config(".")).toMatchObject({
    status: 0,
    stderr: "",
    stdout: expect.stringMatching(/^cmd = "true" +# \.reload\.toml:3$/m),
  });
  expect(config("air")).toMatchObject({
    status: 0,
    stderr: expect.stringMatching(/^\.air\.toml:2:1: warning: air has no key build\.bind/),
  });
  expect(config("wrong")).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/^\.reload\.toml:4:\d+: not valid TOML/),
  });
  expect(config("unknown")).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/^\.reload\.toml:1:2: unknown table/),
  });
  for (const kind of ["node", "rust"]) {
    // These lie below the file of this project: they are asked as if they stood alone.
    const { mkdirSync } = await import("node:fs");
    mkdirSync(project.path(`${kind}/.git`));
    expect(config(kind)).toMatchObject({
      status: 0,
      stderr: "",
      stdout: expect.stringMatching(/found a (?:Node|Rust) project/),
    });
  }
});
