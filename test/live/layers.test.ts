/** Files over files, the environment, and what the program says itself. */
import { afterEach, describe, expect, test } from "vitest";
import type { ConfigError, LiveConfigOptions } from "../../src/live/types.ts";
import { newProject } from "../rig/project.ts";
import { until } from "../rig/until.ts";
import { openLive, timing } from "./formats.ts";

const set: string[] = [];
function variable(name: string, value: string): void {
  process.env[name] = value;
  set.push(name);
}
afterEach(() => {
  for (const name of set.splice(0)) delete process.env[name];
});

async function snapshotOf(
  files: Readonly<Record<string, string>>,
  options: Omit<LiveConfigOptions, "files">,
): Promise<unknown> {
  using project = newProject(files);
  await using config = await openLive(
    { environment: false, ...options, files: Object.keys(files).map(project.path) },
    timing,
  );
  return config.snapshot;
}

async function refusal(
  files: Readonly<Record<string, string>>,
  options: Omit<LiveConfigOptions, "files">,
): Promise<string> {
  using project = newProject(files);
  const opening = openLive({ environment: false, ...options, files: Object.keys(files).map(project.path) }, timing);
  const error = await opening.then(
    () => undefined,
    (thrown: ConfigError) => thrown,
  );
  return (error?.message ?? "").replaceAll(`${project.directory}/`, "");
}

describe("files", () => {
  test("a later one wins, key by key; lists are taken as a whole; zero, false, null and nothing are values", async () => {
    const files = {
      "a.yaml": "a: { x: 1, y: 2 }\nlist: [1, 2, 3]\nzero: 5\nno: true\nempty: text\nnothing: 1\n",
      "b.toml": 'list = [4]\nzero = 0\nno = false\nempty = ""\n[a]\ny = 3\n',
      "c.json": '{ "nothing": null }',
    };
    expect(await snapshotOf(files, {})).toEqual({
      a: { x: 1, y: 3 },
      list: [4],
      zero: 0,
      no: false,
      empty: "",
      nothing: null,
    });
  });

  test("those of an environment lie over those that they are named after, and may come and go", async () => {
    using project = newProject({
      "app.yaml": "port: 1\nlevel: info\n",
      "app.staging.yaml": "port: 2\n",
      ".env": "level=warn\n",
      ".env.staging": "level=error\n",
    });
    const files = [project.path("app.yaml"), project.path(".env")];
    await using config = await openLive({ files, environment: "staging" }, timing);
    expect(config.snapshot).toEqual({ port: 2, level: "error" });

    project.replace(".env.staging", "level=debug\n");
    await until("debug", () => config.get("level") === "debug");
    project.replace("app.staging.yaml", "port: 3\n");
    await until("port 3", () => config.get("port") === 3);

    await using production = await openLive({ files, environment: "production" }, timing);
    expect(production.snapshot).toEqual({ port: 1, level: "warn" });
    project.write("app.production.yaml", "port: 9\n");
    await until("a file that is new", () => production.get("port") === 9);
  });

  test("the name of the environment is NODE_ENV unless it is given", async () => {
    using project = newProject({ "app.yaml": "port: 1\n", [`app.${process.env["NODE_ENV"]}.yaml`]: "port: 2\n" });
    await using config = await openLive({ files: project.path("app.yaml") }, timing);
    expect(config.get("port")).toBe(2);
  });

  test("a key named as a part of JavaScript is a key", async () => {
    const snapshot = await snapshotOf(
      { "a.json": '{ "__proto__": { "x": 1 }, "constructor": 2 }', "b.yaml": "__proto__: { y: 2 }\n" },
      {},
    );
    expect(Object.entries(Object(snapshot))).toEqual([
      ["__proto__", { x: 1, y: 2 }],
      ["constructor", 2],
    ]);
    expect(Object("").x).toBeUndefined();
  });
});

describe("variables", () => {
  const yaml = { "app.yaml": "db: { url: a, poolSize: 3 }\nlog: { level: info }\nhosts: [a]\non: true\nrate: 1.5\n" };

  test("are found by the keys that there are, and have the type of what they take the place of", async () => {
    variable("LT_DB_URL", "b");
    variable("LT_DB_POOL_SIZE", "7");
    variable("LT_HOSTS", "a, b");
    variable("LT_ON", "false");
    variable("LT_RATE", "2");
    variable("LT_LOG_COLOUR", "yes");
    variable("LT_NEW_KEY", "n");
    variable("LT_DEEP__ER__KEY", "d");
    expect(await snapshotOf(yaml, { env: "LT_" })).toEqual({
      db: { url: "b", poolSize: 7 },
      log: { level: "info", colour: "yes" },
      hosts: ["a", "b"],
      on: false,
      rate: 2,
      new_key: "n",
      deep: { er: { key: "d" } },
    });
  });

  test("have the type that the schema says, which may be in it by reference", async () => {
    const schema = {
      $ref: "#/$defs/app",
      $defs: {
        app: {
          properties: {
            server: {
              properties: {
                maxBodyKb: { type: "integer" },
                tags: { type: "array", items: { type: "integer" } },
                extra: { type: "object" },
              },
            },
            mode: { anyOf: [{ type: "integer" }, { const: "auto" }] },
            off: { type: ["boolean", "null"] },
            name: { type: "string" },
          },
        },
      },
    };
    variable("LT_SERVER_MAX_BODY_KB", "64");
    variable("LT_SERVER_TAGS", "1,2,3");
    variable("LT_SERVER_EXTRA", '{"a":1}');
    variable("LT_MODE", "3");
    variable("LT_OFF", "true");
    variable("LT_NAME", "12");
    expect(await snapshotOf({ "a.yaml": "" }, { env: "LT_", schema })).toEqual({
      server: { maxBodyKb: 64, tags: [1, 2, 3], extra: { a: 1 } },
      mode: 3,
      off: true,
      name: "12",
    });
  });

  test("of an env file with the prefix are the same ones, and what is for others is left out", async () => {
    const files = { ...yaml, ".env": "LT_DB_URL=b\nDATABASE_URL=other\nLT_DB_POOL_SIZE=9\n" };
    variable("LT_DB_POOL_SIZE", "11");
    expect(await snapshotOf(files, { env: "LT_" })).toMatchObject({ db: { url: "b", poolSize: 11 } });
    expect(Object.keys(Object(await snapshotOf(files, { env: "LT_" })))).not.toContain("DATABASE_URL");
  });

  test("a mistake in one is told by its name, without its value", async () => {
    variable("LT_DB_POOL_SIZE", "hunter2");
    const schema = { properties: { db: { properties: { poolSize: { type: "integer", maximum: 9 } } } } };
    expect(await refusal(yaml, { env: "LT_", schema })).toBe(
      "LT_DB_POOL_SIZE: poolSize must be an integer of at most 9",
    );
    expect(
      await refusal({ ...yaml, ".env": "\nLT_DB_POOL_SIZE=many\n" }, { schema, env: "LT_", overrides: {} }),
    ).toContain("LT_DB_POOL_SIZE");
  });

  test("one that may mean two keys is refused, with what to write", async () => {
    variable("LT_DB_POOL_SIZE", "1");
    const both = { "app.yaml": "db: { pool: { size: 1 }, pool_size: 2 }\n" };
    expect(await refusal(both, { env: "LT_" })).toBe(
      "LT_DB_POOL_SIZE: can be db.pool.size or db.pool_size (write LT_DB__POOL__SIZE or LT_DB__POOL_SIZE)",
    );
    delete process.env["LT_DB_POOL_SIZE"];
    variable("LT_DB__POOL_SIZE", "5");
    variable("LT_DB__POOL__SIZE", "6");
    expect(await snapshotOf(both, { env: "LT_" })).toEqual({ db: { pool: { size: 6 }, pool_size: 5 } });
  });
});

describe("overrides", () => {
  test("win over all else, nested or dotted; what is undefined says nothing; objects of the program stay its own", async () => {
    variable("LT_PORT", "2");
    class Own {
      limit = 1;
    }
    const own = new Own();
    const overrides = { "db.url": "o", db: { pool: 3 }, port: undefined, own, list: [{ a: 1 }] };
    const snapshot = await snapshotOf({ "a.yaml": "port: 1\ndb: { url: a, x: 1 }\n" }, { env: "LT_", overrides });
    expect(snapshot).toEqual({ port: 2, db: { url: "o", pool: 3, x: 1 }, own, list: [{ a: 1 }] });
    own.limit = 2;
    expect(Object.isFrozen(overrides.list[0])).toBe(false);
    expect(Object.isFrozen(Object(snapshot).list) && Object.isFrozen(Object(snapshot).list[0])).toBe(true);
  });

  test("a mistake in them is told as theirs", async () => {
    expect(
      await refusal(
        { "a.yaml": "port: 1\n" },
        { overrides: { port: "x" }, schema: { properties: { port: { type: "integer" } } } },
      ),
    ).toBe("overrides: port must be an integer, not a string");
  });
});
