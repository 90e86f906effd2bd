/** From a project that was found to what the machine decides by. */
import { expect, test } from "vitest";
import { planFrom } from "../../src/session/plan.ts";
import { good, loadIn } from "../config/loading.ts";
import { newProject } from "../rig/project.ts";

const readers = async (files: Readonly<Record<string, string>>): Promise<string[]> => {
  using project = newProject(files);
  const { plan } = planFrom(good(await loadIn(project)), { once: undefined, postpone: false, commandGiven: false });
  return [...plan.recipes].flatMap(([id, { onlyReads }]) => (onlyReads === true ? [id] : []));
};

test("of hooks only the look at types is known to write nothing", async () => {
  const nest = {
    "package.json": JSON.stringify({ scripts: { dev: "nest start --watch" } }),
    "tsconfig.json": JSON.stringify({ compilerOptions: { outDir: "dist", module: "commonjs" } }),
    "src/main.ts": "",
    "node_modules/typescript/lib/typescript.js": "",
  };
  expect(await readers(nest)).toEqual(["/hook after_ready"]);
  const own = '[proc]\ncmd = "true"\n[hooks]\nafter_ready = ["node made.js", "node transpile.js --types -p a"]\n';
  expect(await readers({ ".reload.toml": own })).toEqual([]);
});
