import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { variableOf } from "../../src/config/keys/keys.ts";
import { newProject } from "../rig/project.ts";
import { complaints, flag, type Given, good, loadIn, loadText, told } from "./loading.ts";

test("a configuration without services is one nameless service", async () => {
  using project = newProject({
    ".reload.toml": `env_files = [".env"]\n[build]\ncmd = "make"\n[proc]\ncmd = "./x"\n[[rule]]\nmatch = "*.css"\n`,
    ".env": "PORT=4000\n",
  });
  const loaded = good(await loadIn(project));
  expect([...loaded.services.keys()]).toEqual([""]);
  const service = loaded.services.get("");
  expect(service).toMatchObject({ name: "", kind: "reload", port: 4000, after: [], isWatched: true });
  expect(service?.config).toBe(loaded.config);
  expect(service?.tmpDir).toBe(join(project.directory, "tmp"));
  expect(service?.ground).toEqual({
    owner: "",
    root: project.directory,
    commandDirectory: project.directory,
    fileEnv: { PORT: "4000" },
  });
  expect(service?.buildGround).toEqual(service?.ground);
  expect(service?.rules.map(({ rule }) => rule.match)).toEqual([["*.css"]]);
});

const three = `env_files = [".env"]
[watch]
debounce = "1s"
exclude_dirs = ["/gen"]
[proc]
stop_timeout = "9s"
env = { LEVEL = 1.10 }
[hooks]
after_ready = "true"
at_end = "true"
[build]
cmd = "make all"
[[rule]]
match = "*.tmpl"
run = "generate"
[service.api]
root = "api"
after = ["db"]
proc.cmd = "node server.js"
proc.env.PORT = 4000
[service.api.build]
cmd = "make api"
[[service.api.rule]]
match = "*.css"
do = "refresh"
[service.worker]
root = "worker"
after = ["api"]
env_files = ["own.env"]
[service.worker.watch]
debounce = 0
[service.worker.proc]
cmd = "python worker.py"
[service.db]
watch = false
[service.db.proc]
cmd = "docker compose up"
`;

const shop = () => newProject({ ".reload.toml": three, ".env": "A=1\n", "api/x": "", "worker/own.env": "B=2\n" });

describe("a service", () => {
  test("says for itself, key by key, what the top says for all", async () => {
    using project = shop();
    const { services, warnings, notes } = good(await loadIn(project));
    expect([warnings, notes]).toEqual([[], []]);
    const [api, worker, db] = ["api", "worker", "db"].map((name) => services.get(name));
    expect([api, worker, db].map((service) => service?.config.watch.debounce)).toEqual([1_000, 0, 1_000]);
    expect([api, worker, db].map((service) => service?.config.proc.stop_timeout)).toEqual([9_000, 9_000, 9_000]);
    expect(api?.config.proc.env).toEqual({ LEVEL: "1.10", PORT: "4000" });
    expect(api?.config.watch.exclude_dirs).toEqual(["/gen"]);
    expect([api, worker, db].map((service) => service?.isWatched)).toEqual([true, true, false]);
    expect([api, worker, db].map((service) => service?.port)).toEqual([4_000, undefined, undefined]);
    expect([api, worker, db].map((service) => service?.config.hooks.after_ready.length)).toEqual([1, 1, 1]);
    expect([api, worker, db].map((service) => service?.config.hooks.at_end.length)).toEqual([0, 0, 0]);
  });

  test("has a root of its own, and all have one tmp_dir", async () => {
    using project = shop();
    const { services, config } = good(await loadIn(project));
    for (const service of services.values()) {
      expect(service.tmpDir).toBe(join(project.directory, "tmp"));
      expect(join(service.ground.root, service.config.tmp_dir)).toBe(service.tmpDir);
      expect(service.ground.commandDirectory).toBe(service.ground.root);
    }
    expect([...services].map(([name, service]) => [name, service.ground.root])).toEqual([
      ["db", project.directory],
      ["api", join(project.directory, "api")],
      ["worker", join(project.directory, "worker")],
    ]);
    expect(config.hooks.at_end).toHaveLength(1);
  });

  test("reads the env files of the top where they lie, or its own where it lies", async () => {
    using project = shop();
    const { services, envFiles } = good(await loadIn(project));
    expect(services.get("api")?.ground.fileEnv).toEqual({ A: "1" });
    expect(services.get("worker")?.ground.fileEnv).toEqual({ B: "2" });
    expect(envFiles.toSorted()).toEqual([join(project.directory, ".env"), join(project.directory, "worker/own.env")]);
  });

  test("has its own build and rules first, and what it shares with the others is the top's", async () => {
    using project = shop();
    const { services } = good(await loadIn(project));
    const built = (name: string): unknown => [
      services.get(name)?.buildGround.owner,
      services.get(name)?.config.build.cmd,
      services.get(name)?.rules.map(({ rule, ground }) => `${rule.match.join()} of ${ground.owner}`),
    ];
    expect(built("api")).toEqual(["api", "make api", ["*.css of api", "*.tmpl of "]]);
    expect(built("worker")).toEqual(["", "make all", ["*.tmpl of "]]);
    expect(services.get("worker")?.buildGround).toEqual(services.get("db")?.buildGround);
  });

  test("is listed after what it is after, and --only picks it with that", async () => {
    using project = shop();
    const names = async (...only: string[]): Promise<string[]> => [
      ...good(await loadIn(project, { only })).services.keys(),
    ];
    expect(await names()).toEqual(["db", "api", "worker"]);
    expect(await names("api")).toEqual(["db", "api"]);
    expect(await names("db")).toEqual(["db"]);
    expect(await names("worker", "db")).toEqual(["db", "api", "worker"]);
  });

  test("can be declared, and changed, by a profile", async () => {
    using project = newProject({
      ".reload.toml": three,
      ".reload.ci.toml": `[watch]\ndebounce = "2s"\n[service.api.proc]\ncmd = ["api"]\n[service.cron.proc]\ncmd = "cron"\n`,
      "api/x": "",
      "worker/x": "",
    });
    const { services } = good(await loadIn(project, { profile: "ci" }));
    expect([...services.keys()]).toEqual(["db", "api", "worker", "cron"]);
    expect(services.get("api")?.config.proc.cmd).toEqual(["api"]);
    expect([...services.values()].map(({ config }) => config.watch.debounce)).toEqual([2_000, 2_000, 0, 2_000]);
  });
});

/** Where a value can be said, the weakest first; a model of what is in force. */
const places = ["top of the file", "service", "top variable", "service variable", "top flag", "service flag"] as const;

test("the last of all places that say a key of a service is in force, whichever they are", async () => {
  const keys = {
    "watch.max_wait": { texts: ["1", "2", "3", "4", "5", "6"], default: 2_000 },
    "proc.stop_timeout": { texts: ["11", "12", "13", "14", "15", "16"], default: 5_000 },
    "ready.timeout": { texts: ["21", "22", "23", "24", "25", "26"], default: 30_000 },
  } as const;
  const names = Object.keys(keys) as (keyof typeof keys)[];
  const said = fc.record(
    Object.fromEntries(names.map((name) => [name, fc.subarray([...places.keys()])])) as Record<
      keyof typeof keys,
      fc.Arbitrary<number[]>
    >,
  );
  await fc.assert(
    fc.asyncProperty(said, async (where) => {
      const tops = names.flatMap((name) => (where[name].includes(0) ? [`${name} = ${keys[name].texts[0]}`] : []));
      const own = names.flatMap((name) =>
        where[name].includes(1) ? [`service.a-b.${name} = ${keys[name].texts[1]}`] : [],
      );
      const text = [...tops, ...own, 'service.a-b.proc.cmd = "x"', 'service.other.proc.cmd = "y"', ""].join("\n");
      const env = Object.fromEntries(
        names.flatMap((name) => [
          ...(where[name].includes(2) ? [[variableOf(name), keys[name].texts[2]]] : []),
          ...(where[name].includes(3) ? [[variableOf(`service.a-b.${name}`), keys[name].texts[3]]] : []),
        ]),
      ) as NodeJS.ProcessEnv;
      const flags = names.flatMap((name) => [
        ...(where[name].includes(5) ? [flag(`service.a-b.${name}`, keys[name].texts[5])] : []),
        ...(where[name].includes(4) ? [flag(name, keys[name].texts[4])] : []),
      ]);
      const { services } = good(await loadText(text, { env, flags }));
      for (const name of names) {
        const last = where[name].at(-1);
        const meant = last === undefined ? keys[name].default : Number(keys[name].texts[last]);
        expect([name, services.get("a-b")?.effectives.get(name)?.value]).toEqual([name, meant]);
        expect(services.get("a-b")?.effectives.get(name)?.origins).toHaveLength(1);
        // The other hears of what is said of all, and of nothing else.
        const ofAll = where[name].filter((place) => place % 2 === 0).at(-1);
        const limit = ofAll === undefined ? keys[name].default : Number(keys[name].texts[ofAll]);
        expect([name, services.get("other")?.effectives.get(name)?.value]).toEqual([name, limit]);
      }
    }),
    { numRuns: 60 },
  );
});

test("each service comes after what it is after, whatever is picked, and nothing else comes along", async () => {
  const letters = ["a", "b", "c", "d", "e"];
  const order = fc.tuple(
    fc.shuffledSubarray(letters, { minLength: letters.length }),
    fc.array(fc.tuple(fc.nat(4), fc.nat(4))),
    fc.subarray(letters),
  );
  await fc.assert(
    fc.asyncProperty(order, async ([written, pairs, only]) => {
      // Only backwards in the alphabet: no circle.
      const edges = pairs.filter(([from, to]) => from > to);
      const after = (name: string): string[] =>
        edges.flatMap(([from, to]) => (letters[from] === name ? [letters[to] ?? ""] : []));
      const text = written.map((name) => `[service.${name}]\nproc.cmd = "x"\nafter = ${JSON.stringify(after(name))}\n`);
      const found = [...good(await loadText(text.join(""), { only })).services.keys()];
      const meant = new Set<string>();
      const take = (name: string): void => {
        meant.add(name);
        after(name).forEach(take);
      };
      (only.length === 0 ? letters : only).forEach(take);
      expect(found.toSorted()).toEqual([...meant].sort());
      for (const [at, name] of found.entries())
        for (const before of after(name)) expect(found.indexOf(before)).toBeLessThan(at);
    }),
    { numRuns: 60 },
  );
});

describe("variables and flags", () => {
  const two = `[service.my-api.proc]\ncmd = "a"\nstop_timeout = "3s"\n[service.db]\nwatch = false\nproc.cmd = "d"\n`;
  const views = async (given: Given) => good(await loadText(two, given)).services;

  test("set keys of services that a file declares, and win over the file", async () => {
    const services = await views({
      env: { RELOAD_SERVICE_MY_API_PROC_CMD: '["x", "y"]', RELOAD_SERVICE_DB_AFTER: "my-api" },
      flags: [flag("service.my-api.proc.args", "one"), flag("service.my-api.proc.args", "two")],
    });
    expect(services.get("my-api")?.config.proc).toMatchObject({ cmd: ["x", "y"], args: ["one", "two"] });
    expect(services.get("db")?.after).toEqual(["my-api"]);
  });

  test("of the top are for all services, and win over what a file says of one", async () => {
    const services = await views({
      env: { RELOAD_PROC_STOP_TIMEOUT: "1s" },
      flags: [flag("watch.include_files", '[".go"]'), flag("proc.env", "A=b")],
    });
    for (const { config } of services.values()) {
      expect(config.proc).toMatchObject({ stop_timeout: 1_000, env: { A: "b" } });
      expect(config.watch.include_files).toEqual([".go"]);
    }
  });

  test("of a service win over those of the top", async () => {
    const services = await views({
      env: { RELOAD_PROC_STOP_TIMEOUT: "1s", RELOAD_SERVICE_DB_PROC_STOP_TIMEOUT: "2s" },
    });
    expect(services.get("db")?.config.proc.stop_timeout).toBe(2_000);
  });

  test("a table is laid over the one below it, of the top and of a service", async () => {
    const services = await views({
      env: { RELOAD_PROC_ENV: '{ A = "1", B = "1" }', RELOAD_SERVICE_DB_PROC_ENV: '{ B = "2" }' },
      flags: [flag("service.db.proc.env", '{ C = "3" }')],
    });
    expect(services.get("my-api")?.config.proc.env).toEqual({ A: "1", B: "1" });
    expect(services.get("db")?.config.proc.env).toEqual({ A: "1", B: "2", C: "3" });
  });

  test("-w is for all that are watched", async () => {
    const services = await views({ flags: [{ ...flag("watch.include_dirs", '["src"]'), spelled: "--watch" }] });
    expect([...services.values()].map((service) => service.isWatched)).toEqual([true, false]);
    expect(services.get("my-api")?.config.watch.include_dirs).toEqual(["src"]);
  });

  test("COMMAND and -b are for the one that --only names", async () => {
    const build = { ...flag("build.cmd", "make"), spelled: "--build" };
    const services = await views({ command: ["./x", "1"], flags: [build], only: ["my-api"] });
    expect([...services.keys()]).toEqual(["my-api"]);
    expect(services.get("my-api")?.config).toMatchObject({
      proc: { cmd: ["./x", "1"], args: [] },
      build: { cmd: "make" },
    });
    expect(services.get("my-api")?.buildGround.owner).toBe("my-api");
  });

  test.each<[string, Given, string]>([
    ["COMMAND without --only", { command: ["x"] }, "COMMAND: it takes the place of one service"],
    ["COMMAND for two", { command: ["x"], only: ["db", "my-api"] }, "COMMAND: it takes the place of one service"],
    ["-b without --only", { flags: [{ ...flag("build.cmd", "x"), spelled: "-b" }] }, "--build: it builds one service"],
    ["an unknown service", { only: ["my-ap"] }, "--only: there is no service my-ap\n  did you mean my-api?"],
    [
      "a flag of an unknown service",
      { flags: [flag("service.my_api.proc.cmd", "x")] },
      "--service.my_api.proc.cmd: unknown key\n  did you mean --service.my-api.proc.cmd?",
    ],
    [
      "a flag for a key that is none",
      { flags: [flag("service.db.proc.cmdd", "x")] },
      "--service.db.proc.cmdd: unknown key\n  did you mean --service.db.proc.cmd?",
    ],
    [
      "a flag at the top that nobody knows the service of",
      { flags: [flag("proc.cmd", "x")] },
      "--proc.cmd: [proc] cmd is of one program",
    ],
    ["a variable of the top", { env: { RELOAD_READY_TCP: "80" } }, "RELOAD_READY_TCP: [ready] tcp is of one program"],
    ["a wrong value", { flags: [flag("service.db.proc.sweep", "maybe")] }, "--service.db.proc.sweep:"],
  ])("%s is refused", async (_, given, message) => {
    expect(complaints(await loadText(two, given))).toContain(message);
  });

  test("a variable of a service that no file declares is a warning", async () => {
    const warned = async (name: string): Promise<string> =>
      told(good(await loadText(two, { env: { [name]: "x" } })).warnings);
    expect(await warned("RELOAD_SERVICE_DB_PROC_CMDD")).toContain("did you mean RELOAD_SERVICE_DB_PROC_CMD?");
    expect(await warned("RELOAD_SERVICE_SOMETHING_ELSE_PROC_CMD")).toContain("there are: my-api, db");
    expect(
      told(good(await loadText('proc.cmd = "x"\n', { env: { RELOAD_SERVICE_X_PROC_CMD: "y" } })).warnings),
    ).toContain("no service");
  });

  test("--only without services is refused", async () => {
    expect(complaints(await loadText('proc.cmd = "x"\n', { only: ["api"] }))).toContain(
      "--only: no service is declared here",
    );
  });
});

describe("a mistake is told where it stands:", () => {
  const api = `[service.api.proc]\ncmd = "a"\n`;
  test.each<[string, string, string]>([
    ["a name", `[service.Api.proc]\ncmd = "a"\n`, '1:10: "Api" cannot be the name of a service'],
    ["a name with _", `[service.my_api.proc]\ncmd = "a"\n`, "[service.my-api] would do"],
    ["a key that is none", `${api}cmdd = 1\n`, "3:1: unknown key cmdd in [service.api.proc]"],
    ["a table that is none", `${api}[service.api.procc]\n`, "3:14: unknown table [service.api.procc]"],
    [
      "a key of another table",
      `[service.api]\ncmd = "a"\n`,
      "cmd is a key of [service.api.build] and of [service.api.proc]",
    ],
    [
      "a key that is one for all",
      `[service.api]\ntmp_dir = "x"\nproc.cmd = "a"\n`,
      "2:1: unknown key tmp_dir in [service.api]\n",
    ],
    ["a table that is one for all", `${api}[service.api.log]\nlevel = "warn"\n`, "[log] holds for all services"],
    ["a hook that is one for all", `${api}[service.api.hooks]\nat_end = "x"\n`, "at_end of [hooks] holds for all"],
    ["a program without a name", `[service]\nproc.cmd = "a"\n`, "2:6: unknown key cmd in [service.proc]"],
    ["an empty one", "[service.api]\n", "1:10: service api has nothing to do"],
    ["a program as a value", `service = "a"\n`, "1:11: service is a table of services, not a string"],
    ["a list of services", `[[service]]\nname = "a"\n`, "service is a table of services, not a list"],
    ["a value of the wrong kind", `${api}sweep = 1\n`, "3:9: proc.sweep: 1 is a number"],
    ["nothing to do", `[service.api]\nroot = "."\n`, "1:10: service api has nothing to do"],
    [
      "nothing to do but the build of all",
      `[build]\ncmd = "x"\n[service.api]\nwatch = false\n`,
      "3:10: service api has nothing",
    ],
    [
      "after whom there is none",
      `[service.api]\nproc.cmd = "a"\nafter = ["db"]\n`,
      "3:10: after: there is no service db",
    ],
    ["after itself", `[service.api]\nproc.cmd = "a"\nafter = ["api"]\n`, "3:10: after: api would wait for itself"],
    [
      "a circle",
      `[service.a]\nproc.cmd = "a"\nafter = ["b"]\n[service.b]\nproc.cmd = "b"\nafter = ["c"]\n[service.c]\nproc.cmd = "c"\nafter = ["a"]\n`,
      "9:10: after: c is after a is after b is after c: in a circle",
    ],
    ["a rule without match", `${api}[[service.api.rule]]\nrun = "x"\n`, "3:15: rule: a rule needs match"],
    [
      "a root that is not there",
      `[service.api]\nroot = "nowhere"\nproc.cmd = "a"\n`,
      '2:8: root: "nowhere" does not exist',
    ],
    ["a check for nobody", `[ready]\ntcp = 80\n${api}`, "2:7: [ready] tcp is of one program"],
    ["a command for nobody", `[proc]\ncmd = "x"\n${api}`, "2:7: [proc] cmd is of one program"],
    ["words for nobody", `[proc]\nargs = ["x"]\n${api}`, "2:8: [proc] args is of one program"],
    ["a proxy for nobody", `[proxy]\nlive_reload = false\n${api}`, "2:15: [proxy] live_reload is of one program"],
    ["sockets for nobody", `[sockets]\nlisten = [80]\n${api}`, "2:10: [sockets] listen is of one program"],
    [
      "a build that is not its own",
      `[build]\ncmd = "x"\n${api}[service.api.build]\ntimeout = "1s"\n`,
      "6:11: build.timeout: what builds api",
    ],
  ])("%s", async (_, text, message) => {
    const said = complaints(await loadText(text));
    expect(said).toContain(message);
  });

  const claims: readonly [string, string][] = [
    ["ready.tcp", "ready.tcp = 8080"],
    ["ready.http", 'ready.http = "http://127.0.0.1:8080/health"'],
    ["PORT", "proc.env.PORT = 8080"],
    ["proxy.listen", 'proxy = { listen = 8080, target = "auto" }'],
    ["proxy.target", "proxy.target = 8080"],
    ["sockets.listen", "sockets.listen = [8080]"],
  ];
  for (const [one, first] of claims)
    for (const [other, second] of claims)
      test(`${one} of one service and ${other} of another are one port`, async () => {
        const text = `[service.a]\nproc.cmd = "a"\n${first}\n[service.b]\nproc.cmd = "b"\n${second}\n`;
        expect(complaints(await loadText(text))).toMatch(/:6:\d+: .*port 8080 is that of service a/);
      });

  test.each([
    ["another machine's", `ready.http = "http://example.test:8080/"`, "proc.env.PORT = 8080"],
    ["another number", "proc.env.PORT = 8080", "proc.env.PORT = 8081"],
  ])("%s is no port of theirs", async (_, first, second) => {
    const text = `[service.a]\nproc.cmd = "a"\n${first}\n[service.b]\nproc.cmd = "b"\n${second}\n`;
    expect(await loadText(text)).toMatchObject({ ok: true });
  });

  test("all of one file at once, in its order", async () => {
    const said = complaints(
      await loadText(
        `[service.A]\n[service.b]\nproc.cmdd = 1\nafter = ["x"]\n[service.c]\nproc.cmd = "c"\nafter = ["b", "d"]\n`,
      ),
    );
    expect(said.match(/\.toml:\d+:\d+/g)).toEqual([".toml:1:10", ".toml:3:6", ".toml:4:10", ".toml:7:15"]);
  });
});
