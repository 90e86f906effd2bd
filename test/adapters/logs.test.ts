import { statSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLogs } from "../../src/adapters/system/logs.ts";
import { until } from "../rig/until.ts";
import { makePlace, type Place } from "./watch-rig.ts";

let place: Place;
beforeEach(() => {
  place = makePlace();
});
afterEach(() => place.clean());

test.runIf(process.platform === "linux")(
  "who writes a file is looked for about as long after a start as it has been written, and not before",
  async () => {
    const path = place.at("state.json");
    let askedAt: number | undefined;
    const writers = (): number[] => {
      askedAt ??= performance.now();
      return [process.pid];
    };
    const logs = createLogs(
      writers,
      () => [],
      () => {},
    );
    const longMs = 600;
    let begunAt = 0;
    const begin = (): void => {
      begunAt = performance.now();
      askedAt = undefined;
      logs.began();
    };
    for (const content of ["first", "second"]) {
      begin();
      await until("it runs for a while", () => performance.now() - begunAt >= longMs);
      writeFileSync(path, content);
      expect(logs.has(path, statSync(path), undefined)).toBe(false);
    }
    begin();
    await until("somebody is looked for", () => askedAt !== undefined);
    logs.close();
    expect((askedAt ?? 0) - begunAt).toBeGreaterThan(longMs / 2);
  },
);
