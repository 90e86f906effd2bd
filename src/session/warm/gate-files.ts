/** The orders for the gate, and its answers: files of a private directory. */
import { execFile } from "node:child_process";
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { importKey, type OrderOfGate, orderVariable } from "../../gate/order.ts";

const shipped = (): string => fileURLToPath(new URL("./gate.js", import.meta.url));

/** A copy: programs start with it also while the package is replaced (`npm ci`). Throws where it is missing. */
export function copyGate(directory: string): string {
  const gate = join(directory, "gate.cjs");
  if (!existsSync(gate)) copyFileSync(shipped(), gate);
  return gate;
}

/** The environment in which a process of Node meets the gate. */
export function withGate(env: NodeJS.ProcessEnv, gate: string, order: OrderOfGate, file: string): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: own } = env;
  const options = [`--require "${gate.replaceAll(/["\\]/g, "\\$&")}"`];
  // A cold run has its loaders alone.
  if (order.loadedBy === "import" && order.mode !== "record") options.push(`--import ${importedGate(gate)}`);
  const ofGate = options.join(" ");
  write(file, { ...order, ofGate, ...(own === undefined ? {} : { nodeOptions: own }) });
  return { ...env, NODE_OPTIONS: own === undefined || own === "" ? ofGate : `${own} ${ofGate}`, [orderVariable]: file };
}

/** Beside the other one: it can wait for what is imported, and calls that one with it. */
function importedGate(gate: string): string {
  const file = gate.replace(/\.cjs$/, ".mjs");
  const key = JSON.stringify(Symbol.keyFor(importKey));
  if (!existsSync(file))
    writeFileSync(
      file,
      `const key = Symbol.for(${key}); const work = globalThis[key]; delete globalThis[key]; await work?.((url) => import(url));\n`,
    );
  return pathToFileURL(file).href;
}

/** Whole or not at all. */
export function write(file: string, value: unknown): void {
  writeFileSync(`${file}~`, JSON.stringify(value));
  renameSync(`${file}~`, file);
}

const everyMs = 15;

/** Resolves to what was answered; to `undefined` when it was given up, or nothing came in time. */
export async function answerIn(file: string, over: AbortSignal, longestMs: number): Promise<unknown> {
  const until = performance.now() + longestMs;
  while (!over.aborted && performance.now() < until) {
    if (existsSync(file)) return read(file);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  return undefined;
}

export function read(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** A FIFO that nobody else can open. Throws where there is no `mkfifo`. */
export const makeDoor = (path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    execFile("mkfifo", ["-m", "600", path], (error) => (error === null ? resolve() : reject(error)));
  });

/** For both ends: what is written stays until it is read, however late that is. @returns closes it */
export function openDoor(path: string): () => void {
  const door = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  writeSync(door, "\n");
  return () => closeSync(door);
}
