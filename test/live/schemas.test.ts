/** What judges a configuration: JSON Schema, a schema file, a function, a validator of the Standard Schema kind; and what is refused at once. */
import { describe, expect, test } from "vitest";
import type { ConfigError, LiveConfigOptions } from "../../src/live/types.ts";
import { newProject, type Project } from "../rig/project.ts";
import { until } from "../rig/until.ts";
import { openLive, timing } from "./formats.ts";

const errorOf = async (options: LiveConfigOptions): Promise<ConfigError> =>
  await openLive(options, timing).then(
    async (config) => {
      await config.close();
      throw new Error("it was taken");
    },
    (error: ConfigError) => error,
  );

const said = async (project: Project, options: LiveConfigOptions): Promise<string> => {
  const { code, message } = await errorOf(options);
  return `${code} ${message.replaceAll(`${project.directory}/`, "")}`;
};

test("what a JSON Schema gives as default is filled in, and the schema of the program stays as it is", async () => {
  using project = newProject({ "a.yaml": "log: {}\n" });
  const schema = {
    properties: { rate: { default: 5 }, log: { properties: { level: { default: "info" } } }, list: { default: [1] } },
  };
  const before = structuredClone(schema);
  await using config = await openLive({ files: project.path("a.yaml"), schema }, timing);
  expect(config.snapshot).toEqual({ rate: 5, log: { level: "info" }, list: [1] });
  expect(schema).toEqual(before);
  expect(Object.isFrozen(schema.properties.list.default)).toBe(false);
});

test("a schema in a file is followed: an edit of it judges the files again", async () => {
  using project = newProject({
    "a.yaml": "port: 5\n",
    "schema.json": '{ "properties": { "port": { "maximum": 9 } } }',
  });
  await using config = await openLive({ files: project.path("a.yaml"), schema: project.path("schema.json") }, timing);
  const codes: string[] = [];
  config.on("error", ({ problems }) => codes.push(...problems.map(({ message }) => message.replace(/^.*\//, ""))));
  project.replace("schema.json", '{ "properties": { "port": { "maximum": 3 } } }');
  await until("a refusal", () => codes.length === 1);
  project.replace("schema.json", '{ "properties": { "port": { "maximum": "3" } } }');
  await until("a refusal of the schema", () => codes.length === 2);
  project.replace("schema.json", '{ "properties": { "port": { "maximum": 9 }, "rate": { "default": 4 } } }');
  await until("the default", () => config.get("rate") === 4);
  expect(codes).toEqual([
    "a.yaml:1:7: port must be a value of at most 3",
    "schema.json:1:40: this is not a JSON Schema: maximum must be a number, not a string",
  ]);
});

test("a function that throws refuses; what it returns is the configuration", async () => {
  using project = newProject({ "a.yaml": "port: 5\n" });
  const files = project.path("a.yaml");
  const schema = (value: unknown): unknown => {
    const port = Object(value).port;
    if (typeof port !== "number" || port > 9) throw new Error("port is too large");
    return { port: port * 2 };
  };
  await using config = await openLive({ files, schema }, timing);
  expect(config.snapshot).toEqual({ port: 10 });
  const errors: string[] = [];
  config.on("error", ({ message }) => errors.push(message));
  project.replace("a.yaml", "port: 10\n");
  await until("a refusal", () => errors.length > 0);
  expect(errors[0]).toMatch(/a\.yaml:1:1: port is too large$/);
  expect(config.snapshot).toEqual({ port: 10 });
});

test("what a validator lists as issues is told at the places of the values", async () => {
  using project = newProject({ "a.yaml": "db:\n  port: 5\n" });
  const files = project.path("a.yaml");
  const issues = [{ message: "too small", path: ["db", "port"] }];
  const standard = {
    "~standard": { validate: async (value: unknown) => (Object(value).ok === undefined ? { issues } : { value }) },
  };
  expect(await said(project, { files, schema: standard })).toBe("schema/not-met a.yaml:2:9: db.port: too small");
  const zodLike = (): never => {
    throw Object.assign(new Error("[…]"), { issues });
  };
  expect(await said(project, { files, schema: zodLike })).toBe("schema/not-met a.yaml:2:9: db.port: too small");
});

test("a validator that quotes what it was given does not tell a secret", async () => {
  using project = newProject({ "a.yaml": "db:\n  password: hunter2\n  tokens: [abcdef, 12345]\n" });
  const issues = [{ message: 'Expected "x", received "hunter2"', path: ["db", "password"] }];
  const standard = { "~standard": { validate: () => ({ issues }) } };
  const throws = (): never => {
    throw new Error("neither hunter2 nor abcdef nor 12345");
  };
  const files = project.path("a.yaml");
  expect(await said(project, { files, schema: standard })).toBe(
    'schema/not-met a.yaml:2:13: db.password: Expected "x", received "•••"',
  );
  expect(await said(project, { files, schema: throws })).toBe("schema/not-met a.yaml:1:1: neither ••• nor ••• nor •••");
});

describe("refused at once, with a code", () => {
  test.each<[name: string, make: (project: Project) => LiveConfigOptions, expected: string]>([
    [
      "a file that is not there",
      ({ path }) => ({ files: [path("a.yaml"), path("none.toml")] }),
      "config/unreadable none.toml: no such file",
    ],
    [
      "a directory",
      ({ directory }) => ({ files: { path: directory, format: "yaml" } }),
      "config/unreadable : is a directory",
    ],
    [
      "a format that is not known",
      ({ path }) => ({ files: path("a.ini") }),
      "schema/bad-document a.ini: the format of the file is not known",
    ],
    [
      "text that is not of the format",
      ({ path }) => ({ files: path("bad.json") }),
      "schema/bad-document bad.json:1:2: this is not JSON",
    ],
    [
      "a list",
      ({ path }) => ({ files: path("list.yaml") }),
      "schema/not-met list.yaml:1:1: a configuration is a set of keys with values",
    ],
    ["no files", () => ({ files: [] }), "usage/bad-argument files: at least one file is needed"],
    [
      "a file that is no path",
      () => ({ files: [JSON.parse("5")] }),
      "usage/bad-argument files: a file is a path, a file URL, or { path, format, optional }",
    ],
    [
      "a prefix of nothing",
      ({ path }) => ({ files: path("a.yaml"), env: "" }),
      'usage/bad-argument env: a prefix is needed, as "APP_"',
    ],
    [
      "an environment with a slash",
      ({ path }) => ({ files: path("a.yaml"), environment: "a/b" }),
      'usage/bad-argument environment: "a/b" cannot be part of a file name',
    ],
    [
      "a schema that is none",
      ({ path }) => ({ files: path("a.yaml"), schema: { properties: { port: { type: "int" } } } }),
      "schema/bad-schema schema/properties/port/type: this is not a JSON Schema: type must be",
    ],
    [
      "a schema of an old draft",
      ({ path }) => ({ files: path("a.yaml"), schema: { $schema: "http://json-schema.org/draft-06/schema#" } }),
      "schema/bad-schema schema/$schema: schemas of draft-06 are not supported",
    ],
    [
      "a schema file that is not there",
      ({ path }) => ({ files: path("a.yaml"), schema: path("none.json") }),
      "schema/bad-schema none.json: no such file",
    ],
    [
      "no options",
      () => JSON.parse("null"),
      'usage/bad-argument liveConfig: an object is needed, as { files: "app.yaml" }',
    ],
    [
      "an option that is none",
      ({ path }) => ({ files: path("a.yaml"), ...JSON.parse('{ "override": {} }') }),
      'usage/bad-argument liveConfig: there is no option "override" (did you mean overrides?)',
    ],
    [
      "a schema that is null",
      ({ path }) => ({ files: path("a.yaml"), schema: JSON.parse("null") }),
      "usage/bad-argument schema: a schema is an object, the path of a file, or a function",
    ],
    [
      "more than can be told",
      ({ path }) => ({ files: path("many.yaml"), schema: { properties: { list: { items: { type: "integer" } } } } }),
      "schema/not-met many.yaml:1:8: list[0] must be an integer, not a string",
    ],
    [
      "an address as a file",
      () => ({ files: new URL("https://example.com/a.yaml") }),
      "usage/bad-argument https://example.com/a.yaml: only files can be read",
    ],
  ])("%s", async (_, make, expected) => {
    using project = newProject({
      "many.yaml": `list: [${"x, ".repeat(60)}]\n`,
      "a.yaml": "port: 1\n",
      "a.ini": "",
      "bad.json": "{port: 1}",
      "list.yaml": "- 1\n",
    });
    const made = make(project);
    const text = await said(project, made === null ? made : { environment: false, ...made });
    expect(text.replaceAll(project.directory, "").slice(0, expected.length)).toBe(expected);
    expect(text).not.toContain("    at ");
  });
});
