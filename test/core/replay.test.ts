/**
 * Histories that an earlier machine has written down, played to the one of today: the same facts call for the same
 * orders. `sessions.txt` was recorded from the built program (saves during builds, failing and looping builds, crashes,
 * late runs, edits of the configuration), `random.txt` from 160 random histories over all settings.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { initial } from "../../src/core/state.ts";
import { step } from "../../src/core/step.ts";
import type { Event, Policy } from "../../src/core/types.ts";
import { factText, lineOf, ordersText } from "./trace.ts";
import { policy } from "./world.ts";

function settingsOf(text: string): Policy {
  return { ...policy, ...JSON.parse(text) };
}

test.each(["sessions.txt", "random.txt"])("%s: every fact calls for the orders that it called for then", (name) => {
  const text = readFileSync(join(import.meta.dirname, "traces", name), "utf8");
  let settings = policy;
  let state = initial;
  let at = 0;
  let facts = 0;
  const story: string[] = [];
  for (const line of text.trimEnd().split("\n")) {
    const told = /^(policy|from now) (.*)/.exec(line);
    if (told?.[2] !== undefined) {
      settings = settingsOf(told[2]);
      if (told[1] === "policy") {
        state = initial;
        at = 0;
        story.length = 0;
      }
      continue;
    }
    const { afterMs, fact, orders } = lineOf(line);
    at += afterMs;
    const next = step(state, { ...fact, at } as Event, settings);
    state = next.state;
    facts += 1;
    // So that what is recorded next can be read as well.
    expect(line.split(" > ")[0]).toBe(`+${afterMs} ${factText(fact)}`);
    story.push(line);
    expect(ordersText(next.effects), story.slice(-12).join("\n")).toBe(orders);
  }
  expect(facts).toBeGreaterThan(200);
});
