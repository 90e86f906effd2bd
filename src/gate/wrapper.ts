/** In npm, pnpm and yarn in front of a program that is held: the lines that they print are those of the run, and wait for it. */
import { appendFileSync, existsSync, readFileSync, writeSync } from "node:fs";
import { basename } from "node:path";
import type { GateOrder } from "./order.ts";

const wrappers = /^(?:npm|npx|pnpm|pnpx|yarn)(?:-cli)?(?:-[\d.]+)?\.[cm]?js$/;

/** @param program the file that this process runs */
export function keepWhatIsSaid(program: string, order: GateOrder): void {
  if (!wrappers.test(basename(program))) return;
  for (const [stream, descriptor] of [
    [process.stdout, 1],
    [process.stderr, 2],
  ] as const) {
    const { write } = stream;
    Reflect.set(stream, "write", (chunk: string | Uint8Array, ...more: unknown[]): unknown => {
      if (existsSync(order.letIn)) {
        Reflect.deleteProperty(stream, "write");
        return Reflect.apply(write, stream, [chunk, ...more]);
      }
      appendFileSync(saidIn(order), `${descriptor}${Buffer.from(chunk).toString("base64")}\n`);
      const done = more.find((each) => typeof each === "function");
      if (done !== undefined) queueMicrotask(() => Reflect.apply(done, undefined, []));
      return true;
    });
  }
}

export function sayWhatWrappersSaid(order: GateOrder): void {
  if (!existsSync(saidIn(order))) return;
  for (const line of readFileSync(saidIn(order), "utf8").split("\n"))
    if (line !== "") writeSync(Number(line[0]), Buffer.from(line.slice(1), "base64"));
}

const saidIn = ({ answer }: GateOrder): string => `${answer}-said`;
