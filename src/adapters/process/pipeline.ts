/**
 * Who reads what others of the same tree write (`app | pino-pretty`, `app 2>&1 | tee log`): a reader that gets the stop
 * signal together with its writer is gone before the last lines are. It ends by the end of its input instead.
 */
import { readlinkSync } from "node:fs";
import { statOf } from "../system/proc.ts";
import { socketsOf, tcpSockets } from "../system/sockets.ts";

interface Ends {
  readonly pid: number;
  readonly parent: number;
  readonly reads: string | undefined;
  readonly writes: readonly string[];
}

/**
 * The readers among these processes, with what they started (Linux; elsewhere none is known). Counted from those that
 * read from none of the others: in a circle of pipes, as with a coprocess, everybody gets the signal. So does a server,
 * whatever it reads: `yes | server` is not a pipeline to wait for.
 */
export function readersAmong(pids: readonly number[]): ReadonlySet<number> {
  if (pids.length < 2) return new Set();
  const all = pids.map(endsOf);
  const written = new Set(all.flatMap(({ writes }) => writes));
  const candidates = new Set(
    all.filter(({ reads }) => reads !== undefined && written.has(reads)).map(({ pid }) => pid),
  );
  if (candidates.size === 0) return candidates;
  // What a reader started belongs to it: `app | npx pino-pretty`, `app | while read line; do …; done`.
  const belongs = ({ pid, parent }: Ends): boolean => candidates.has(pid) || candidates.has(parent);
  for (let count = -1; count !== candidates.size; ) {
    count = candidates.size;
    for (const one of all) if (belongs(one)) candidates.add(one.pid);
  }
  const reached = new Set<number>();
  let open = all.filter(({ pid }) => !candidates.has(pid)).flatMap(({ writes }) => writes);
  while (open.length > 0) {
    const next = all.filter(({ pid, reads }) => !reached.has(pid) && reads !== undefined && open.includes(reads));
    for (const { pid } of next) reached.add(pid);
    open = next.flatMap(({ writes }) => writes);
  }
  const listening = new Set(tcpSockets()?.flatMap(({ is, inode }) => (is === "listening" ? [inode] : [])));
  const isServer = (pid: number): boolean => [...socketsOf(pid)].some((inode) => listening.has(inode));
  return new Set([...candidates].filter((pid) => (reached.has(pid) || isBelow(pid, reached, all)) && !isServer(pid)));
}

function isBelow(pid: number, readers: ReadonlySet<number>, all: readonly Ends[]): boolean {
  const parent = all.find((one) => one.pid === pid)?.parent;
  return parent !== undefined && (readers.has(parent) || isBelow(parent, readers, all));
}

function endsOf(pid: number): Ends {
  const [reads, ...writes] = [0, 1, 2].map((descriptor) => pipeAt(pid, descriptor));
  return {
    pid,
    parent: statOf(pid)?.parent ?? 0,
    reads,
    writes: writes.filter((pipe): pipe is string => pipe !== undefined),
  };
}

function pipeAt(pid: number, descriptor: number): string | undefined {
  try {
    const target = readlinkSync(`/proc/${pid}/fd/${descriptor}`);
    return target.startsWith("pipe:") ? target : undefined;
  } catch {
    // Closed, or ended meanwhile, or somebody else's.
    return undefined;
  }
}
