/** The table of `npm run mutate:wiring` speaks of lines and tests that there are. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface Row {
  readonly file: string;
  readonly line: string;
  readonly test: string;
  readonly name: string;
}

const textOf = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const table: readonly Row[] = JSON.parse(textOf("test/mutate/wiring.json"));

test.each(table)("$file: $line", ({ file, line, test: guard, name }) => {
  expect(textOf(file).split(line)).toHaveLength(2);
  expect(textOf(`test/${guard}.test.ts`)).toContain(name);
});
