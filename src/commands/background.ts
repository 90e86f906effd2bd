/** `reload --background`: starts one that stays, waits until it is ready, has failed or is late, and returns. */
import { spawn } from "node:child_process";
import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { join } from "node:path";
import { askRunning } from "../adapters/control/running.ts";
import { type Registered, registered } from "../adapters/lock/registry.ts";
import { stateDirectory } from "../adapters/lock/state-directory.ts";
import { reasonOf } from "../core/errors.ts";
import type { Given } from "../line/given.ts";
import { printable } from "../report/words.ts";
import type { Io } from "../session/io.ts";
import { already, begunMark } from "../session/neighbours.ts";
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
  const over = new AbortController();
  const unlisten = io.listen({ quit: (code) => over.abort(code), pause() {}, resized() {}, passOn() {} });
  try {
    const code =
      found.is === "one" ? await waitFor(found.one, given, io, over.signal) : await begin(given, io, over.signal);
    return typeof over.signal.reason === "number" ? over.signal.reason : code;
  } finally {
    unlisten();
  }
}

async function begin(given: Given, io: Io, over: AbortSignal): Promise<number> {
  const said = openSaid();
  if (typeof said === "string") return saidRefused(`one that stays could not be talked to: ${said}`, io);
  const [file = "", ...program] = io.program;
  const at = io.words.indexOf("--background");
  try {
    const child = spawn(file, [...program, ...io.words.with(at, "--in-background")], {
      cwd: io.cwd(),
      env: io.env,
      // A session of its own: the terminal that it was started from may close.
      detached: true,
      stdio: ["ignore", said.descriptor, said.descriptor],
      windowsHide: true,
    });
    let code: number | undefined;
    const ended = new Promise<void>((resolveEnded) => {
      const end = (exitCode: number): void => {
        code = exitCode;
        resolveEnded();
      };
      child.once("error", () => end(126));
      child.once("exit", (exitCode, signal) => end(exitCode ?? (signal === null ? 1 : 128)));
    });
    child.unref();
    const stays = (): void =>
      void io.stdout.write(`pid ${child.pid} stays in the background: reload status, reload logs -f, reload stop\n`);
    over.addEventListener("abort", () => code === undefined && stays());
    const found = await untilFound(child.pid ?? -1, () => code !== undefined || over.aborted);
    if (over.aborted) return 1;
    const whyEnded = async (): Promise<number> => {
      child.ref();
      await ended;
      const { why } = said.told();
      if (found === undefined) io.stderr.write(said.told().first);
      io.stderr.write(why ?? `error: ${whyOf(code, given)}\n`);
      return code === undefined || code === 0 ? 1 : code;
    };
    if (found === undefined) {
      await ended;
      const other = said.told().first.includes(already) ? await untilAnother(given, io) : undefined;
      return other === undefined ? await whyEnded() : await waitFor(other, given, io, over);
    }
    // What runs, and what is odd about it.
    if (given.json === undefined) io.stderr.write(said.told().first);
    const result = await waitFor(found, given, io, over, whyEnded);
    // What has failed may be why it does not stay: a COMMAND that does not exist, on_exit = "quit".
    if (result === 1 && code === undefined && !over.aborted && (await isEnding(found))) return await whyEnded();
    if (given.json === undefined && code === undefined && !over.aborted) stays();
    return result;
  } finally {
    said.close();
  }
}

interface Said {
  readonly descriptor: number;
  /** Before anything was started; and why it has ended, if that was said: what happens to runs is told to whoever asks. */
  told(): { readonly first: string; readonly why: string | undefined };
  close(): void;
}

/** A file without a name for what is said before anybody can ask; or why nobody ever could. */
function openSaid(): Said | string {
  try {
    const directory = mkdtempSync(join(stateDirectory(), "said-"));
    const descriptor = openSync(join(directory, "text"), "w+", 0o600);
    rmSync(directory, { recursive: true, force: true });
    return {
      descriptor,
      told() {
        const bytes = Buffer.alloc(fstatSync(descriptor).size);
        const text = bytes.toString("utf8", 0, readSync(descriptor, bytes, 0, bytes.length, 0));
        const [first = "", ...rest] = text.split(begunMark);
        const why = rest.join("");
        return { first, why: why !== "" ? why : rest.length === 0 && first !== "" ? "" : undefined };
      },
      close: () => closeSync(descriptor),
    };
  } catch (error) {
    return reasonOf(error);
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
  one: Registered,
  given: Given,
  io: Io,
  over: AbortSignal,
  whyEnded?: () => Promise<number>,
): Promise<number> {
  // Ready, failed or late: each of them comes by itself.
  const ending = await askRunning(one, { verb: "wait", names: [], options: { timeoutMs: 0 } }, () => {}, over);
  if (over.aborted) return 1;
  if (ending !== undefined) return answer(ending, given, io);
  return whyEnded?.() ?? saidRefused(`the reload that was waited for (pid ${one.pid}) has ended`, io);
}

/** It ends itself, or has. A program that somebody stops by hand is not its end. */
async function isEnding(one: Registered): Promise<boolean> {
  const ending = await askRunning(one, { verb: "status", names: [], options: {} });
  const value = ending?.value;
  return typeof value !== "object" || value === null || !("ending" in value) || value.ending === true;
}
