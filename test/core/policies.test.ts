/** Each policy of the machine as the story of somebody who relies on it: facts in, orders out, and nothing of what is inside. */
import { describe, expect, test } from "vitest";
import type { Settings } from "./plans.ts";
import { story, type Told } from "./told.ts";

/** Built, started, ready, and at rest for long. */
function serving(settings: Partial<Settings> = {}): Told {
  const told = story(settings);
  told.started();
  if (settings.builds !== false) told.built();
  told.ready(1);
  told.passed(60_000);
  return told;
}

describe("somebody who saves during builds", () => {
  test("has the first two builds given up, and the third finished whatever else is saved", () => {
    const told = serving();
    told.saved("a");
    expect(told.settled()).toEqual(["build 2: a"]);
    expect(told.saved("b")).toEqual(["cancel build 2"]);
    told.buildGivenUp();
    expect(told.settled()).toEqual(["build 3: a b"]);
    expect(told.saved("c")).toEqual(["cancel build 3"]);
    told.buildGivenUp();
    expect(told.settled()).toEqual(["build 4: a b c"]);
    expect(told.saved("d")).toEqual([]);
    expect(told.saved("e")).toEqual([]);
    expect(told.built()).toEqual(["stop run 1"]);
    // Neither is the start that those two builds made room for put off by what was saved meanwhile.
    expect(told.gone(1)).toEqual(["start run 2: a b c"]);
    expect(told.settled()).toEqual(["build 5: d e"]);
    // Answered: the next one has patience to lose again.
    expect(told.saved("f")).toEqual(["cancel build 5"]);
  });

  test("has a build finished as well once the oldest change has waited for max_wait", () => {
    const told = serving({ maxWaitMs: 2_000 });
    told.saved("a");
    told.settled();
    told.passed(1_900);
    expect(told.saved("b")).toEqual(["cancel build 2"]);
    told.buildGivenUp();
    told.settled();
    told.passed(2_000);
    expect(told.saved("c")).toEqual([]);
    expect(told.built()).toEqual(["stop run 1"]);
  });

  test("has every build finished where that was asked for", () => {
    const told = serving({ onChange: "finish" });
    told.saved("a");
    told.settled();
    expect(told.saved("b")).toEqual([]);
    told.built();
    expect(told.gone(1)).toEqual(["start run 2: a"]);
    expect(told.settled()).toEqual(["build 3: b"]);
  });
});

describe("with start-first", () => {
  test("a new run that is late is stopped, and the old one stays and goes on", () => {
    const told = serving({ swap: "start-first" });
    told.saved("a");
    told.settled();
    expect(told.built()).toEqual(["start run 2: a"]);
    expect(told.late(2)).toEqual(["stop run 2"]);
    expect(told.gone(2)).toEqual([]);
    // It is the old one still that a later change takes the place of.
    told.saved("b");
    told.settled();
    expect(told.built()).toEqual(["start run 3: b"]);
    expect(told.ready(3)).toEqual(["stop run 1"]);
    expect(told.gone(1)).toEqual([]);
  });

  test("a new run that ends before it is ready changes nothing either", () => {
    const told = serving({ swap: "start-first" });
    told.saved("a");
    told.settled();
    told.built();
    expect(told.exited(2, 1)).toEqual(["stop run 2"]);
    expect(told.gone(2)).toEqual([]);
  });

  test("a new run that is ready is not late any more", () => {
    const told = serving({ swap: "start-first" });
    told.saved("a");
    told.settled();
    told.built();
    told.ready(2);
    expect(told.late(2)).toEqual([]);
  });
});

describe("a COMMAND that does not exist", () => {
  test("ends it all with 127 at its first start", () => {
    const told = story({ builds: false, commandGiven: true });
    told.started();
    expect(told.exited(1, "missing")).toEqual(["stop run 1"]);
    expect(told.gone(1)).toEqual(["exit 127"]);
  });

  test("ends nothing at a later one: a change is waited for", () => {
    const told = serving({ builds: false, commandGiven: true });
    told.saved("a", "restart");
    expect(told.settled()).toEqual(["stop run 1"]);
    expect(told.gone(1)).toEqual(["start run 2: a"]);
    expect(told.exited(2, "missing")).toEqual([]);
    told.saved("b", "restart");
    expect(told.settled()).toEqual(["stop run 2"]);
    expect(told.gone(2)).toEqual(["start run 3: b"]);
  });

  test("ends nothing at its first start either, where a file names it", () => {
    const told = story({ builds: false });
    told.started();
    expect(told.exited(1, "missing")).toEqual([]);
  });

  test("is told from one that exists and ends with a code", () => {
    const told = story({ builds: false, commandGiven: true });
    told.started();
    expect(told.exited(1, 127)).toEqual([]);
  });
});

describe("a change that only restarts", () => {
  test("during a build is answered by the start that comes of it, and by no second one", () => {
    const told = serving();
    told.saved("main.go");
    told.settled();
    expect(told.saved(".env", "restart")).toEqual([]);
    expect(told.built()).toEqual(["stop run 1"]);
    expect(told.gone(1)).toEqual(["start run 2: main.go .env"]);
    expect(told.ready(2)).toEqual([]);
    expect(() => told.settled()).toThrow("quiet");
  });

  test("beside one that builds is not answered by that build's start alone", () => {
    const told = serving({ onChange: "finish" });
    told.saved("main.go");
    told.settled();
    told.saved(".env", "restart");
    told.saved("lib.go");
    told.built();
    expect(told.gone(1)).toEqual(["start run 2: main.go"]);
    expect(told.settled()).toEqual(["build 3: .env lib.go"]);
  });

  test("builds nothing", () => {
    const told = serving();
    told.saved(".env", "restart");
    expect(told.settled()).toEqual(["stop run 1"]);
    expect(told.gone(1)).toEqual(["start run 2: .env"]);
  });
});

/** A build that has written `gen.go` three times: from then on it is left out while one runs. */
function muted(): Told {
  const told = serving();
  told.saved("main.go");
  told.settled();
  told.saved("gen.go");
  told.buildGivenUp();
  told.settled();
  const lines: string[] = [];
  for (let round = 0; round < 3 && !lines.includes("mute gen.go"); round += 1) {
    lines.push(...told.saved("gen.go"), ...told.built());
    told.gone(1 + round);
    told.ready(2 + round);
    if (!lines.includes("mute gen.go")) told.settled();
  }
  expect(lines).toContain("mute gen.go");
  told.passed(60_000);
  return told;
}

describe("a path that every build writes", () => {
  const build = (told: Told, path: string): string[] => {
    told.passed(60_000);
    told.saved(path);
    return told.settled().map((line) => line.replace(/ \d+/, ""));
  };

  test("does not call for a build any more while one runs", () => {
    const told = muted();
    expect(build(told, "main.go")).toEqual(["build: main.go"]);
    expect(told.saved("gen.go")).toEqual([]);
    told.built();
    expect(() => told.settled()).toThrow("quiet");
  });

  test("does so again once somebody has saved it by hand", () => {
    const told = muted();
    expect(build(told, "gen.go")).toEqual(["build: gen.go"]);
    expect(told.saved("gen.go")).toEqual([expect.stringMatching(/^cancel build/)]);
    told.buildGivenUp();
    expect(told.settled()).toEqual([expect.stringMatching(/^build \d+: gen.go$/)]);
  });

  test("does so again with a new configuration, in which the build may be another one", () => {
    const told = muted();
    told.configured(".reload.toml");
    expect(told.settled()).toEqual([expect.stringMatching(/^build \d+: .reload.toml$/)]);
    expect(told.saved("gen.go")).toEqual([expect.stringMatching(/^cancel build/)]);
  });
});
