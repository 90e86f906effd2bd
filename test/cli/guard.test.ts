/** `[[rule]] schema`: what a program reads is read by us first. */
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { randomFrom } from "../live/mutations.ts";
import { newProject, type Project } from "../rig/project.ts";
import { type Reload, reload, reloadOnce } from "../rig/reload.ts";
import { until } from "../rig/until.ts";
import { ask } from "./asking.ts";

const schema = (more: object = {}): string =>
  JSON.stringify({
    $schema: "http://json-schema.org/draft-07/schema#",
    type: "object",
    required: ["port"],
    additionalProperties: false,
    properties: { port: { type: "integer", minimum: 1, maximum: 65535 }, level: { enum: ["debug", "info"] } },
    ...more,
  });

/** The program tells each time what it reads. */
const app = (file: string): string =>
  `read() { echo "$1 $(tr '\\n' ' ' < ${file})" >> log; }; read run; trap 'read hup' HUP; while :; do sleep 0.05; done`;

const toml = (file: string, more = 'do = "signal"'): string => `[proc]
cmd = """${app(file).replaceAll("\\", "\\\\")}"""
[watch]
include_files = [".txt"]
[[rule]]
match = "${file}"
schema = "schema.json"
${more}
`;

/** One mistake in each format, and where it is told. */
const formats = [
  { file: "app.yaml", good: (port: string) => `# ours\nport: ${port}\n`, at: "app.yaml:2:7", shown: "90000" },
  {
    file: "app.json",
    good: (port: string) => `{\n  // ours\n  "port": ${port}\n}\n`,
    at: "app.json:3:11",
    shown: "90000",
  },
  { file: "app.toml", good: (port: string) => `port = ${port}\n`, at: "app.toml:1:8", shown: "90000" },
  {
    file: "app.properties",
    good: (port: string) => `# ours\nport = ${port}\n`,
    at: "app.properties:2:8",
    shown: "90000",
  },
  { file: ".env", good: (port: string) => `port=${port}\n`, at: ".env:1:6", shown: "•••" },
] as const;

const log = (project: Project): string[] =>
  project
    .read("log")
    .split("\n")
    .filter((line) => line !== "");

async function begun(project: Project, args: readonly string[] = []): Promise<Reload> {
  const program = reload(args, { cwd: project.directory });
  await until(
    "the first run, watched",
    async () => (await ask(project.directory, "wait")).code === 0 && log(project).length > 0,
    program.seen,
  );
  return program;
}

const settled = (project: Project) => ask(project.directory, "wait");

const yaml = { ".reload.toml": toml("app.yaml"), "schema.json": schema(), "app.yaml": "port: 1\n" };

describe("a file that does not satisfy its schema", () => {
  test.each(formats)(
    "is held back, told at its place, and taken when it is right again: $file",
    async ({ file, good, at, shown }) => {
      using project = newProject({ ".reload.toml": toml(file), "schema.json": schema(), [file]: good("1") });
      await using program = await begun(project);
      project.write(file, good("90000"));
      const wrong = await settled(project);
      expect(wrong.code).toBe(1);
      expect(wrong.stdout + wrong.stderr).toContain(`failed: check · ${at}: port must be an integer from 1 to 65535`);
      await program.says(
        new RegExp(`${at.replace(".", "\\.")}: port must be an integer from 1 to 65535\\n.*${shown}.*\\n +\\^+`),
      );
      await program.says(new RegExp(`✖ ${file.replace(".", "\\.")} is held back · run 1 stays`));
      const status = await ask(project.directory, "status", "--json");
      expect(JSON.parse(status.stdout).services[0].error).toEqual({
        stage: "check",
        message: `${at}: port must be an integer from 1 to 65535`,
        file,
        line: Number(at.split(":")[1]),
        column: Number(at.split(":")[2]),
      });
      expect(log(project)).toHaveLength(1);
      project.write(file, good("2"));
      expect((await settled(project)).code).toBe(0);
      await until("the signal", () => log(project).length === 2, program.seen);
      expect(log(project)[1]).toMatch(/^hup .*2/);
      expect(JSON.parse((await ask(project.directory, "status", "--json")).stdout).services[0].error).toBeNull();
    },
  );

  test("does not keep what else has changed from being answered", async () => {
    using project = newProject({ ...yaml, "a.txt": "" });
    await using program = await begun(project);
    project.write("app.yaml", "port: none\n");
    project.write("a.txt", "new");
    await program.says(/✖ app\.yaml is held back/);
    await program.says(/● a\.txt changed → .*run 2/);
    expect((await settled(project)).code).toBe(1);
    project.write("a.txt", "newer");
    await program.says(/run 3/);
    expect(log(project).filter((line) => line.startsWith("hup"))).toEqual([]);
    const json = await ask(project.directory, "wait", "--json");
    expect(JSON.parse(json.stdout)).toMatchObject({
      state: "failed",
      stage: "check",
      errors: [{ file: "app.yaml", line: 1, column: 7 }],
    });
  });

  test("keeps the program from being started, and a change is waited for", async () => {
    using project = newProject({ ...yaml, "app.yaml": "prot: 1\n", log: "" });
    await using program = reload([], { cwd: project.directory });
    await program.says(/app\.yaml:1:1: unknown key prot\n.*\n.*\n.*did you mean port\?/);
    await program.says(/✖ started → check failed after \d+ms · nothing runs/);
    const wrong = await settled(project);
    expect([wrong.code, wrong.stdout + wrong.stderr]).toEqual([1, expect.stringContaining("did you mean port?")]);
    expect(log(project)).toEqual([]);
    project.write("app.yaml", "port: 1\n");
    expect((await settled(project)).code).toBe(0);
    expect(log(project)).toEqual(["run port: 1 "]);
  });

  test("may be empty: what is missing in it is told, while reload runs as well; the program keeps what it has", async () => {
    using project = newProject(yaml);
    await using program = await begun(project);
    project.write("app.yaml", "");
    expect((await settled(project)).code).toBe(1);
    await program.says(
      /app\.yaml:1:1: port is missing\n(?:.*\n)*.*add port: an integer from 1 to 65535\n✖ app\.yaml is held back · run 1 stays/,
    );
    expect(log(project)).toHaveLength(1);
    project.write("app.yaml", "port: 3\n");
    expect((await settled(project)).code).toBe(0);
    await until("the signal", () => log(project).length === 2, program.seen);
    expect(log(project)[1]).toBe("hup port: 3 ");
  });

  test("ends --once with 1", async () => {
    using project = newProject({ ...yaml, "app.yaml": "", log: "" });
    const { code, stderr } = await reloadOnce(["--once"], { cwd: project.directory });
    expect(stderr).toContain("port is missing");
    expect(code).toBe(1);
    expect(project.read("log")).toBe("");
  });

  test("is not read by a restart that somebody asks for: the run stays", async () => {
    using project = newProject(yaml);
    await using program = await begun(project);
    project.write("app.yaml", "port: 0\n");
    expect((await settled(project)).code).toBe(1);
    const restarted = await ask(project.directory, "restart");
    expect(restarted.code).toBe(1);
    expect(log(project)).toHaveLength(1);
    project.write("app.yaml", "port: 5\n");
    expect((await settled(project)).code).toBe(0);
    await until("the signal", () => log(project).length === 2, program.seen);
    expect(log(project)[1]).toBe("hup port: 5 ");
  });

  test("is told once for each save, as events too", async () => {
    using project = newProject(yaml);
    await using program = await begun(project, ["--json"]);
    project.write("app.yaml", "port: 0\n");
    await settled(project);
    project.write("app.yaml", "port: 0 # again\n");
    await settled(project);
    const events = program.stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));
    expect(events.filter(({ event }) => event === "problem")).toMatchObject([
      { code: "schema/not-met", file: "app.yaml", line: 1, column: 7 },
      { code: "schema/not-met", file: "app.yaml", line: 1, column: 7 },
    ]);
    expect(events.filter(({ event, result }) => event === "job-ended" && result === "held")).toMatchObject([
      { kind: "check", paths: ["app.yaml"] },
      { kind: "check", paths: ["app.yaml"] },
    ]);
  });

  test("after_fail is told what is wrong", async () => {
    using project = newProject({
      ...yaml,
      ".reload.toml": `${toml("app.yaml")}[hooks]\nafter_fail = 'echo "$RELOAD_STAGE $RELOAD_ERROR" > failed'\n`,
    });
    await using program = await begun(project);
    project.write("app.yaml", "port: 0\n");
    const said = await until("the hook", () => project.read("failed") || undefined, program.seen).catch(() => "");
    expect(said).toBe("check app.yaml:1:7: port must be an integer from 1 to 65535\n");
  });
});

test("200 random edits of five files under running programs: each reads valid texts alone, and in the end the last of them", async () => {
  const port = /\d+/;
  const texts = formats.map(({ file, good }) => ({ file, good, log: `${file}.log`, valid: 1 }));
  using project = newProject({
    ".reload.toml": [
      '[watch]\ninclude_files = ["*.nothing"]\n',
      ...texts.map(({ file, log }, number) => {
        const read = `read() { grep -oE '[0-9]+' ${file} >> ${log} || echo 90000 >> ${log}; }`;
        const cmd = `${read}; read; trap read HUP; trap 'echo . >> ${log}.told' USR1; echo $$ > ${log}.pid; while :; do sleep 0.05; done`;
        const rule = `[[service.s${number}.rule]]\nmatch = "/${file}"\nschema = "schema.json"\ndo = "signal"\n`;
        return `[service.s${number}.proc]\ncmd = """${cmd}"""\n${rule}`;
      }),
    ].join(""),
    "schema.json": schema(),
    ...Object.fromEntries(texts.map(({ file, good }) => [file, good("1")])),
  });
  await using program = reload([], { cwd: project.directory });
  const seen = (name: string): string[] => project.read(name).split("\n").slice(0, -1);
  await until("all of them run, watched", async () => (await settled(project)).code === 0, program.seen);
  const random = randomFrom(7);
  const breaks = [
    (file: string) => project.write(file, ""),
    (file: string, text: string) => project.replace(file, text.replace(port, "70$&")),
    (file: string, text: string) => project.write(file, text.replace(port, "x70$&")),
    (file: string, text: string) => project.write(file, `${text.replace(port, "70$&")}=]{"`),
  ];
  for (let round = 1; round <= 10; round += 1) {
    const before = program.stderr.length;
    const wrong: string[] = [];
    for (const one of texts) {
      const { file, good } = one;
      const text = good(String(100 + round));
      for (let edit = 0; edit < 3; edit += 1) {
        breaks[random(breaks.length)]?.(file, text);
        if (random(2) === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      if (random(5) < 2) {
        breaks[1 + random(breaks.length - 1)]?.(file, text);
        wrong.push(file);
      } else {
        project.replace(file, text);
        one.valid = 100 + round;
      }
    }
    for (const file of wrong) await program.says(new RegExp(`✖ ${file.replace(".", "\\.")} is held back`), before);
    for (const { log, valid } of texts)
      await until(`${valid} in ${log}`, () => seen(log).at(-1) === String(valid), program.seen);
    // No signal is on the way any more, and none that was sent is unread.
    await settled(project);
    for (const { log } of texts) process.kill(Number(project.read(`${log}.pid`)), "SIGUSR1");
    for (const { log } of texts)
      await until(`${log} is read`, () => seen(`${log}.told`).length === round, program.seen);
  }
  for (const { log } of texts) for (const read of seen(log)) expect(Number(read)).toBeLessThan(70_000);
}, 120_000);

describe("a file that is being saved", () => {
  test("is not judged before it is whole, and is read once", async () => {
    using project = newProject(yaml);
    await using program = await begun(project);
    for (const text of ["", "po", "port:", "port: 99999999"]) {
      project.write("app.yaml", text);
      await new Promise((resolve) => setImmediate(resolve));
    }
    project.write("app.yaml", "port: 3\n");
    expect((await settled(project)).code).toBe(0);
    await until("the signal", () => log(project).length === 2, program.seen);
    expect(log(project)[1]).toBe("hup port: 3 ");
    expect(program.stderr).not.toContain("held back");
  });

  test("may be replaced by a rename, come through a link, or be gone", async () => {
    using project = newProject({
      ".reload.toml": toml("app.yaml"),
      "schema.json": schema(),
      "..1/data": "port: 1\n",
    });
    symlinkSync("..1", join(project.directory, "..data"));
    symlinkSync("..data/data", join(project.directory, "app.yaml"));
    await using program = await begun(project);
    const point = (to: string): void => {
      symlinkSync(to, join(project.directory, "..new"));
      renameSync(join(project.directory, "..new"), join(project.directory, "..data"));
    };
    mkdirSync(join(project.directory, "..2"));
    project.write("..2/data", "port: 0\n");
    point("..2");
    await program.says(/app\.yaml:1:7: .*\n.*\n.*\n✖ app\.yaml is held back/);
    mkdirSync(join(project.directory, "..3"));
    project.write("..3/data", "port: 3\n");
    point("..3");
    expect((await settled(project)).code).toBe(0);
    await until("the signal", () => log(project).length === 2, program.seen);
    project.write("next", "port: x\n");
    renameSync(join(project.directory, "next"), join(project.directory, "app.yaml"));
    await program.says(/port must be .*\n.*port: x/);
    rmSync(join(project.directory, "app.yaml"));
    expect((await settled(project)).code).toBe(0);
  });

  test("does not come through a link to it, wherever the link lies and whatever the file is watched for itself", async () => {
    using project = newProject({
      ".reload.toml": toml("app.yaml").replace("< app.yaml", "< conf/app.yaml"),
      "schema.json": schema(),
      "..1/app.yaml": "port: 1\n",
      "..2/app.yaml": "port: 2\n",
      "other.txt": "port: 4\n",
      "conf/readme": "",
    });
    const point = (link: string, to: string): void => {
      symlinkSync(to, join(project.directory, "new-link"));
      renameSync(join(project.directory, "new-link"), join(project.directory, link));
    };
    point("..data", "..1");
    point("conf/app.yaml", "../..data/app.yaml");
    await using program = await begun(project);
    const reads = (): string => log(project).at(-1) ?? "";
    // What is made at leisure, and pointed at later.
    point("..data", "..2");
    await until("a swap to what is right", () => reads() === "hup port: 2 ", program.seen);
    mkdirSync(join(project.directory, "..3"));
    project.write("..3/app.yaml", "port: 0\n");
    await program.says(/✖ \.\.3\/app\.yaml is held back/);
    point("..data", "..3");
    await program.says(/✖ conf\/app\.yaml is held back/);
    project.write("..3/app.yaml", "port: 3\n");
    expect((await settled(project)).code).toBe(0);
    await until("what is mended", () => reads() === "hup port: 3 ", program.seen);
    // A file that asks for a restart itself.
    point("conf/app.yaml", "../other.txt");
    await until("another file", () => reads() === "hup port: 4 ", program.seen);
    project.write("other.txt", "port: none\n");
    expect((await settled(project)).code).toBe(1);
    await program.says(/✖ .*other\.txt/);
    project.write("other.txt", "port: 5\n");
    expect((await settled(project)).code).toBe(0);
    await until("a restart", () => reads() === "run port: 5 ", program.seen);
    expect(log(project).filter((line) => /: (0|none)/.test(line))).toEqual([]);
  });

  test("is read whatever it begins and ends its lines with, and told where it is no text", async () => {
    using project = newProject(yaml);
    await using program = await begun(project);
    project.write("app.yaml", "\ufeffport: 4\r\nlevel: infoo\r\n");
    expect((await settled(project)).code).toBe(1);
    await program.says(/app\.yaml:2:8: level must be "debug" or "info"\n.*\n.*\n.*did you mean "info"\?/);
    writeFileSync(join(project.directory, "app.yaml"), Buffer.from("port: \xff\n", "latin1"));
    await program.says(/app\.yaml:1:7: is not UTF-8/);
    project.write("app.yaml", `port: 4\n# ${"x".repeat(1_100_000)}\n`);
    await program.says(/app\.yaml: is larger than 1 MB/);
    project.write("app.yaml", "\ufeffport: 4\r\nlevel: info\r\n");
    expect((await settled(project)).code).toBe(0);
  });
});

describe("the schema", () => {
  test("may be of another draft from one edit to the next", async () => {
    const list = (items: object): string => schema({ properties: { port: {}, level: { type: "array", ...items } } });
    const of = (draft: string, text: string): string => text.replace("http://json-schema.org/draft-07/schema#", draft);
    using project = newProject({
      ...yaml,
      "schema.json": list({ items: [{ type: "string" }] }),
      "app.yaml": "port: 1\n",
    });
    await using program = await begun(project);
    project.write("app.yaml", "port: 1\nlevel: [7]\n");
    await program.says(/app\.yaml:2:9: level\[0\] must be a string, not an integer/);
    const prefix = list({ prefixItems: [{ type: "string" }] });
    // It means nothing in 2019-09, and does again in 2020-12.
    project.write("schema.json", of("https://json-schema.org/draft/2019-09/schema", prefix));
    expect((await settled(project)).code).toBe(0);
    await until("the signal", () => log(project).length === 2, program.seen);
    const before = program.stderr.length;
    project.write("schema.json", of("https://json-schema.org/draft/2020-12/schema", prefix));
    expect((await settled(project)).code).toBe(1);
    await program.says(/app\.yaml:2:9: level\[0\] must be a string, not an integer/, before);
  });

  test("is watched, with what it refers to: files are looked at again", async () => {
    using project = newProject({
      ...yaml,
      "schema.json": schema({ properties: { port: { $ref: "parts/port.json" } } }),
      "parts/port.json": JSON.stringify({ type: "integer", maximum: 100 }),
    });
    await using program = await begun(project);
    project.write("app.yaml", "port: 200\n");
    await program.says(/port must be an integer of at most 100/);
    project.write("parts/port.json", JSON.stringify({ type: "integer", maximum: 300 }));
    expect((await settled(project)).code).toBe(0);
    await until("the signal", () => log(project).length === 2, program.seen);
    expect(log(project)[1]).toBe("hup port: 200 ");
    project.write("parts/port.json", JSON.stringify({ type: "integer", maximum: 50 }));
    expect((await settled(project)).code).toBe(1);
    await program.says(/port must be an integer of at most 50/);
    expect(log(project)).toHaveLength(2);
  });

  test("holds everything back while it is broken, and says so itself", async () => {
    using project = newProject(yaml);
    await using program = await begun(project);
    project.write("schema.json", '{ "type": "objekt" }');
    await program.says(/schema\.json:1:11: this is not a JSON Schema: type must be /);
    project.write("app.yaml", "port: 7\n");
    expect((await settled(project)).code).toBe(1);
    expect(log(project)).toHaveLength(1);
    project.write("schema.json", schema());
    expect((await settled(project)).code).toBe(0);
    await until("the signal", () => log(project).length === 2, program.seen);
  });

  test.each([
    ["is not there", {}, /\.reload\.toml:7:10: schema: there is no file "schema\.json"/],
    ["is no schema", { "schema.json": "[]" }, /schema\.json:1:1: a JSON Schema is an object/],
    ["is not JSON", { "schema.json": "{" }, /schema\.json:1:\d+: /],
    [
      "is of another draft",
      { "schema.json": '{ "$schema": "http://json-schema.org/draft-04/schema#" }' },
      /schema\.json:1:14: schemas of draft-04 are not supported\n.*\n.*\n.*supported: draft-07, 2019-09 and 2020-12/,
    ],
    [
      "refers to what is not there",
      { "schema.json": '{ "$ref": "none.json" }' },
      /schema\.json:1:11: there is no schema none\.json/,
    ],
  ])("that %s: nothing is started, and reload config says so as well", async (_, files, message) => {
    using project = newProject({ ".reload.toml": toml("app.yaml"), "app.yaml": "port: 1\n", ...files });
    for (const args of [[], ["--once"], ["config"]]) {
      const { code, stderr } = await reloadOnce(args, { cwd: project.directory });
      expect(stderr).toMatch(message);
      expect(stderr).not.toMatch(/^ +at /m);
      expect(code).toBe(2);
    }
  });

  test("for files of no known format is refused where they are named", async () => {
    using project = newProject({ ".reload.toml": toml("app.ini"), "schema.json": schema(), "app.ini": "" });
    const { code, stderr } = await reloadOnce([], { cwd: project.directory });
    expect(stderr).toMatch(/\.reload\.toml:6:9: match: what "app\.ini" matches is of no format/);
    expect(code).toBe(2);
  });

  test("may come and go while reload runs, without a restart for it", async () => {
    using project = newProject({ ...yaml, ".reload.toml": toml("app.yaml").replace('schema = "schema.json"\n', "") });
    await using program = await begun(project);
    project.write(".reload.toml", toml("app.yaml"));
    await program.says(/configuration 2: rule .*; watches anew/);
    project.write("app.yaml", "port: 0\n");
    await program.says(/✖ app\.yaml is held back · run 1 stays/);
    project.write(".reload.toml", toml("app.yaml").replace('"schema.json"', '"none.json"'));
    await program.says(/schema: there is no file "none\.json"/);
    await program.says(/configuration not changed · version 2 stays/);
    project.write(".reload.toml", toml("app.yaml").replace('schema = "schema.json"\n', ""));
    await until("the signal", () => log(project).length === 2, program.seen);
    expect(log(project)).toEqual(["run port: 1 ", "hup port: 0 "]);
  });
});

test("several files of several rules are each judged by their own schema, and patterns find them at the start", async () => {
  const rule = (match: string, body: string): string =>
    `[[rule]]\nmatch = "${match}"\ndo = "signal"\nschema = "${body}"\n`;
  using project = newProject({
    ".reload.toml": `${toml("app.yaml")}${rule("conf/**/*.json", "other.json")}${rule("*.toml", "schema.json")}`,
    "schema.json": schema(),
    "other.json": JSON.stringify({ required: ["name"] }),
    "app.yaml": "port: 1\n",
    "conf/a/one.json": "{}",
    "conf/two.json": '{ "name": "two" }',
    "deep/er/app.toml": "port = 0\n",
    log: "",
  });
  await using program = reload([], { cwd: project.directory });
  await program.says(/conf\/a\/one\.json:1:1: name is missing/);
  project.write("conf/a/one.json", '{ "name": "one" }');
  await program.says(/deep\/er\/app\.toml:1:8: port must be /);
  expect(log(project)).toEqual([]);
  project.write("deep/er/app.toml", "port = 1\n");
  expect((await settled(project)).code).toBe(0);
  project.write("conf/two.json", "{}");
  project.write("deep/er/app.toml", "port = 2\n");
  await program.says(/✖ conf\/two\.json is held back/);
  await until("one signal", () => log(project).length === 2, program.seen);
});

test("explain and doctor name the schema", async () => {
  using project = newProject({ ...yaml, "app.yaml": "port: 0\n" });
  const explained = await ask(project.directory, "explain", "app.yaml");
  expect(explained.stdout).toContain("app.yaml: sends a signal, once it satisfies schema.json: app.yaml ([[rule]]");
  const wrong = await ask(project.directory, "doctor");
  expect(wrong.stdout).toContain("✖ schemas: app.yaml:1:7: port must be an integer from 1 to 65535");
  expect(wrong.code).toBe(1);
  project.write("app.yaml", "port: 1\n");
  expect((await ask(project.directory, "doctor")).stdout).toContain("● schemas: schema.json: satisfied by 1 file");
});

test("where there are several services, each line of what is wrong says whose it is", async () => {
  using project = newProject({
    ".reload.toml": ["web", "api"]
      .map((name) => `[service.${name}.proc]\ncmd = "sleep 1000"\n`)
      .concat('[[service.api.rule]]\nmatch = "app.yaml"\nschema = "schema.json"\ndo = "signal"\n')
      .join(""),
    "schema.json": schema(),
    "app.yaml": "port: 0\n",
  });
  await using program = reload([], { cwd: project.directory });
  await program.says(/^api +app\.yaml:1:7: port must be .*\napi +1 \| port: 0\napi +\^\napi +✖ /m);
});

test("what is wrong with a file that several services read is said once, and each says that it is held back", async () => {
  using project = newProject({
    ".reload.toml": ["web", "api"]
      .map((name) => `[service.${name}.proc]\ncmd = "trap : HUP; while :; do sleep 0.1; done"\n`)
      .concat('[[rule]]\nmatch = "app.yaml"\nschema = "schema.json"\ndo = "signal"\n')
      .join(""),
    "schema.json": schema(),
    "app.yaml": "port: 1\n",
  });
  await using program = reload([], { cwd: project.directory });
  await until("both run, watched", async () => (await settled(project)).code === 0, program.seen);
  for (const wrong of ["0", "90000", "0"]) {
    const before = program.stderr.length;
    project.write("app.yaml", `port: ${wrong}\n`);
    for (const name of ["web", "api"])
      await program.says(new RegExp(`^${name} +✖ app\\.yaml is held back · run 1 stays`, "m"), before);
    expect(program.stderr.slice(before).match(/app\.yaml:1:7/g), program.stderr.slice(before)).toHaveLength(1);
    expect((await settled(project)).code).toBe(1);
  }
  project.write("app.yaml", "port: 2\n");
  expect((await settled(project)).code).toBe(0);
});
