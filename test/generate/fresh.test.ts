import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { airKeys } from "../../src/config/air/keys.ts";
import { allKeys } from "../../src/config/keys/keys.ts";
import { fiveMistakes, output } from "../config/five-mistakes.ts";
import { airDoc } from "./air-doc.ts";
import { apiTypes } from "./api-types.ts";
import { architectureDoc } from "./architecture-doc.ts";
import { configDoc } from "./config-doc.ts";
import { eventsDoc, eventsSchema } from "./events-doc.ts";
import { schema } from "./schema.ts";

/** `npm run generate` writes them anew. */
describe("what is made from a table is fresh:", () => {
  test("schema.json", async () => {
    await expect(`${JSON.stringify(schema(), undefined, 2)}\n`).toMatchFileSnapshot("../../schema.json");
  });

  test("src/api/generated.ts", async () => {
    await expect(apiTypes()).toMatchFileSnapshot("../../src/api/generated.ts");
  });

  test("docs/config.md, with every key", async () => {
    const text = configDoc({ file: fiveMistakes, output: await output() });
    await expect(text).toMatchFileSnapshot("../../docs/config.md");
    for (const key of allKeys().values()) expect(text).toMatch(new RegExp(`\`${key.leaf}\``));
  });

  test("docs/from-air.md, with every key of air", async () => {
    const text = airDoc();
    await expect(text).toMatchFileSnapshot("../../docs/from-air.md");
    for (const { name } of airKeys) expect(text).toContain(`| \`${name.slice(name.lastIndexOf(".") + 1)}\` |`);
  });

  test("docs/events.md, with every event", async () => {
    await expect(eventsDoc()).toMatchFileSnapshot("../../docs/events.md");
    const schema = `${JSON.stringify(eventsSchema(), undefined, 2)}\n`;
    await expect(schema).toMatchFileSnapshot("../../docs/events.schema.json");
  });

  test("docs/architecture.md, with the states as they are", async () => {
    await expect(architectureDoc(read("docs/architecture.md"))).toMatchFileSnapshot("../../docs/architecture.md");
  });
});

const read = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");
