import { join } from "node:path";
import { expect, test } from "vitest";
import { newProject } from "../rig/project.ts";
import { good, loadIn } from "./loading.ts";

test("a configuration without services is one nameless service", async () => {
  using project = newProject({
    ".reload.toml": `env_files = [".env"]\n[build]\ncmd = "make"\n[proc]\ncmd = "./x"\n[[rule]]\nmatch = "*.css"\n`,
    ".env": "PORT=4000\n",
  });
  const loaded = good(await loadIn(project));
  expect([...loaded.services.keys()]).toEqual([""]);
  const its = loaded.services.get("");
  expect(its).toMatchObject({ name: "", kind: "reload", port: 4000, after: [], isWatched: true });
  expect(its?.config).toBe(loaded.config);
  expect(its?.tmpDir).toBe(join(project.directory, "tmp"));
  expect(its?.ground).toEqual({
    owner: "",
    root: project.directory,
    commandDirectory: project.directory,
    fileEnv: { PORT: "4000" },
  });
  expect(its?.buildGround).toEqual(its?.ground);
  expect(its?.rules.map(({ rule }) => rule.match)).toEqual([["*.css"]]);
});
