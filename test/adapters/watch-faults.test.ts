/** What cannot be asked about is not taken to be gone: nothing is told of it until it can be asked about again. */
import { chmodSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { makePlace, start } from "./watch-rig.ts";

const faults = vi.hoisted(() => ({ code: "", met: 0 }));

vi.mock("node:fs", async (original) => {
  const real = await original<Record<string, unknown>>();
  const { lstatSync } = real;
  return {
    ...real,
    lstatSync(path: unknown, ...rest: readonly unknown[]) {
      if (typeof lstatSync !== "function") throw new Error("no lstatSync");
      if (faults.code === "" || !String(path).endsWith("asked.go"))
        return Reflect.apply(lstatSync, real, [path, ...rest]);
      faults.met += 1;
      throw Object.assign(new Error(`${faults.code}: planted`), { code: faults.code });
    },
  };
});

afterEach(() => {
  faults.code = "";
  faults.met = 0;
});

test.each(["EIO", "ESTALE", "EACCES"])(
  "a file of which %s is all that is said is not gone, and is seen again later",
  async (code) => {
    const place = makePlace();
    place.write("asked.go", "one");
    place.write("beside.go", "one");
    const watched = await start(place, "native");
    try {
      faults.code = code;
      // It is looked at, and nothing in it has changed.
      chmodSync(place.at("asked.go"), 0o600);
      place.append("beside.go", "more");
      await watched.told("beside.go");
      await watched.until("it was asked about", () => faults.met > 0);
      // Everything that was waited for is looked at now.
      await watched.settled();
      expect([...watched.changes]).toEqual(["beside.go"]);
      faults.code = "";
      place.append("asked.go", "more");
      await watched.told("asked.go");
    } finally {
      await watched.close();
    }
  },
);
