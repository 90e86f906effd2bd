/** `reload --background`: starts one that stays, waits until it is ready, has failed or is late, and returns. */
import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { askSession } from "../adapters/control/channel.ts";
import { type Registered, registered } from "../adapters/lock/registry.ts";
import type { Given } from "../line/given.ts";
import { printable } from "../report/words.ts";
import type { Io } from "../session/io.ts";
import { already } from "../session/neighbours.ts";
import { answer, saidRefused } from "./control.ts";
import { find } from "./find.ts";

const lookMs = 10;
/** So long, in milliseconds, a start may take until it can be talked to, on a busy machine. */
const startMs = 20_000;

/** Resolves with the exit code. */
export async function background(given: Given, io: Io): Promise<number> {
  if (given.once) return saidRefused("--background stays, --once does not: one of them", io);
  const found = find(given, io);
  if (found.is === "unclear") return saidRefused(found.message, io);
  if (found.is === "one") return waitFor(found.one, given, io);
  return begin(given, io);
}

async function begin(given: Given, io: Io): Promise<number> {
  const [file = "", ...program] = io.program;
  const at = io.words.indexOf("--background");
  const words = io.words.with(at, "--in-background");
  const directory = mkdtempSync(join(tmpdir(), "reload-"));
  const said = join(directory, "said");
  const descriptor = openSync(said, "w", 0o600);
  try {
    const child = spawn(file, [...program, ...words], {
      cwd: io.cwd(),
      env: io.env,
      // A session of its own: the terminal that it was started from may close.
      detached: true,
      stdio: ["ignore", descriptor, descriptor],
      windowsHide: true,
    });
    let code: number | undefined;
    const ended = new Promise<void>((resolveEnded) => {
      const end = (its: number): void => {
        code = its;
        resolveEnded();
      };
      child.once("error", () => end(126));
      child.once("exit", (its, signal) => end(its ?? (signal === null ? 1 : 128)));
    });
    child.unref();
    const found = await untilFound(child.pid ?? -1, () => code !== undefined);
    const whyEnded = async (): Promise<number> => {
      child.ref();
      await ended;
      const text = readFileSync(said, "utf8");
      // What happens to runs is told to whoever asks, and nobody can ask any more.
      io.stderr.write(text === "" ? `error: ${whyOf(code, given)}\n` : text);
      return code === undefined || code === 0 ? 1 : code;
    };
    if (found === undefined) {
      await ended;
      const other = readFileSync(said, "utf8").includes(already) ? await untilAnother(given, io) : undefined;
      return other === undefined ? await whyEnded() : await waitFor(other, given, io);
    }
    const result = await waitFor(found, given, io, whyEnded);
    // What has failed may be why it does not stay: a COMMAND that does not exist, on_exit = "quit".
    if (result === 1 && code === undefined && (await isEnding(found))) return await whyEnded();
    if (given.json === undefined && code === undefined)
      io.stdout.write(`pid ${found.pid} stays in the background: reload status, reload logs -f, reload stop\n`);
    return result;
  } finally {
    closeSync(descriptor);
    rmSync(directory, { recursive: true, force: true });
  }
}

function whyOf(code: number | undefined, { rest: [program = "the program"] }: Given): string {
  if (code === 127) return `${printable(program)}: no such command`;
  if (code === 126) return `${printable(program)}: it cannot be run`;
  return `it has ended with ${code} before it was ready`;
}

/** It can be found as soon as it can be talked to. */
async function untilFound(pid: number, hasEnded: () => boolean): Promise<Registered | undefined> {
  for (;;) {
    const found = registered().find((one) => one.pid === pid);
    if (found !== undefined || hasEnded()) return found;
    await new Promise((resolveLater) => setTimeout(resolveLater, lookMs));
  }
}

/** Somebody else has begun at the same moment, and cannot be talked to yet. */
async function untilAnother(given: Given, io: Io): Promise<Registered | undefined> {
  const end = io.clock.now() + startMs;
  for (;;) {
    const found = find(given, io);
    if (found.is === "one") return found.one;
    if (found.is === "unclear" || io.clock.now() > end) return undefined;
    await new Promise((resolveLater) => setTimeout(resolveLater, lookMs));
  }
}

async function waitFor(
  { socket, pid }: Registered,
  given: Given,
  io: Io,
  whyEnded?: () => Promise<number>,
): Promise<number> {
  // Ready, failed or late: each of them comes by itself.
  const ending = await askSession(socket, { verb: "wait", names: [], options: { timeoutMs: 0 } });
  if (ending !== undefined) return answer(ending, given, io);
  return whyEnded?.() ?? saidRefused(`the reload that was waited for (pid ${pid}) has ended`, io);
}

/** It ends itself, or has. A program that somebody stops by hand is not its end. */
async function isEnding({ socket }: Registered): Promise<boolean> {
  const ending = await askSession(socket, { verb: "status", names: [], options: {} });
  const value = ending?.value;
  return typeof value !== "object" || value === null || !("ending" in value) || value.ending === true;
}
