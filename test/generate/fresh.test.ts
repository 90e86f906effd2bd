import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { documents, writeAll } from "./index.ts";

// `npm run generate` is this file with a variable: vitest is what runs TypeScript on every Node that is supported.
if (process.env["RELOAD_GENERATE"] !== undefined) writeAll();

test.each(Object.keys(documents))("%s is up to date (npm run generate)", (name) => {
  expect(readFileSync(new URL(`../../${name}`, import.meta.url), "utf8")).toBe(documents[name]?.());
});
