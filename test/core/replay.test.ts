/**
 * Histories that an earlier machine has written down, played to the one of today: the same facts call for the same
 * orders. `sessions.txt` was recorded from the built program (saves during builds, failing and looping builds, crashes,
 * late runs, edits of the configuration), `random.txt` from 160 random histories over all settings.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { emptyHouse } from "../../src/core/house.ts";
import { step } from "../../src/core/step.ts";
import { planOf } from "./plans.ts";
import { factText, lineOf, toldText } from "./trace.ts";

test.each(["sessions.txt", "random.txt"])("%s: every fact calls for the orders that it called for then", (name) => {
  const text = readFileSync(join(import.meta.dirname, "traces", name), "utf8");
  let plan = planOf();
  let house = emptyHouse;
  let at = 0;
  let facts = 0;
  const story: string[] = [];
  for (const line of text.trimEnd().split("\n")) {
    const told = /^(policy|from now) (.*)/.exec(line);
    if (told?.[2] !== undefined) {
      plan = planOf(JSON.parse(told[2]));
      if (told[1] === "policy") {
        house = emptyHouse;
        at = 0;
        story.length = 0;
      }
      continue;
    }
    const { afterMs, fact, orders } = lineOf(line);
    at += afterMs;
    const next = step(house, { ...fact, at }, plan);
    house = next.house;
    facts += 1;
    // So that what is recorded next can be read as well.
    expect(line.split(" > ")[0]).toBe(`+${afterMs} ${factText(fact)}`);
    story.push(line);
    expect(toldText(next.news, next.orders), story.slice(-12).join("\n")).toBe(orders);
  }
  expect(facts).toBeGreaterThan(200);
});
