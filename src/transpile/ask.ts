/** What is asked of the compiler that stays, and how: by the program that each build starts, and by `reload` itself, which saves that start. */
import { statSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { join, relative, resolve } from "node:path";
import { cacheOf } from "./cache.ts";
import type { Answer, CompilerCall } from "./call.ts";

export interface CompilerQuestion {
  readonly call: CompilerCall;
  readonly surroundings: string;
}

/** Where it is asked: in the directory of its project, with the variables of its builds. */
export interface CompilerPlace {
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
}

/** What is left of a build lives on; the compiler is marked as what ends with the session, and is found by that at its end. */
export const markOf = (env: NodeJS.ProcessEnv): string =>
  (env["RELOAD_SESSION"] ?? "").replace(/-(?:build|rule|hook|check)[^:]*$/, "-runcompiler.");

/** As a path that the system takes: those of sockets are short. */
export function addressIn(directory: string): string {
  const path = join(directory, cacheOf(directory), "compiler.sock");
  const way = relative(process.cwd(), path);
  return way.length < path.length ? way : path;
}

/** All that a compiler could look at beside the sources: it is only as good as this. */
export function surroundingsOf({ directory, env }: CompilerPlace): string {
  const variables = Object.entries({ ...env, RELOAD_SESSION: markOf(env) }).filter(
    ([name, value]) => value !== undefined && !/^(?:RELOAD_(?!SESSION$).*|_|SHLVL|PWD|OLDPWD)$/.test(name),
  );
  const versions = ["typescript", "tsup"].map((name) =>
    changedMs(resolve(directory, "node_modules", name, "package.json")),
  );
  return JSON.stringify([resolve(directory), variables.sort(), versions]);
}

function changedMs(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

export interface CompilerAsking {
  /** `undefined`: nobody is there, or what is there is not up to date, cannot do this, or has ended. */
  readonly answer: Promise<Answer | undefined>;
  giveUp(): void;
}

export function ask(place: CompilerPlace, call: CompilerCall): CompilerAsking {
  const socket: Socket = createConnection(addressIn(place.directory));
  let text = "";
  socket.setEncoding("utf8");
  socket.on("connect", () => {
    const question: CompilerQuestion = { call, surroundings: surroundingsOf(place) };
    socket.write(`${JSON.stringify(question)}\n`);
  });
  socket.on("data", (chunk: string) => {
    text += chunk;
  });
  const answer = new Promise<Answer | undefined>((done) => {
    socket.on("error", () => done(undefined));
    socket.on("close", () => done(readAnswer(text)));
  });
  return { answer, giveUp: () => socket.destroy() };
}

export function readAnswer(text: string): Answer | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
