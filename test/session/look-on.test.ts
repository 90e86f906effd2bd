import { expect, test } from "vitest";
import { lookOn } from "../../src/session/look-on.ts";

/** How often it is looked where there is more each time, but for the last, and each look takes so much of our own time. */
const looks = (most: number, eachMs: number): Promise<number> =>
  new Promise((resolve) => {
    let count = 0;
    const look = (): boolean => {
      count += 1;
      return count < most;
    };
    lookOn(
      look,
      () => count * eachMs,
      () => resolve(count),
    );
  });

test("it is looked until nothing is left, however long others take the processors", async () => {
  expect(await looks(2_000, 1)).toBe(2_000);
});

test("what never ends is given up after five seconds of our own time", async () => {
  expect(await looks(Number.POSITIVE_INFINITY, 10)).toBe(500);
});
