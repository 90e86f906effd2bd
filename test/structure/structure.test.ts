/** The house as `docs/architecture.md` draws it: who may import whom, and what every file keeps to. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { newProject } from "../rig/project.ts";
import { violations } from "./imports.ts";
import { type Row, table } from "./table.ts";

const top = fileURLToPath(new URL("../../", import.meta.url));
const source = join(top, "src");
const files = readdirSync(source, { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => path.endsWith(".ts"));

const read = (path: string): string => readFileSync(join(source, path), "utf8");

test("every file imports what its row allows, and nothing else", () => {
  expect(files.length).toBeGreaterThan(100);
  expect(files.flatMap((path) => violations(path, read(path)))).toEqual([]);
});

test("every row stands for a file, and every row that it names exists", () => {
  const rows = table.map(({ of }) => of);
  expect(rows.filter((of) => !files.some((path) => path === of || path.startsWith(`${of}/`)))).toEqual([]);
  expect(table.flatMap(({ may }) => may).filter((of) => !rows.includes(of))).toEqual([]);
});

describe("a violation is caught in", () => {
  const planted = (row: Row, deep: string): string => (row.of.endsWith(".ts") ? row.of : `${row.of}/${deep}planted.ts`);
  const forbidden = (row: Row): string[] =>
    table.filter(({ of }) => of !== row.of && !row.may.includes(of)).map(({ of }) => of);
  const forms: readonly ((specifier: string) => string)[] = [
    (from) => `import { a } from "${from}";`,
    (from) => `import "${from}";`,
    (from) => `import type { A } from "${from}";`,
    (from) => `import { type A } from "${from}";`,
    (from) => `export { a } from "${from}";`,
    (from) => `export type { A } from "${from}";`,
    (from) => `export * from "${from}";`,
    (from) => `export * as all from "${from}";`,
    (from) => `const a = await import("${from}");`,
    (from) => `const a = await import(\`${from}\`);`,
    (from) => `type A = import("${from}").A;`,
    (from) => `let a: typeof import("${from}");`,
    (from) => `const a = require("${from}");`,
    (from) => `import a = require("${from}");`,
  ];

  /** Every form is caught: as many violations as lines. */
  const expectAll = (path: string, from: string): void =>
    expect(violations(path, forms.map((form) => form(from)).join("\n")), from).toHaveLength(forms.length);

  test.each(table)("$of, whatever it imports and however", (row) => {
    for (const path of [planted(row, ""), ...(row.of.endsWith(".ts") ? [] : [planted(row, "deep/er/")])]) {
      for (const of of forbidden(row)) {
        const way = relative(dirname(path), of.endsWith(".ts") ? of : `${of}/some.ts`);
        const from = way.startsWith(".") ? way : `./${way}`;
        expectAll(path, from);
      }
      if (row.node !== true) expectAll(path, "node:child_process");
      expectAll(path, "left-pad");
      if (row.importsByName !== true) expect(violations(path, "const a = await import(name);")).toHaveLength(1);
      if (row.process !== true)
        for (const text of [
          "process.exit(1);",
          "const { argv } = process;",
          'process["env"];',
          "globalThis.process.exit(1);",
          "f(process);",
        ])
          expect(violations(path, text), text).toHaveLength(1);
      expect(violations(path, "export default 1;")).toHaveLength(1);
    }
  });

  test("a folder that no row stands for", () => {
    expect(violations("helpers/planted.ts", "")).toHaveLength(1);
    expect(violations("core/planted.ts", 'import { a } from "../helpers/some.ts";')).toHaveLength(1);
  });

  test("no text that only looks like one", () => {
    expect(violations("core/planted.ts", '// import "node:fs"\nconst a = `import "node:fs"; process.exit()`;')).toEqual(
      [],
    );
    expect(violations("core/planted.ts", "const a = { process: 1 }; a.process; type A = { process: string };")).toEqual(
      [],
    );
  });
});

/** What Biome holds us to, everywhere in `src` and `test`. */
test("the linter catches what it is meant to, in every folder", () => {
  const wrong: Readonly<Record<string, string>> = {
    noDefaultExport: "export default 1;\n",
    noExplicitAny: "export const a: any = 1;\n",
    noNonNullAssertion: "export const a = (b: string | undefined) => b!.length;\n",
    noFloatingPromises: "const a = async () => {};\nexport const b = () => {\n  a();\n};\n",
    useNodejsImportProtocol: 'import { join } from "path";\nexport const a = join("b");\n',
  };
  using project = newProject({ "biome.json": readFileSync(join(top, "biome.json"), "utf8"), ".gitignore": "dist\n" });
  const folders = table.map(({ of }) => (of.endsWith(".ts") ? "src" : `src/${of}`));
  const planted = [...new Set([...folders, ...folders.map((folder) => `${folder}/deep`), "test", "test/cli"])].flatMap(
    (folder) => Object.keys(wrong).map((rule) => ({ rule, path: `${folder}/${rule}.ts` })),
  );
  for (const { rule, path } of planted) project.write(path, wrong[rule] ?? "");
  const { stdout } = spawnSync(
    join(top, "node_modules/.bin/biome"),
    ["lint", "--reporter=github", "--max-diagnostics=none"],
    {
      cwd: project.directory,
      encoding: "utf8",
    },
  );
  const caught = stdout.split("\n");
  const missed = planted.filter(
    ({ rule, path }) => !caught.some((line) => line.includes(`/${rule},`) && line.includes(`/${path},`)),
  );
  expect(missed, caught.slice(0, 10).join("\n")).toEqual([]);
});
