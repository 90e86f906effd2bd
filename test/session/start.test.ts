/** Sessions that are started by a program other than ours: everything they touch is what they were handed. */
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { systemClock } from "../../src/adapters/clock.ts";
import type { Io } from "../../src/session/io.ts";
import { type Session, type Started, startSession } from "../../src/session/start.ts";
import { nowhere } from "../config/loading.ts";
import { app, startNumber, starts } from "../rig/log.ts";
import { newProject, type Project } from "../rig/project.ts";
import { until } from "../rig/until.ts";

interface Handed {
  readonly io: Io;
  readonly said: () => string;
  readonly printed: () => string;
  /** As Ctrl-C would. */
  ask(code: number): void;
}

function handed(env: NodeJS.ProcessEnv): Handed {
  const collect = (stream: PassThrough): (() => string) => {
    let text = "";
    stream.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    return () => text;
  };
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  let ask: (code: number) => void = () => {};
  const io: Io = {
    cwd: () => "/",
    env: { PATH: process.env["PATH"], ...nowhere, ...env },
    stdin: {},
    stdout,
    stderr,
    streams: "kept",
    clock: systemClock,
    listen(asked) {
      ask = asked.quit;
      return () => {};
    },
    faults: { code: 70, stopOnFault: () => () => {} },
    terminal: undefined,
    isInit: false,
    isBackground: false,
    isOneStream: false,
    program: [],
    words: [],
    version: () => "1.2.3",
  };
  return { io, said: collect(stderr), printed: collect(stdout), ask: (code) => ask(code) };
}

const started = (project: Project, io: Io): Promise<Started> =>
  startSession(
    {
      config: { cwd: project.directory, env: io.env, flags: [] },
      once: undefined,
      postpone: false,
      reports: { color: "auto", json: undefined, trace: undefined },
      advice: () => undefined,
    },
    io,
  );

function good(result: Started): Session {
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.session;
}

const config = (says: string): string => `
[build]
cmd = "echo ${says} is built"
[proc]
cmd = ${JSON.stringify(["node", app])}
`;

test("two sessions live in one process, each with its own streams, environment and signals", async () => {
  using first = newProject({ ".reload.toml": config("first") });
  using second = newProject({ ".reload.toml": config("second") });
  const one = handed({ LOG: first.path("app.log"), NAME: "one" });
  const two = handed({ LOG: second.path("app.log"), NAME: "two" });
  const [session, other] = [good(await started(first, one.io)), good(await started(second, two.io))];
  expect((await startNumber(first, 1, one.said)).name).toBe("one");
  expect((await startNumber(second, 1, two.said)).name).toBe("two");
  first.write("a.go", "1");
  await startNumber(first, 2, one.said);
  expect(starts(second)).toHaveLength(1);
  expect(one.said()).toContain("a.go changed");
  expect(two.said()).not.toContain("a.go");
  expect([one.printed(), two.printed()]).toEqual(["first is built\nfirst is built\n", "second is built\n"]);

  one.ask(130);
  expect(await session.ended).toBe(130);
  // The sweep of the one does not see what belongs to the other.
  second.write("b.go", "1");
  await startNumber(second, 2, two.said);
  other.quit(0);
  expect(await other.ended).toBe(0);
  for (const { pid } of [...starts(first), ...starts(second)])
    await until("the end of every program", () => !isAlive(pid));
});

test("what cannot be started is a value, and nothing was written", async () => {
  using project = newProject({ ".reload.toml": "[proc]\ncmd = 7\n" });
  const { io, said, printed } = handed({});
  const result = await started(project, io);
  expect(result).toMatchObject({ ok: false, problems: [{ severity: "error", place: { line: 2 } }] });
  expect([said(), printed()]).toEqual(["", ""]);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
