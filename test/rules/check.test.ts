/** The guard over files of five formats: what it says, where, and what it never shows. */
import { describe, expect, test } from "vitest";
import type { Problem } from "../../src/core/problem.ts";
import { createSchemaCheck } from "../../src/rules/check.ts";
import { formats, schema, settings } from "../live/formats.ts";
import { newProject, type Project } from "../rig/project.ts";

const named = (project: Project, name: string) => ({ path: project.path(name), name });

async function check(files: Readonly<Record<string, string>>, file: string): Promise<readonly Problem[]> {
  using project = newProject({ "schema.json": JSON.stringify(schema, null, 2), ...files });
  const outcome = await createSchemaCheck(named(project, "schema.json"), { restMs: 5 }).check([named(project, file)]);
  return outcome.is === "checked" ? (outcome.files[0]?.problems ?? []) : outcome.problems;
}

const said = ({ place, origin, message, hint }: Problem): string =>
  `${place === undefined ? origin : `${place.file}:${place.line}:${place.column}`}: ${message}${hint === undefined ? "" : ` | ${hint}`}`;

/** What the caret is under. */
const marked = ({ place }: Problem): string =>
  place === undefined ? "" : place.text.slice(place.column - 1, place.column - 1 + place.length);

describe.each(formats)("$format", ({ file, text }) => {
  test("a valid file has no problems", async () => {
    expect(await check({ [file]: text(settings) }, file)).toEqual([]);
  });

  test("each mistake is told once, at its value or key, with what is allowed", async () => {
    const problems = await check(
      { [file]: text({ ...settings, port: 99999, rat: 1, log: { level: "wran", colour: "maybe" } }) },
      file,
    );
    expect(problems.map(({ message, hint }) => [message, hint]).sort()).toEqual([
      [expect.stringMatching(/^colour must be true or false/), undefined],
      ['level must be "debug", "info", "warn" or "error"', 'did you mean "warn"?'],
      ["port must be an integer from 1 to 65535", undefined],
      ["unknown key rat", "did you mean rate?"],
    ]);
    const shown = problems.map(marked).map((each) => each.replaceAll('"', ""));
    // Of env files no value is shown.
    const isEnv = file === ".env";
    expect(shown.sort()).toEqual(isEnv ? ["rat", "•••", "•••", "•••"] : ["99999", "maybe", "rat", "wran"]);
  });

  test("a key that is missing is told in the object that lacks it", async () => {
    const problems = await check({ [file]: text({ port: 1, log: { colour: true }, db: settings.db }) }, file);
    expect(problems.map(({ message, hint }) => [message, hint])).toEqual([
      ["level is missing in log", 'add level: "debug", "info", "warn" or "error"'],
    ]);
    expect(problems.map(marked).join()).toContain("log");
  });

  test("the value of a secret is never shown", async () => {
    const problems = await check({ [file]: text({ ...settings, db: { url: "nowhere", password: "hunter2" } }) }, file);
    expect(problems).toHaveLength(2);
    expect(JSON.stringify(problems)).not.toContain("hunter2");
  });

  test("an empty file is told what is missing", async () => {
    const problems = await check({ [file]: file.endsWith(".json") ? "{}" : "" }, file);
    expect(problems.map(({ message }) => message)).toEqual(["port is missing", "log is missing", "db is missing"]);
  });

  test("a file that is just being written is not judged", async () => {
    using project = newProject({ "schema.json": JSON.stringify(schema), [file]: text(settings) });
    const guard = createSchemaCheck(named(project, "schema.json"), { restMs: 200 });
    await guard.check([named(project, file)]);
    const whole = text({ ...settings, port: 3 });
    project.write(file, whole.slice(0, whole.indexOf("info")));
    // It reads the half first; then the writer goes on.
    const checking = guard.check([named(project, file)]);
    await new Promise((resolve) => setImmediate(resolve));
    project.write(file, whole);
    expect(await checking).toEqual({ is: "checked", files: [{ file: named(project, file), problems: [] }] });
  });
});

describe("what is no text of the format is told at the place where it stops to be one", () => {
  test.each([
    [
      "a.json",
      '{ "port": 1,\n  "log": {},\n}',
      "a.json:3:1: this is not JSON: a key in double quotes is missing | take the comma away",
    ],
    ["a.json", '{ "port": 1, "port": 2 }', "a.json:1:14: the key port is there twice"],
    ["a.json", "[".repeat(50_000), "a.json:1:1: this is not JSON: it is nested too deeply"],
    [
      "a.yaml",
      "port: 1\nlog: [a\n",
      "a.yaml:3:1: this is not YAML: flow sequence in block collection must be sufficiently indented and end with a ]",
    ],
    ["a.yaml", "port: 1\nport: 2\n", "a.yaml:2:1: the key port is there twice"],
    ["a.yaml", "port: *none\n", "a.yaml:1:7: this is not YAML: there is no anchor for this alias before it"],
    ["a.yaml", "port: 1\n---\nport: 2\n", "a.yaml:2:1: a second document begins here; a configuration is one document"],
    ["a.yaml", "? [a]\n: 1\n", "a.yaml:1:3: a key is text, not a list or a mapping"],
    ["a.properties", "port=1\nlog.level=\\u12\n", "a.properties:2:11: a \\u is followed by four hexadecimal digits"],
    [
      "a.properties",
      "log=1\nlog.level=info\n",
      "a.properties:2:1: log.level lies in log, which has a value of its own on line 1",
    ],
    ["a.yaml", "[".repeat(5_000), expect.stringMatching(/^a\.yaml:1:\d+: this is not YAML: it is nested too deeply$/)],
    [
      "a.properties",
      `${"a.".repeat(20_000)}a=1`,
      "a.properties:1:1: this is not a properties file: it is nested too deeply",
    ],
    ["a.yaml", "log: &a [*a]\n", "a.yaml:1:1: an alias stands inside of what it stands for"],
    ["a.json", "null", "a.json:1:1: the configuration must be an object, not null"],
    [".env", "port=1\nlog.level\n", ".env:2:1: this line is not NAME=VALUE"],
    [".env", "port='1\n", ".env:1:6: the value of port has no closing quote"],
    [
      "a.ini",
      "port=1",
      "a.ini: the file is of no format that can be judged: JSON (.json, .jsonc), YAML (.yaml, .yml), TOML (.toml), .properties and .env",
    ],
  ])("%s %j", async (file, text, expected) => {
    expect((await check({ [file]: text.slice(0, 60_000) }, file)).map(said)).toEqual([expected]);
  });

  test("without the secret that stands there", async () => {
    const leaks = [
      ["a.json", '{"db": {"password" "hunter2"}}'],
      ["a.json", '{"password": "hunter2" "port": 1}'],
      ["a.yaml", 'password: "hun\\qter2 hunter2"\n'],
      ["a.yaml", "key: |\n  -----BEGIN KEY-----\n  abc\n hunter2==\n"],
      ["a.yaml", "password: hunter2: x hunter2\n"],
      ["a.yaml", "password: *hunter2\n"],
      ["a.yaml", "{ port: x, url: 'postgres://me:hun/ter2@hunter2@h', token: a }\n"],
      ["a.yaml", "passwords: [hunter2\n"],
      ["a.yaml", "password_hash: hunter2: x\n"],
      ["a.yaml", "headers: { Authorization: Bearer hunter2, Cookie: hunter2\n"],
      ["a.toml", 'password = "hunter2\n'],
      ["a.toml", "token = hunter2\n"],
      ["a.toml", "[db]\nurl = postgres://me:hunter2@localhost/\n"],
      ["a.properties", "db.password=hunter2\\u1\n"],
      [".env", "STRIPE='hunter2\n"],
      [".env", "hunter2 is not an assignment\n"],
    ] as const;
    for (const [file, text] of leaks) {
      const problems = await check({ [file]: text }, file);
      expect(problems.length, text).toBeGreaterThan(0);
      expect(JSON.stringify(problems), text).not.toContain(file === ".env" ? "assignment" : "hunter2");
    }
  });
});

describe("a schema that cannot be used is told at its line", () => {
  const checkSchema = async (text: string, other: Readonly<Record<string, string>> = {}): Promise<readonly string[]> =>
    (await check({ "schema.json": text, "a.yaml": "port: 1\n", ...other }, "a.yaml")).map(said);

  test.each([
    [
      '{ "$schema": "http://json-schema.org/draft-04/schema#" }',
      "schema.json:1:14: schemas of draft-04 are not supported | supported: draft-07, 2019-09 and 2020-12",
    ],
    ["[]", "schema.json:1:1: a JSON Schema is an object"],
    ['{ "type": }', "schema.json:1:11: this is not JSON: a value is missing"],
    [
      '{ "properties": { "port": { "minimum": "1" } } }',
      "schema.json:1:40: this is not a JSON Schema: minimum must be a number, not a string",
    ],
    [
      '{ "properties": { "port": { "pattern": "[" } } }',
      "schema.json:1:40: this is not a regular expression: Unterminated character class",
    ],
    [
      '{ "properties": { "port": { "$ref": "#/$defs/none" } } }',
      "schema.json:1:37: there is no #/$defs/none in this schema",
    ],
    ['{ "properties": { "port": { "$ref": "none.json" } } }', "schema.json:1:37: there is no schema none.json"],
    [
      '{ "$ref": "https://example.com/a.json" }',
      "schema.json:1:11: https://example.com/a.json is not a file: a schema refers to itself or to files",
    ],
    ["true", "schema.json:1:1: a JSON Schema is an object"],
    [
      '{ "$schema": 7 }',
      'schema.json:1:14: schemas of "7" are not supported | supported: draft-07, 2019-09 and 2020-12',
    ],
    ['{ "properties": { "a": { "$async": true } } }', "schema.json:1:36: $async is not a part of JSON Schema"],
    [
      '{ "properties": { "a": { "nullable": true } } }',
      'schema.json:1:38: this is not a JSON Schema: "nullable" cannot be used without "type"',
    ],
    [
      '{ "properties": { "a": { "items": [{}] } } }',
      'schema.json:1:35: this is not a JSON Schema: items must be an object or true or false, not a list | without "$schema" a schema is read as 2020-12',
    ],
    [
      `${'{ "properties": { "a": '.repeat(2_000)}{}${"} }".repeat(2_000)}`,
      expect.stringMatching(/^schema\.json:1:1: this is not (?:JSON|a JSON Schema): it is nested too deeply$/),
    ],
  ])("%.80s", async (text, expected) => {
    expect(await checkSchema(text)).toEqual([expected]);
  });

  test.each([
    ["{", "parts/port.json:1:2: this is not JSON: a closing } is missing"],
    ['{ "minimum": "1" }', "parts/port.json:1:14: this is not a JSON Schema: minimum must be a number, not a string"],
    [
      '{ "$schema": "http://json-schema.org/draft-04/schema#" }',
      "parts/port.json:1:14: schemas of draft-04 are not supported | supported: draft-07, 2019-09 and 2020-12",
    ],
    ['{ "$ref": "#/$defs/none" }', "parts/port.json:1:11: there is no #/$defs/none in this schema"],
    ['{ "$ref": "none.json" }', "parts/port.json:1:11: there is no schema parts/none.json"],
    ['{ "pattern": "(" }', "parts/port.json:1:14: this is not a regular expression: Unterminated group"],
    ["[]", "schema.json:1:37: the schema parts/port.json is not an object"],
  ])("which refers to %s: in the file that is wrong", async (part, expected) => {
    const text = '{ "properties": { "port": { "$ref": "parts/port.json" } } }';
    expect(await checkSchema(text, { "parts/port.json": part })).toEqual([expected]);
  });

  test("one that is not there", async () => {
    using project = newProject({ "a.yaml": "port: 1" });
    const outcome = await createSchemaCheck(named(project, "none.json")).check([named(project, "a.yaml")]);
    expect(outcome.is === "no schema" && outcome.problems.map(said)).toEqual(["none.json: no such file"]);
  });

  test.each([
    "http://json-schema.org/draft-07/schema#",
    "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema",
  ])("%s is supported, also in YAML and with other files", async (draft) => {
    using project = newProject({
      "schema.yaml": `$schema: ${draft}\nproperties:\n  port:\n    $ref: types/port.json\n`,
      "types/port.json": '{ "type": "integer", "maximum": 10 }',
      "a.toml": "port = 11\n",
    });
    const guard = createSchemaCheck(named(project, "schema.yaml"), { restMs: 5 });
    const first = await guard.check([named(project, "a.toml")]);
    expect(first.is === "checked" && first.files[0]?.problems.map(said)).toEqual([
      "a.toml:1:8: port must be an integer of at most 10",
    ]);
    expect(guard.sources).toEqual([project.path("schema.yaml"), project.path("types/port.json")]);
    // An edited schema is another one, also where it is another file.
    project.write("types/port.json", '{ "type": "integer", "maximum": 20 }');
    const second = await guard.check([named(project, "a.toml")]);
    expect(second.is === "checked" && second.files[0]?.problems).toEqual([]);
  });
});

test("columns are those of the text, whatever its line ends and characters are; items are told by their place in the list", async () => {
  const own = { properties: { port: { type: "integer" }, list: { items: { required: ["b"] } } } };
  const files = {
    "schema.json": JSON.stringify(own),
    "a.yaml": '"ü😀": {}\r\nport: x\r\nlist: [{}]\r\n',
    "b.json": '\ufeff{\r\n  "ü": "😀", "port": "x", "list": [{}] }',
    "c.toml": '"ü" = "😀"\r\nport = "x"\r\nlist = [{}]\r\n',
    "d.properties": "ü = 😀\r\nport : x\r\n",
  };
  const all = ["a.yaml", "b.json", "c.toml", "d.properties"].map(async (file) => (await check(files, file)).map(said));
  expect((await Promise.all(all)).flat()).toEqual([
    "a.yaml:2:7: port must be an integer, not a string",
    "a.yaml:3:8: b is missing in list[0]",
    "b.json:2:22: port must be an integer, not a string",
    "b.json:2:36: b is missing in list[0]",
    "c.toml:2:8: port must be an integer, not a string",
    "c.toml:3:9: b is missing in list[0]",
    "d.properties:2:8: port must be an integer",
  ]);
});

test("of alternatives the one that was meant is told", async () => {
  const own = {
    properties: {
      mode: { anyOf: [{ type: "integer" }, { const: "auto" }] },
      store: {
        oneOf: [
          {
            properties: { kind: { const: "disk" }, path: { type: "string" } },
            required: ["kind", "path"],
            additionalProperties: false,
          },
          {
            properties: { kind: { const: "memory" }, size: { type: "integer" } },
            required: ["kind", "size"],
            additionalProperties: false,
          },
        ],
      },
    },
  };
  const problems = await check(
    { "schema.json": JSON.stringify(own), "a.yaml": "mode: fast\nstore:\n  kind: memory\n  sise: 3\n" },
    "a.yaml",
  );
  expect(problems.map(said)).toEqual([
    'a.yaml:1:7: mode must be an integer or "auto"',
    "a.yaml:4:3: unknown key sise in store | did you mean size?",
  ]);
});

const draft07 = { $schema: "http://json-schema.org/draft-07/schema#" };
const integer = { type: "integer" };
const port = { properties: { port: integer } };
const wrongPort = "a.yaml:1:7: port must be an integer, not a string";

describe("schemas as they are written", () => {
  const disk = { properties: { kind: { const: "disk" }, path: { type: "string" } }, required: ["kind", "path"] };
  const memory = { properties: { kind: { enum: ["memory"] }, size: integer }, required: ["kind", "size"] };

  test.each<[title: string, schema: object, text: string, ...expected: string[]]>([
    ["https in $schema", { ...port, $schema: "https://json-schema.org/draft-07/schema#" }, "port: x", wrongPort],
    ["http in $schema", { ...port, $schema: "http://json-schema.org/draft/2020-12/schema#" }, "port: x", wrongPort],
    ["no draft in $schema", { ...port, $schema: "https://json-schema.org/schema" }, "port: x", wrongPort],
    ["an id of draft-04", { ...port, id: "http://example.com/a" }, "port: x", wrongPort],
    [
      "an address, and a file beside it",
      { $id: "https://example.com/s/config.json", properties: { port: { $ref: "parts/port.json#/definitions/port" } } },
      "port: x",
      wrongPort,
    ],
    [
      "an address, and parts of itself by it",
      {
        ...draft07,
        $id: "https://example.com/a",
        definitions: { port: integer },
        properties: { port: { $ref: "https://example.com/a#/definitions/port" } },
      },
      "port: x",
      wrongPort,
    ],
    [
      "an anchor, and a schema inside of it with an address",
      {
        $defs: { a: { ...integer, $anchor: "n" }, b: { ...integer, $id: "urn:b" } },
        properties: { port: { $ref: "#n" }, b: { $ref: "urn:b" } },
      },
      "port: x\nb: y",
      wrongPort,
      "a.yaml:2:4: b must be an integer, not a string",
    ],
    [
      "a tree by $dynamicRef",
      {
        $id: "https://example.com/tree",
        $dynamicAnchor: "node",
        properties: { port: integer, below: { items: { $dynamicRef: "#node" } } },
        unevaluatedProperties: false,
      },
      "below: [{ below: [{ prt: 1 }] }]",
      "a.yaml:1:21: unknown key prt in below[0].below[0] | did you mean port?",
    ],
    [
      "a tree by $recursiveRef",
      {
        $schema: "https://json-schema.org/draft/2019-09/schema",
        $recursiveAnchor: true,
        properties: { port: integer, below: { items: { $recursiveRef: "#" } } },
        additionalProperties: false,
      },
      "below: [{ below: [{ prt: 1 }] }]",
      "a.yaml:1:21: unknown key prt in below[0].below[0] | did you mean port?",
    ],
    [
      "itself without end",
      { $ref: "#" },
      "port: 1",
      "a.yaml:1:1: the configuration is nested too deeply to be judged, or its schema refers to itself without end",
    ],
    [
      "an escape that u does not know",
      { properties: { a: { pattern: "^[\\w\\-\\_]+\\@$" } } },
      "a: b",
      "a.yaml:1:4: a must be a value that matches /^[\\w\\-\\_]+\\@$/",
    ],
    ["a class that only u knows", { properties: { a: { pattern: "^\\p{L}+$" } } }, "a: é"],
    ["a flag in front", { properties: { a: { pattern: "(?i)^on$" } } }, "a: ON"],
    ["keys that every object has", { properties: { constructor: integer, toString: integer } }, "port: 1"],
    [
      "keys that every object has, to be there",
      { required: ["constructor"] },
      "port: 1",
      "a.yaml:1:1: constructor is missing",
    ],
    ["parts of a cent", { properties: { a: { multipleOf: 0.01 } } }, "a: 0.07"],
    [
      "no number of JSON",
      { properties: { port: { type: "number" } } },
      "port: .inf",
      "a.yaml:1:7: port must be a number, not infinity",
    ],
    [
      "alternatives by a word",
      { properties: { a: { oneOf: [disk, memory] } } },
      "a: { kind: memry, size: 1 }",
      'a.yaml:1:12: kind must be "disk" or "memory" | did you mean "memory"?',
    ],
    ["one key of two", { anyOf: [{ required: ["a"] }, { required: ["b"] }] }, "c: 1", "a.yaml:1:1: a or b is missing"],
    [
      "not both",
      { not: { required: ["a", "b"] } },
      "a: 1\nb: 1",
      "a.yaml:1:1: the configuration must not have a and b together",
    ],
    [
      "a list that lacks something",
      { properties: { a: { contains: integer, minContains: 2 } } },
      "a: [1, x]",
      "a.yaml:1:4: a must contain 2 items or more, each an integer",
    ],
    [
      "a list that is too long",
      { properties: { a: { prefixItems: [{}], items: false } } },
      "a: [1, 2]",
      "a.yaml:1:4: a has too many items: 1 at most",
    ],
    [
      "if and then",
      JSON.parse('{ "if": { "required": ["tls"] }, "then": { "required": ["cert"] } }'),
      "tls: 1",
      "a.yaml:1:1: cert is missing",
    ],
    [
      "a merge",
      { properties: { web: port } },
      "b: &b { port: x }\nc: &c { <<: *b }\nweb: { <<: [*c] }",
      "a.yaml:1:15: port must be an integer, not a string",
    ],
  ])("%s", async (_, own, text, ...expected) => {
    const files = { "schema.json": JSON.stringify(own), "a.yaml": text };
    const part = JSON.stringify({ ...draft07, definitions: { port: { $ref: "int.yaml" } } });
    const problems = await check({ ...files, "parts/port.json": part, "parts/int.yaml": "type: integer\n" }, "a.yaml");
    expect(problems.map(said)).toEqual(expected);
  });
});

test.each([
  ["a.json", JSON.stringify({ list: Array.from({ length: 10_000 }, () => "x") })],
  ["a.yaml", `list:\n${"- x\n".repeat(3_000)}`],
  ["a.properties", Array.from({ length: 5_000 }, (_, number) => `k${number}=x`).join("\n")],
])("of thousands of mistakes the first are told: %s", async (file, text) => {
  const own = {
    properties: { list: { items: { anyOf: [integer, { type: "boolean" }] } } },
    additionalProperties: integer,
  };
  const problems = await check({ "schema.json": JSON.stringify(own), [file]: text }, file);
  expect(problems).toHaveLength(51);
  expect(problems.map(said).slice(49)).toEqual([
    expect.stringMatching(
      /^a\.\w+:\d+:\d+: (?:list\[49\] must be an integer or true or false|k\d+ must be an integer)$/,
    ),
    `${file}: more is wrong: only the first 50 mistakes are told`,
  ]);
});

test("a YAML file with many keys is read in one go", async () => {
  const text = Array.from({ length: 5_000 }, (_, number) => `key${number}: value`).join("\n");
  expect(await check({ "schema.json": "{}", "a.yaml": text }, "a.yaml")).toEqual([]);
});

test("what a program fills in is not judged: variables in an env file", async () => {
  const own = { properties: { A: integer, B: integer, C: integer, D: integer } };
  const text = ["A=$", "{BASE}1\n", "B=\"$BASE\"\nC='$BASE'\nD=1$\n"].join("");
  expect((await check({ "schema.json": JSON.stringify(own), ".env": text }, ".env")).map(said)).toEqual([
    ".env:3:3: C must be an integer",
    ".env:4:3: D must be an integer",
  ]);
});
