/** Several services in one house, as stories: shared builds, order, rules, names. */
import { describe, expect, test } from "vitest";
import { asking, type Demand } from "../../src/core/demand.ts";
import type { Plan, Recipe } from "../../src/core/types.ts";
import { type Settings, serviceOf } from "./plans.ts";
import { newsText } from "./trace.ts";
import { comeToRest, type Happening, newWorld, tell, type World } from "./world.ts";

const recipe = (kind: Recipe["kind"], service = ""): Recipe => ({
  kind,
  service,
  onChange: "restart",
  products: [],
  isOptional: false,
});

/** `api` and `web` share a build; `api` is after `db`. */
function house(settings: Partial<Settings> = {}): Plan {
  return {
    services: new Map([
      ["db", serviceOf(settings, [])],
      ["api", serviceOf(settings, ["shared"], ["db"])],
      ["web", serviceOf(settings, ["shared"])],
    ]),
    recipes: new Map([["shared", recipe("build")]]),
    commandGiven: false,
    postpone: false,
    once: settings.once !== undefined,
  };
}

/** What is ordered, by service: `start api`, `stop web`, `build`. */
function take(world: World, happening: Happening): string[] {
  const { orders, news } = tell(world, happening);
  const said = orders.flatMap((order) => {
    switch (order.type) {
      case "startJob":
        return [`${order.recipe}: ${[...order.demand.keys()].filter((path) => path !== "").join(" ")}`.trim()];
      case "cancelJob":
        return ["give up"];
      case "startRun":
        return [`start ${order.job.service}`];
      case "stopRun":
        return [`stop ${order.job.service}`];
      case "signalRun":
        return [`signal ${order.job.service}: ${order.rules.join(" ")}`];
      case "refresh":
        return [`refresh ${order.service}: ${order.paths.join(" ")}`];
      case "exit":
        return [`exit ${order.code}`];
      default:
        return [];
    }
  });
  return [...said, ...news.map(newsText)];
}

const saved = (changes: Record<string, Demand>): Happening => ({
  type: "changed",
  changes: new Map(Object.entries(changes).map(([service, demand]) => [service, { demand, empty: false }])),
});

/** All quiet times pass, and the looks after them find nothing. */
function settle(world: World): string[] {
  const said: string[] = [];
  for (const { timer, service, at } of [...world.timers.values()].filter((one) => one.timer === "quiet")) {
    world.at = Math.max(world.at, at);
    said.push(...take(world, { type: "elapsed", timer, service }));
  }
  while (world.looks > 0) said.push(...take(world, { type: "looked", changes: new Map(), busy: false }));
  return said;
}

function ends(world: World, code = 0): string[] {
  const [job] = world.jobs.values();
  if (job === undefined) throw new Error("nothing is made");
  return take(world, {
    type: "jobEnded",
    job: job.job,
    result: code === 0 ? { is: "ok" } : { is: "failed", exit: { is: "code", code } },
  });
}

const of = (world: World, service: string) => {
  const [first] = [...world.runs.values()].filter(({ job }) => job.service === service);
  if (first === undefined) throw new Error(`${service} does not run`);
  return first.job;
};

function serving(settings: Partial<Settings> = {}): World {
  const world = newWorld(house(settings));
  tell(world, { type: "started" });
  comeToRest(world);
  world.at += 60_000;
  return world;
}

describe("what services share", () => {
  test("is built once for all who need it, and starts those alone", () => {
    const world = serving();
    take(world, saved({ api: asking("rebuild", ["lib.go"]), web: asking("rebuild", ["lib.go"]) }));
    expect(settle(world)).toEqual(["shared: lib.go"]);
    expect(ends(world)).toEqual(["stop api", "stop web"]);
  });

  test("waits for the quiet time of all who are about to ask for it", () => {
    const world = serving();
    take(world, saved({ api: asking("rebuild", ["a.go"]) }));
    world.at += 3;
    take(world, saved({ web: asking("rebuild", ["b.go", "c.go"]) }));
    // The quiet time of api is over first.
    expect(take(world, { type: "elapsed", timer: "quiet", service: "api" })).toEqual([]);
    expect(take(world, { type: "looked", changes: new Map(), busy: false })).toEqual([]);
    expect(settle(world)).toEqual(["shared: a.go b.go c.go"]);
  });

  test("has in it what comes while it is waited for: nobody is started once more for that", () => {
    const world = serving();
    take(world, saved({ api: asking("rebuild", ["a.go"]) }));
    world.at += 3;
    take(world, saved({ web: asking("rebuild", ["b.go"]) }));
    take(world, { type: "elapsed", timer: "quiet", service: "api" });
    take(world, { type: "looked", changes: new Map(), busy: false });
    take(world, saved({ api: asking("rebuild", ["lib.go"]), web: asking("rebuild", ["lib.go"]) }));
    settle(world);
    expect(ends(world)).toEqual(["stop api", "stop web"]);
    for (const service of ["api", "web"]) take(world, { type: "runGone", job: of(world, service) });
    for (const service of ["api", "web"]) tell(world, { type: "runReady", job: of(world, service) });
    expect(settle(world)).toEqual([]);
    expect(world.timers.size).toBe(0);
  });

  test("fails for all who need it, and stops none of them", () => {
    const world = serving();
    take(world, saved({ api: asking("rebuild", ["lib.go"]), web: asking("rebuild", ["lib.go"]) }));
    settle(world);
    expect(ends(world, 1)).toEqual([]);
    // What failed is asked for again with the next change of whoever it is, and is in the next run of all of them.
    take(world, saved({ web: asking("rebuild", ["b.go"]) }));
    expect(settle(world)).toEqual(["shared: lib.go b.go"]);
    expect(ends(world)).toEqual(["stop api", "stop web"]);
  });

  test("comes after what each of those who need it has to do before, and not without end where that fails", () => {
    const plan = house();
    const steps = [{ recipe: "hook" }, { recipe: "shared" }];
    const services = new Map(plan.services).set("web", { ...serviceOf({}, []), steps });
    const world = newWorld({ ...plan, services, recipes: new Map(plan.recipes).set("hook", recipe("hook", "web")) });
    expect(take(world, { type: "started" })).toEqual(["start db", "hook:"]);
    expect(ends(world)).toEqual(["shared:"]);
    comeToRest(world);
    world.at += 60_000;
    take(world, saved({ api: asking("rebuild", ["lib.go"]), web: asking("rebuild", ["lib.go"]) }));
    expect(settle(world)).toEqual(["hook: lib.go"]);
    expect(ends(world, 1)).toEqual(["shared: lib.go"]);
    expect(ends(world)).toContain("stop api");
    // Nobody but one is concerned: there is nothing to wait for.
    take(world, { type: "runGone", job: of(world, "api") });
    settle(world);
    world.at += 60_000;
    take(world, saved({ api: asking("rebuild", ["a.go"]) }));
    expect(settle(world)).toEqual(["shared: a.go"]);
  });

  test("that fails is made again for who has changed something since it began: that may mend it", () => {
    const world = serving();
    take(world, saved({ api: asking("rebuild", ["a.go"]) }));
    expect(settle(world)).toEqual(["shared: a.go"]);
    take(world, saved({ web: asking("rebuild", ["lib.go"]) }));
    expect(settle(world)).toEqual([]);
    expect(ends(world, 1)).toEqual(["shared: lib.go"]);
    // Whoever had failed is served by it as well.
    expect(ends(world)).toEqual(["stop api", "stop web"]);
  });

  test("is not waited for by those whom a change does not concern", () => {
    const world = serving();
    take(world, saved({ api: asking("rebuild", ["a.go"]) }));
    settle(world);
    take(world, saved({ db: asking("restart", ["db.conf"]) }));
    expect(settle(world)).toEqual(["stop db"]);
    expect(take(world, { type: "runGone", job: of(world, "db") })).toEqual(["start db"]);
  });
});

describe("the order of services", () => {
  test("holds at the start: one that is after another waits until that one is ready", () => {
    const world = newWorld(house());
    expect(take(world, { type: "started" })).toEqual(["start db", "shared:"]);
    while (world.looks > 0) tell(world, { type: "looked", changes: new Map(), busy: false });
    expect(ends(world)).toEqual(["start web"]);
    expect(take(world, { type: "runReady", job: of(world, "db") })).toEqual(["start api"]);
  });

  test("waits for one that has failed, says so once, and goes on with its later success", () => {
    const world = newWorld(house());
    tell(world, { type: "started" });
    ends(world);
    const exit = { is: "code", code: 1 } as const;
    expect(take(world, { type: "runExited", job: of(world, "db"), exit })).toEqual(["api waits for db"]);
    take(world, saved({ db: asking("restart", ["db.conf"]) }));
    expect(settle(world)).toEqual(["stop db"]);
    expect(take(world, { type: "runGone", job: of(world, "db") })).toEqual(["start db"]);
    expect(take(world, { type: "runReady", job: of(world, "db") })).toEqual(["start api"]);
  });

  test("stops nobody when one fails later", () => {
    const world = serving();
    expect(take(world, { type: "runExited", job: of(world, "db"), exit: { is: "code", code: 1 } })).toEqual([]);
  });

  test("waits while that is made anew for the same change, and for no other one", () => {
    const plan = house();
    const web = { ...serviceOf({}, [], ["api"]) };
    const world = newWorld({ ...plan, services: new Map(plan.services).set("web", web) });
    tell(world, { type: "started" });
    comeToRest(world);
    world.at += 60_000;
    take(world, saved({ api: asking("rebuild", ["lib.go"]), web: asking("rebuild", ["lib.go"]) }));
    expect(settle(world)).toEqual(["shared: lib.go"]);
    expect(ends(world)).toEqual(["stop api"]);
    expect(take(world, { type: "runGone", job: of(world, "api") })).toEqual(["start api"]);
    expect(take(world, { type: "runReady", job: of(world, "api") })).toEqual(["stop web"]);
    take(world, { type: "runGone", job: of(world, "web") });
    comeToRest(world);
    world.at += 60_000;
    take(world, saved({ api: asking("rebuild", ["a.go"]) }));
    expect(settle(world)).toEqual(["shared: a.go"]);
    take(world, saved({ web: asking("rebuild", ["w.go"]) }));
    expect(settle(world)).toEqual(["stop web"]);
  });

  test("keeps what runs while what it is after has failed", () => {
    const world = serving();
    tell(world, { type: "runExited", job: of(world, "db"), exit: { is: "code", code: 1 } });
    take(world, saved({ api: asking("restart", [".env"]) }));
    expect(settle(world)).toEqual(["api waits for db"]);
  });
});

describe("a service that is named", () => {
  test("is stopped, stays so whatever changes, and has it all once it is started", () => {
    const world = serving();
    expect(take(world, { type: "asked", verb: "stop", services: ["web"] })).toEqual(["stop web"]);
    take(world, { type: "runGone", job: of(world, "web") });
    take(world, saved({ web: asking("rebuild", ["w.go"]) }));
    expect(settle(world)).toEqual([]);
    take(world, { type: "asked", verb: "start", services: ["web"] });
    expect(settle(world)).toEqual(["shared: w.go"]);
    expect(ends(world)).toEqual(["start web"]);
  });

  test("is restarted alone, without a build, or built and restarted", () => {
    const world = serving();
    take(world, { type: "asked", verb: "restart", services: ["web"] });
    expect(settle(world)).toEqual(["stop web"]);
    const other = serving();
    take(other, { type: "asked", verb: "rebuild", services: ["web"] });
    expect(settle(other)).toEqual(["shared:"]);
  });

  test("is restarted while all is paused, with what was collected", () => {
    const world = serving();
    take(world, { type: "paused" });
    take(world, saved({ web: asking("restart", ["w.env"]), db: asking("restart", ["d.env"]) }));
    expect(settle(world)).toEqual([]);
    take(world, { type: "asked", verb: "restart", services: ["web"] });
    expect(settle(world)).toEqual(["stop web"]);
    take(world, { type: "resumed" });
    expect(settle(world)).toEqual(["stop db"]);
  });

  test("is ended when the configuration names it no more, and the others stay", () => {
    const world = serving();
    const services = new Map([...world.plan.services].filter(([service]) => service !== "web"));
    world.plan = { ...world.plan, services };
    const told: Happening = { type: "configured", changes: new Map() };
    expect(take(world, told)).toEqual(["stop web"]);
    expect(take(world, { type: "runGone", job: of(world, "web") })).toEqual([]);
    expect([...world.runs.keys()].sort()).toEqual(["api/run/1", "db/run/1"]);
  });

  test("and one that comes back is started and answers changes as a new one does", () => {
    const world = serving();
    const { plan } = world;
    world.plan = { ...plan, services: new Map([...plan.services].filter(([service]) => service !== "db")) };
    expect(take(world, { type: "configured", changes: new Map() })).toEqual(["stop db"]);
    take(world, { type: "runGone", job: of(world, "db") });
    world.plan = plan;
    const owed: Demand = asking("rebuild", ["", ".reload.toml"]);
    const configured: Happening = { type: "configured", changes: new Map([["db", { demand: owed, empty: false }]]) };
    expect([...take(world, configured), ...settle(world)]).toEqual(["start db"]);
    tell(world, { type: "runReady", job: of(world, "db") });
    world.at += 60_000;
    take(world, saved({ db: asking("restart", ["db.conf"]) }));
    expect(settle(world)).toEqual(["stop db"]);
  });
});

describe("with --once", () => {
  test("all are kept until the last has been judged", () => {
    const world = newWorld(house({ once: { checked: true } }));
    tell(world, { type: "started" });
    while (world.looks > 0) tell(world, { type: "looked", changes: new Map(), busy: false });
    ends(world);
    expect(take(world, { type: "runReady", job: of(world, "web") })).toEqual([]);
    expect(take(world, { type: "runReady", job: of(world, "db") })).toEqual(["start api"]);
    expect(take(world, { type: "runReady", job: of(world, "api") })).toEqual(["stop web", "stop api"]);
    // What others need is ended after them.
    expect(take(world, { type: "runGone", job: of(world, "api") })).toEqual(["stop db"]);
    comeToRest(world);
    expect(world.exits).toEqual([0]);
  });

  test("the first failure ends the rest at once", () => {
    const world = newWorld(house({ once: { checked: true } }));
    tell(world, { type: "started" });
    ends(world);
    expect(take(world, { type: "runLate", job: of(world, "web") })).toEqual(["stop db", "stop web"]);
    comeToRest(world);
    expect(world.exits).toEqual([3]);
  });
});

describe("rules", () => {
  const ruled = (names: readonly string[] = ["gen"]): World => {
    const asked = names.map((name) => ({ recipe: name, rule: name, atStart: true }));
    const api = { ...serviceOf({}, []), steps: [...asked, { recipe: "own" }] };
    const world = newWorld({
      services: new Map([["api", api]]),
      recipes: new Map([
        ...names.map((name) => [name, recipe("rule", "api")] as const),
        ["own", recipe("build", "api")],
      ]),
      commandGiven: false,
      postpone: false,
      once: false,
    });
    expect(take(world, { type: "started" })).toEqual(["gen:"]);
    comeToRest(world);
    world.at += 60_000;
    return world;
  };
  const templ: Demand = new Map([["a.templ", { verdict: "rebuild", rule: "gen" }]]);

  test("run first, and what they write joins the same cycle: one build, one start", () => {
    const world = ruled();
    take(world, saved({ api: templ }));
    expect(settle(world)).toEqual(["gen: a.templ"]);
    expect(take(world, saved({ api: asking("rebuild", ["a_templ.go"]) }))).toEqual([]);
    expect(ends(world)).toEqual(["own: a.templ a_templ.go"]);
    expect(ends(world)).toEqual(["stop api"]);
    take(world, { type: "runGone", job: of(world, "api") });
    expect(settle(world)).toEqual([]);
  });

  test("are not started again by what they write themselves, each time", () => {
    const world = newWorld(ruled().plan);
    const own: Demand = new Map([["b.templ", { verdict: "rebuild", rule: "gen" }]]);
    expect(take(world, { type: "started" })).toEqual(["gen:"]);
    take(world, saved({ api: own }));
    expect(ends(world)).toEqual(["own: b.templ"]);
    comeToRest(world);
    world.at += 60_000;
    take(world, saved({ api: templ }));
    settle(world);
    take(world, saved({ api: own }));
    expect(ends(world)).toEqual(["own: a.templ b.templ"]);
    expect(settle(world)).toEqual([]);
  });

  test("are started once more for what a later one writes, each twice at most, and then all goes on", () => {
    const world = ruled(["gen", "css"]);
    const css: Demand = new Map([["a.css", { verdict: "rebuild", rule: "css" }]]);
    take(world, saved({ api: templ }));
    expect(settle(world)).toEqual(["gen: a.templ"]);
    take(world, saved({ api: css }));
    expect(ends(world)).toEqual(["css: a.templ a.css"]);
    // It is saved anew by the second one, and so on.
    take(world, saved({ api: new Map([["b.templ", { verdict: "rebuild", rule: "gen" }]]) }));
    expect(ends(world)).toEqual(["gen: a.templ a.css b.templ"]);
    take(world, saved({ api: new Map([["b.css", { verdict: "rebuild", rule: "css" }]]) }));
    expect(ends(world)).toEqual(["css: a.templ a.css b.templ b.css"]);
    take(world, saved({ api: new Map([["c.templ", { verdict: "rebuild", rule: "gen" }]]) }));
    expect(ends(world)).toEqual([expect.stringMatching(/^own: /)]);
    expect(ends(world)).toEqual(["stop api"]);
  });

  test("are started again for a file that is saved once more while they run", () => {
    const world = ruled();
    take(world, saved({ api: templ }));
    settle(world);
    expect(take(world, saved({ api: templ }))).toEqual([]);
    expect(ends(world)).toEqual(["own: a.templ"]);
    ends(world);
    take(world, { type: "runGone", job: of(world, "api") });
    expect(settle(world)).toEqual(["gen: a.templ"]);
  });

  test("that fail start nothing", () => {
    const world = ruled();
    take(world, saved({ api: templ }));
    settle(world);
    expect(ends(world, 1)).toEqual([]);
    expect(of(world, "api").number).toBe(1);
  });

  test("send signals to a run that is ready, refresh browsers, and are dropped where a start is due anyway", () => {
    const world = ruled();
    const reread: Demand = new Map([["app.yaml", { verdict: "signal", rule: "reread" }]]);
    take(world, saved({ api: reread }));
    expect(settle(world)).toEqual(["signal api: reread"]);
    world.at += 10_000;
    take(world, saved({ api: asking("refresh", ["app.css"]) }));
    expect(settle(world)).toEqual(["refresh api: app.css"]);
    world.at += 10_000;
    take(world, saved({ api: asking("rebuild", ["main.go"]) }));
    expect(settle(world)).toEqual(["own: main.go"]);
    take(world, saved({ api: reread }));
    expect(ends(world)).toEqual(["stop api"]);
    expect(take(world, { type: "runGone", job: of(world, "api") })).toEqual(["start api"]);
    expect(settle(world)).toEqual([]);
  });
});
