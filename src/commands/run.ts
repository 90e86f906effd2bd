/** `reload`: what the command line asks for, as a session. */
import { accessSync, constants, existsSync, type Stats, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { durationKind } from "../config/keys/kinds.ts";
import type { Problem } from "../core/problem.ts";
import { directoryMeant, fileMeant } from "../line/file-meant.ts";
import type { Given } from "../line/given.ts";
import { commandMeant, elsewhereMeant } from "../line/meant.ts";
import type { Io } from "../session/io.ts";
import { startSession } from "../session/start.ts";
import { refuseUsage, requestOf } from "./usage.ts";

/** Resolves with the exit code. `begun` is told when nothing stands in the way any more. */
export async function run(given: Given, io: Io, begun: () => void = () => {}): Promise<number> {
  if (given.background === true) return (await import("./background.ts")).background(given, io);
  const usage = requestOf(given, given.rest, io);
  if (!usage.ok) return refused(given, [usage.problem], io);
  const { request } = usage;
  const length =
    given.for === undefined ? undefined : durationKind.decode(/^\d+$/.test(given.for) ? +given.for : given.for);
  if (length?.ok === false) {
    const problems = length.faults.map(
      ({ message }): Problem => ({ code: "usage/bad-argument", severity: "error", origin: "--for", message }),
    );
    return refused(given, problems, io);
  }
  const { json, trace, color } = given;
  const started = await startSession(
    {
      config: request,
      once: given.once ? { forMs: length?.value } : undefined,
      postpone: given.postpone,
      reports: { json, trace, color },
      advice: () => adviceFor(request.command, request.cwd),
      remark: remarkOn(given.rest, request.cwd, io),
    },
    io,
  );
  if (started.ok) {
    begun();
    return started.session.ended;
  }
  // The file of events is that of the one that runs, as like as not.
  const { problems } = started;
  if (!started.isTaken) return refused(given, meant(problems, request.command, request.cwd), io);
  const advice = adviceFor(request.command, request.cwd);
  if (advice !== undefined) io.stderr.write(`${advice}\n`);
  return refuseUsage(given, problems, io);
}

/** Where COMMAND is what is wrong, it may have been meant for us: nothing else that is said of it matters then. */
function meant(problems: readonly Problem[], command: readonly string[] | undefined, cwd: string): readonly Problem[] {
  const [word] = command ?? [];
  const advice = adviceFor(command, cwd);
  const wrong = problems.find(({ origin }) => origin === "COMMAND");
  if (wrong === undefined || advice === undefined) return problems;
  const rest = problems.filter(({ origin }) => origin !== "COMMAND");
  return [
    ...rest,
    {
      ...wrong,
      message: `there is no command ${word}`,
      hint: `${advice}${wrong.hint === undefined ? "" : `\nor, if it is a program: ${wrong.hint}`}`,
    },
  ];
}

/** A program that reads our events is told as well. */
async function refused(given: Given, problems: readonly Problem[], io: Io): Promise<number> {
  const code = refuseUsage(given, problems, io);
  if (given.json === undefined) return code;
  const { refusalLines } = await import("../report/json/json.ts");
  const lines = refusalLines(problems, code, new Date());
  if (given.json === true) io.stdout.write(lines);
  else {
    try {
      const { openLineFile } = await import("../session/line-file.ts");
      const file = openLineFile(resolve(given.json), () => {});
      file.write(lines);
      file.close();
    } catch {
      // Where it cannot be written either, the terminal has said what is wrong.
    }
  }
  return code;
}

/** A COMMAND that does not exist may have been meant for us. */
function adviceFor(command: readonly string[] | undefined, cwd: string): string | undefined {
  const [word] = command ?? [];
  if (command === undefined || word === undefined) return undefined;
  const there = placeMeant(command, cwd);
  if (there !== undefined) return there;
  if (durationKind.decode(word).ok)
    return `${word} was taken for COMMAND; --poll takes its value with =: --poll=${word}`;
  const meant = commandMeant(command);
  return meant === undefined ? undefined : `did you mean ${meant}?`;
}

/** A file, or a directory, is no program. */
function placeMeant(command: readonly string[], cwd: string): string | undefined {
  const [word = ""] = command;
  const path = resolve(cwd, word);
  const stats = statOf(path);
  if (stats?.isDirectory() === true) return directoryMeant(word);
  if (stats?.isFile() !== true || (word.includes("/") && isExecutable(path))) return undefined;
  const line = fileMeant(command);
  return line === undefined ? undefined : `${word} is a file: ${line}`;
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** One that exists, and stands alone, may have been as well: `reload ps`. */
function remarkOn(command: readonly string[], cwd: string, { env }: Io): string | undefined {
  const [word = "", ...rest] = command;
  // It is there, and not found to be missing.
  if (word.includes("/") || word === "." || word === "..") return placeMeant(command, cwd);
  const meant = rest.length === 0 ? elsewhereMeant(word, []) : undefined;
  const places = (env["PATH"] ?? "").split(delimiter).filter((place) => place !== "");
  if (meant === undefined || !places.some((place) => existsSync(join(place, word)))) return undefined;
  return `${word} is run as a program; was ${meant} meant?`;
}
