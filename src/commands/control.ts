/** The commands that talk to the `reload` that runs here, or above: a question over its socket, and its answer in this terminal. */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { stripVTControlCharacters } from "node:util";
import type { FinalAnswer, Question } from "../adapters/control/channel.ts";
import { askRunning } from "../adapters/control/running.ts";
import type { Registered } from "../adapters/lock/registry.ts";
import { durationKind } from "../config/keys/kinds.ts";
import type { Given } from "../line/given.ts";
import { hasColor } from "../report/colour.ts";
import { brokenFor } from "../report/narrow.ts";
import { isSpoken, spoken } from "../report/spoken.ts";
import { printable } from "../report/words.ts";
import type { Io } from "../session/io.ts";
import { find, startAdvice } from "./find.ts";

type Verb =
  | "status"
  | "start"
  | "restart"
  | "stop"
  | "wait"
  | "pause"
  | "resume"
  | "versions"
  | "rollback"
  | "logs"
  | "url"
  | "refresh";

/** Resolves with the exit code. */
export async function control(verb: Verb, given: Given, io: Io): Promise<number> {
  const question = questionOf(verb, given);
  if (typeof question === "string") return saidRefused(question, io);
  const found = find(given, io);
  if (found.is === "unclear") return saidRefused(found.message, io);
  if (found.is === "none") return nobody(verb, found.where, given, io);
  const { one } = found;
  const over = new AbortController();
  const unlisten = io.listen({ quit: (code) => over.abort(code), pause() {}, resized() {}, passOn() {} });
  const ending = await askRunning(one, question, printer(given, io), over.signal);
  unlisten();
  if (typeof over.signal.reason === "number") return over.signal.reason;
  if (ending === undefined) return gone(verb, one, io);
  return verb === "wait" && given.behind.length > 0 && ending.code === 0
    ? afterwards(given.behind, await addressesOf(one, question, io), io)
    : verb === "logs" && ending.code === 0
      ? noted(ending, given, io)
      : answer(ending, given, io);
}

/** That there is nothing to print is not what was printed. */
function noted({ code, text }: FinalAnswer, { json }: Given, io: Io): number {
  if (text !== "" && json === undefined) io.stderr.write(`${text}\n`);
  return code;
}

/** Of `logs`: a line as it was printed, without colours where nobody sees any. */
function printer(given: Given, io: Io): (value: unknown) => void {
  const isPlain = !hasColor(given.color, io.env, io.stdout);
  let width = 0;
  return (value) => {
    if (typeof value !== "object" || value === null || !("text" in value) || typeof value.text !== "string") return;
    const text = isPlain ? stripVTControlCharacters(value.text) : value.text;
    const service = "service" in value && typeof value.service === "string" ? value.service : "";
    width = Math.max(width, service.length);
    const prefix = service === "" ? "" : `${service.padEnd(width)} | `;
    io.stdout.write(given.json === undefined ? `${prefix}${text}\n` : `${JSON.stringify(value)}\n`);
  };
}

export function answer({ code, text, value }: FinalAnswer, given: Given, io: Io): number {
  if (given.json !== undefined && value !== null) io.stdout.write(`${JSON.stringify(value)}\n`);
  else if (text !== "") {
    const stream = code === 2 ? io.stderr : io.stdout;
    const shown = `${code === 2 ? "error: " : ""}${isSpoken(io.env) ? spoken(shownLines(text)) : shownLines(text)}\n`;
    stream.write(stream.isTTY === true ? brokenFor(stream.columns ?? 80, shown) : shown);
  }
  return code;
}

/** What comes from programs may have been meant for a terminal. */
const shownLines = (text: string): string => text.split("\n").map(printable).join("\n");

export function saidRefused(message: string, { stderr }: Io): 2 {
  stderr.write(`error: ${shownLines(message)}\n`);
  return 2;
}

function nobody(verb: Verb, where: string, given: Given, io: Io): number {
  if (verb === "stop") {
    if (given.json !== undefined) io.stdout.write(`${JSON.stringify({ stopped: false })}\n`);
    else io.stdout.write(`no reload runs ${where}\n`);
    return 0;
  }
  return saidRefused(`no reload runs ${where}\n  ${startAdvice}`, io);
}

/** It has ended while it was asked. */
function gone(verb: Verb, { pid }: Registered, io: Io): number {
  if (verb === "stop") return 0;
  return saidRefused(`the reload that ran here (pid ${pid}) has ended`, io);
}

function questionOf(verb: Verb, given: Given): Question | string {
  const options: Record<string, string | number | boolean> = {};
  for (const [name, text] of [
    ["timeoutMs", given.timeout],
    ["forMs", given.for],
  ] as const) {
    if (text === undefined) continue;
    const decoded = durationKind.decode(/^\d+$/.test(text) ? Number(text) : text);
    if (!decoded.ok)
      return `--${name === "forMs" ? "for" : "timeout"} ${text}: ${decoded.faults.map(({ message }) => message).join(", ")}`;
    options[name] = decoded.value;
  }
  for (const [name, text] of [
    ["lines", given.lines],
    ["run", given.run],
  ] as const) {
    if (text === undefined) continue;
    if (!/^\d+$/.test(text)) return `--${name} ${text} is not a number`;
    options[name] = Number(text);
  }
  if (given.verbose) options["verbose"] = true;
  if (given.follow) options["follow"] = true;
  if (given.ofBuilds) options["build"] = true;
  if (verb === "rollback") {
    const number = Number(given.words[0]);
    if (!Number.isInteger(number))
      return `${given.words[0]} is not the number of a version: reload versions lists them`;
    options["number"] = number;
    return { verb, names: [], options };
  }
  return { verb, names: given.words, options };
}

/** The environment of a command that is run once everything is ready: with `RELOAD_URL`, as programs have it. */
async function addressesOf(one: Registered, { names }: Question, { env }: Io): Promise<NodeJS.ProcessEnv> {
  const ending = await askRunning(one, { verb: "addresses", names, options: {} });
  const all = typeof ending?.value === "object" && ending.value !== null ? Object.entries(ending.value) : [];
  return { ...env, ...Object.fromEntries(all.filter(([, url]) => typeof url === "string")) };
}

/** `wait -- CMD`: its code is the answer. */
function afterwards([file = "", ...args]: readonly string[], env: NodeJS.ProcessEnv, io: Io): Promise<number> {
  return new Promise((resolvePromise) => {
    const child = spawn(file, args, { stdio: "inherit", env, cwd: io.cwd() });
    child.once("error", (error) => {
      const code = "code" in error ? error.code : undefined;
      const isMissing = code === "ENOENT";
      const why = code === "EACCES" ? "permission denied (is it executable?)" : error.message;
      io.stderr.write(`error: ${printable(file)}: ${isMissing ? "no such command" : why}\n`);
      resolvePromise(isMissing ? 127 : 126);
    });
    // The terminal sends its signals to the command as well: who ends first is the command.
    const unlisten = io.listen({ quit() {}, pause() {}, resized() {}, passOn: (signal) => child.kill(signal) });
    child.once("exit", (code, signal) => {
      unlisten();
      resolvePromise(signal === null ? (code ?? 1) : 128 + constants.signals[signal]);
    });
  });
}
