import { type ChildProcess, spawn } from "node:child_process";
import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createOutputs, type Outputs } from "../../src/adapters/system/outputs.ts";
import { until } from "../rig/until.ts";
import { makePlace, type Place } from "./watch-rig.ts";

const isLinux = process.platform === "linux";
let place: Place;
let child: ChildProcess | undefined;

beforeEach(() => {
  place = makePlace();
});

afterEach(() => {
  child?.kill("SIGKILL");
  child = undefined;
  place.clean();
});

const isIn = (outputs: Outputs, path: string): boolean => outputs.has(statSync(place.at(path)), place.at(path));

async function writing(path: string): Promise<{ outputs: Outputs; end(): Promise<void> }> {
  const childProcess = spawn("sh", ["-c", `{ echo; sleep 1000; } > "${place.at(path)}"; true`], {
    stdio: "ignore",
    detached: true,
  });
  child = childProcess;
  let isOver = false;
  const outputs = createOutputs(
    { descriptors: () => [], said: () => [] },
    () => (isOver || childProcess.pid === undefined ? [] : [childProcess.pid]),
    () => {},
  );
  await until("it writes", () => {
    try {
      // One that is empty is on its way to be one.
      return statSync(place.at(path)).size > 0 && isIn(outputs, path);
    } catch {
      return false;
    }
  });
  return {
    outputs,
    async end() {
      const exited = new Promise((resolve) => childProcess.once("exit", resolve));
      if (childProcess.pid !== undefined) process.kill(-childProcess.pid, "SIGKILL");
      await exited;
      isOver = true;
      outputs.ended();
    },
  };
}

test("a descriptor of our own is one, and so is what it was renamed to; another file of that name is not", () => {
  const file = openSync(place.at("ev.json"), "w");
  const outputs = createOutputs(
    { descriptors: () => [file], said: () => [] },
    () => [],
    () => {},
  );
  expect(isIn(outputs, "ev.json")).toBe(true);
  renameSync(place.at("ev.json"), place.at("old"));
  place.write("ev.json", "{}");
  expect([isIn(outputs, "old"), isIn(outputs, "ev.json")]).toEqual([true, false]);
  closeSync(file);
});

test.runIf(isLinux)(
  "the output of a child is one while it lives, and what it wrote last; what somebody writes there later is not",
  async () => {
    const { outputs, end } = await writing("app.txt");
    appendFileSync(place.at("app.txt"), "last words");
    await end();
    expect(isIn(outputs, "app.txt")).toBe(true);
    await until("the clock of files has moved on", () => {
      writeFileSync(place.at("app.txt"), "a user's");
      return !isIn(outputs, "app.txt");
    });
  },
);

test.runIf(isLinux)("the output of the next run is one in the very moment that the last has ended", async () => {
  const next = spawn("sh", ["-c", `sleep 1000 >> "${place.at("app.txt")}"; true`], { stdio: "ignore", detached: true });
  child = next;
  const { pid } = next;
  if (pid === undefined) throw new Error("no process");
  await until("it writes", () => existsSync(place.at("app.txt")));
  let leaders: number[] = [pid];
  const outputs = createOutputs(
    { descriptors: () => [], said: () => [] },
    () => leaders,
    () => {},
  );
  expect(isIn(outputs, "app.txt")).toBe(true);
  // As if another one had written there, which is gone now.
  leaders = [];
  outputs.ended();
  leaders = [pid];
  // Written after that, by the clock of files too.
  utimesSync(place.at("app.txt"), new Date(), new Date(Date.now() + 1_000));
  expect(isIn(outputs, "app.txt")).toBe(true);
  process.kill(-pid, "SIGKILL");
});

test.runIf(isLinux)("a file that got the number of one that is gone is somebody else's", async () => {
  const { outputs, end } = await writing("app.txt");
  const { ino } = statSync(place.at("app.txt"));
  await end();
  rmSync(place.at("app.txt"));
  for (let count = 0; count < 200; count += 1) {
    place.write(`new${count}`, "x");
    expect(isIn(outputs, `new${count}`)).toBe(false);
    if (statSync(place.at(`new${count}`)).ino === ino) return;
  }
});

test.runIf(isLinux)("what rotation leaves beside it is one, and other names that are alike are none", async () => {
  const { outputs } = await writing("app.txt");
  for (const name of ["app.txt.1", "app.txt.2.gz", "app.txt-20260102"]) {
    place.write(name, "old");
    // The shell opens it a moment before it makes it the output.
    await until(`${name} is one`, () => isIn(outputs, name));
  }
  for (const name of ["app.txt.md", "app-2.txt", "app.txt-2.md", "app.txt.1.go"]) {
    place.write(name, "new");
    expect(isIn(outputs, name), name).toBe(false);
  }
});
