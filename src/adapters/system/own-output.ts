/**
 * Where our output is a pipe, we write to it through a descriptor that is ours alone. What runs shares the one that we were given, and
 * switches it to waiting: with a reader that does not read (`| (sleep 1000)`), a line of ours would then hold up signals, restarts and
 * the end. What does not fit is kept, up to a limit, and what is lost beyond that is said.
 */
import { constants, fstatSync, openSync } from "node:fs";
import type { Socket } from "node:net";

/** What nobody has read yet, in bytes. */
const maxUnread = 4 * 1024 * 1024;

/** To be called before anything is written. */
export function ownOutput(): void {
  if (process.platform !== "linux") return;
  for (const [descriptor, name] of [
    [1, "stdout"],
    [2, "stderr"],
  ] as const) {
    const own = reopened(descriptor);
    if (own !== undefined) Object.defineProperty(process, name, { value: own, configurable: true, enumerable: true });
  }
}

function reopened(descriptor: number): Socket | undefined {
  try {
    if (!fstatSync(descriptor).isFIFO()) return undefined;
    // Also where it is somebody else's pipe (EACCES), or has no reader any more (ENXIO): then it stays as we were given it.
    return ownPipe(openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK));
  } catch {
    return undefined;
  }
}

function ownPipe(fd: number): Socket {
  // What writes into a pipe is loaded for that alone.
  const { Socket } = process.getBuiltinModule("node:net");
  const pipe = new Socket({ fd, readable: false, writable: true });
  const write = pipe.write.bind(pipe) as (...all: unknown[]) => boolean;
  let lost = 0;
  pipe.on("drain", () => {
    if (lost === 0) return;
    const bytes = lost;
    lost = 0;
    // Never among the objects of `--json`.
    process.stderr.write(`warning: ${bytes} bytes of our output are lost: nobody read for too long\n`);
  });
  pipe.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    if (pipe.writableLength <= maxUnread || chunk.length === 0) return write(chunk, ...rest);
    lost += Buffer.byteLength(chunk);
    const done = rest.at(-1);
    if (typeof done === "function") process.nextTick(() => done());
    return false;
  };
  return pipe;
}
