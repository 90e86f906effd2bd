/** A script into a page that streams through: nothing is held back but the first bytes, until it is known where the head begins. */
import { Transform, type TransformCallback } from "node:stream";
import { readPrologue } from "./prologue.ts";

/** A page whose head does not begin within so many bytes is left as it is. */
export const maxLookAheadBytes = 64 * 1024;

export interface Injection {
  readonly script: string;
  /** The first 64 KiB of the page, once they have gone through: for what only the page itself knows (`<meta>`). */
  seen?(start: string): void;
}

export function inject({ script, seen }: Injection): Transform {
  let waiting: Buffer | undefined = Buffer.alloc(0);
  let start: Buffer[] | undefined = [];
  let startBytes = 0;

  const remember = (chunk: Buffer): void => {
    if (start === undefined) return;
    start.push(chunk);
    startBytes += chunk.length;
    if (startBytes >= maxLookAheadBytes) tellStart();
  };
  const tellStart = (): void => {
    if (start === undefined) return;
    seen?.(Buffer.concat(start).toString("latin1"));
    start = undefined;
  };

  /** What has waited, with the script in its place, once that is known. */
  const written = (isEnd: boolean): Buffer | undefined => {
    if (waiting === undefined) return undefined;
    const all = waiting;
    const prologue = readPrologue(all.subarray(0, maxLookAheadBytes).toString("latin1"), isEnd);
    if (prologue.is === "open") return undefined;
    waiting = undefined;
    if (prologue.is === "fragment") return all;
    return Buffer.concat([all.subarray(0, prologue.at), Buffer.from(script, "latin1"), all.subarray(prologue.at)]);
  };

  return new Transform({
    transform(chunk: Buffer, _, done: TransformCallback) {
      remember(chunk);
      if (waiting === undefined) {
        done(null, chunk);
        return;
      }
      waiting = Buffer.concat([waiting, chunk]);
      done(null, written(waiting.length >= maxLookAheadBytes));
    },
    flush(done) {
      tellStart();
      done(null, written(true));
    },
  });
}
