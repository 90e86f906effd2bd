/** What a newcomer relies on: a name is one thing, and a file is one idea. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const sources = fileURLToPath(new URL("../../src", import.meta.url));
const files = readdirSync(sources, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .filter((name) => name !== "api/generated.ts")
  .map((name) => ({ name, text: readFileSync(join(sources, name), "utf8") }));

const declared = /^export (?:async |declare )?(?:function\*?|const|let|class|interface|type|enum) (\w+)/gm;

test("no name is exported by two files", () => {
  const places = new Map<string, Set<string>>();
  for (const { name, text } of files)
    for (const [, own = ""] of text.matchAll(declared)) places.set(own, (places.get(own) ?? new Set()).add(name));
  expect(places.size).toBeGreaterThan(500);
  const twice = [...places]
    .filter(([, name]) => name.size > 1)
    .map(([name, found]) => `${name}: ${[...found].join(", ")}`);
  expect(twice).toEqual([]);
});

/** In lines. */
const longest = 250;
const tables = ["config/keys/keys.ts", "config/air/keys.ts"];

test("a file is shorter than 250 lines, but for a table", () => {
  const found = files
    .map(({ name, text }) => [name, text.split("\n").length - 1] as const)
    .filter(([name, lines]) => lines > longest && !tables.includes(name));
  expect(found.map(([name, lines]) => `${name}: ${lines} lines`)).toEqual([]);
});
