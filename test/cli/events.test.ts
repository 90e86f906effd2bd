/** `--json`: whole sessions against the schema that the documentation is made from; and `--trace`, told again to the machine. */
import { execFileSync } from "node:child_process";
import { constants, openSync, readFileSync } from "node:fs";
import { Socket } from "node:net";
import { Ajv, type ValidateFunction } from "ajv";
import { describe, expect, test } from "vitest";
import { emptyHouse } from "../../src/core/house.ts";
import { step } from "../../src/core/step.ts";
import type { Fact, Plan } from "../../src/core/types.ts";
import { newProject } from "../rig/project.ts";
import { reload, reloadOnce } from "../rig/reload.ts";
import { until } from "../rig/until.ts";

const schema = JSON.parse(readFileSync(new URL("../../docs/events.schema.json", import.meta.url), "utf8")) as object;

interface JsonEvent {
  readonly event: string;
  readonly [field: string]: unknown;
}

function validated(text: string): JsonEvent[] {
  const validate: ValidateFunction = new Ajv({ allErrors: true }).compile(schema);
  return text
    .trimEnd()
    .split("\n")
    .map((line) => {
      const event = JSON.parse(line) as JsonEvent;
      expect(validate(event), `${line}\n${JSON.stringify(validate.errors?.slice(0, 3))}`).toBe(true);
      return event;
    });
}

const config = `
[build]
cmd = "echo building; grep -v broken a.txt"
[proc]
cmd = "echo run of $RELOAD_RUN; printf 'no newline: \\\\303\\\\251' >&2; (trap '' TERM; sleep 1000) & exec sleep 1000"
stop_timeout = "200ms"
[watch]
include_files = [".txt"]
`;

describe("--json", () => {
  test.skipIf(process.platform === "win32")(
    "into a pipe: without a reader it is an error, and a slow one holds nothing up and loses nothing",
    async () => {
      const cmd = "seq 200000; echo all; exec sleep 1000";
      using project = newProject({ ".reload.toml": `[proc]\ncmd = "${cmd}"\n[ready]\nlog = "^all$"\n`, "a.txt": "1" });
      execFileSync("mkfifo", [project.path("pipe")]);
      const refused = await reloadOnce(["--json=pipe"], { cwd: project.directory });
      expect(refused).toMatchObject({ code: 2, stderr: "--json: pipe cannot be written: nobody reads it\n" });
      const reader = openSync(project.path("pipe"), constants.O_RDONLY | constants.O_NONBLOCK);
      await using program = reload(["--verbose", "--json=pipe"], { cwd: project.directory });
      // More than a pipe holds, and nobody has read a byte.
      await program.says(/ready .*· run 1/);
      const stream = new Socket({ fd: reader }).setEncoding("utf8");
      let text = "";
      stream.on("data", (chunk: string) => {
        text += chunk;
      });
      await program.stop();
      await until("its end", () => stream.readableEnded);
      const events = validated(text);
      expect(events.at(-1)).toMatchObject({ event: "exit" });
      const printed = events.flatMap(({ event, text }) => (event === "output" ? [String(text)] : [])).join("");
      expect(printed).toContain("\n200000\nall\n");
    },
  );

  test("tells a whole session in the words of the schema, what programs print included", async () => {
    using project = newProject({ ".reload.toml": config, "a.txt": "1\n" });
    await using program = reload(["--json"], { cwd: project.directory });
    await until("it watches", () => program.stdout.includes('"watching"'), program.seen);
    await until("run 1 is ready", () => /"run-ready".*"run":1/.test(program.stdout), program.seen);
    project.write("a.txt", "broken\n");
    await until("a failed build", () => program.stdout.includes('"result":"failed"'), program.seen);
    project.write("a.txt", "mended\n");
    await until("run 2 is ready", () => /"run-ready".*"run":2/.test(program.stdout), program.seen);
    await program.stop();
    const events = validated(program.stdout);
    const names = events.map(({ event }) => event);
    expect(names[0]).toBe("opened");
    expect(names.at(-1)).toBe("exit");
    for (const name of [
      "watching",
      "changed",
      "build-started",
      "build-ended",
      "run-starting",
      "run-started",
      "run-ready",
      "run-stopping",
      "killed",
      "run-exited",
      "run-gone",
      "output",
      "quit-asked",
    ]) {
      expect(names).toContain(name);
    }
    const printed = (from: string, stream: string): string =>
      events
        .filter((event) => event.event === "output" && event["from"] === from && event["stream"] === stream)
        .map((event) => event["text"])
        .join("");
    expect(printed("run", "stdout")).toBe("run of 1\nrun of 2\n");
    expect(printed("run", "stderr")).toContain("é");
    expect(printed("build", "stdout")).toContain("building\n");
    expect(events.at(-1)).toMatchObject({ code: 143 });
  });

  test("into a file leaves the streams as they are", async () => {
    using project = newProject();
    const result = await reloadOnce(
      ["--once", "--json=events.jsonl", "--", "sh", "-c", "echo out; echo err >&2; exit 5"],
      { cwd: project.directory },
    );
    expect(result.code).toBe(5);
    expect(result.stdout).toBe("out\n");
    expect(result.stderr).toContain("err\n");
    expect(validated(project.read("events.jsonl")).at(-1)).toMatchObject({ event: "exit", code: 5 });
  });
});

describe("--trace", () => {
  test("writes what is needed to decide everything again", async () => {
    using project = newProject({ ".reload.toml": config, "a.txt": "1\n" });
    await using program = reload(["--trace", "trace.jsonl"], { cwd: project.directory });
    await program.says(/run 1/);
    project.write("a.txt", "2\n");
    await program.says(/run 2/);
    await program.stop();
    let house = emptyHouse;
    let plan: Plan | undefined;
    let facts = 0;
    for (const line of project.read("trace.jsonl").trimEnd().split("\n")) {
      const row = JSON.parse(line, revived) as { plan?: Plan } & Fact & { orders?: unknown; news?: unknown };
      if (row.plan !== undefined) {
        plan = row.plan;
        continue;
      }
      if (plan === undefined) throw new Error("a fact before the settings");
      const { orders, news, ...fact } = row;
      const next = step(house, fact, plan);
      expect(next.orders).toEqual(orders);
      expect(next.news).toEqual(news);
      house = next.house;
      facts += 1;
    }
    expect(house.life.is).toBe("ended");
    expect(facts).toBeGreaterThan(8);
  });
});

/** Maps are written as objects. */
const revived = (key: string, value: unknown): unknown =>
  ["services", "recipes", "changes", "demand"].includes(key) && typeof value === "object" && value !== null
    ? new Map(Object.entries(value))
    : value;
