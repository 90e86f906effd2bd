/** Who holds a port: asked before a start, so that a server is not sent against a wall again and again. */
import { connect, createServer } from "node:net";
import { pause } from "./system/pause.ts";
import { commandOf, type ProcessName, pids } from "./system/proc.ts";
import { socketsOf, tcpSockets } from "./system/sockets.ts";

const firstPauseMs = 5;
const longestPauseMs = 300;

/** A connection within the machine is refused at once, or the answer is not known. */
const refusedWithinMs = 20;

/** A port that a run is expected to listen on. */
export interface Guarded {
  readonly number: number;
  /** How long whoever had it before may take to let it go, without a word. */
  readonly graceMs: number;
  /** Where a check asks for it; the first is where the program is in the way of others. */
  readonly addresses: readonly string[];
  /** It is certain that the program itself is to listen there, and not a proxy in front of it. */
  readonly isOwn: boolean;
}

/** Who listens on the port although it is not in the way, or may not be. */
export interface Others {
  readonly who: string;
  /** It has the very address that is asked. */
  readonly isInFront: boolean;
  /** An answer from there says nothing about the program. */
  isForeign(address: string): boolean;
}

/**
 * Resolves when a program may be started that listens on the port, with whoever else listens on it; to `false` when it
 * is over before. After the grace it says who is in the way, and again whenever that changes. A grace is for whoever had
 * the port before: then it is enough that connections are refused, and the kernel's table, which takes milliseconds, is
 * read only where one is not.
 */
export async function untilFree(
  { number: port, graceMs, addresses, isOwn }: Guarded,
  over: AbortSignal,
  taken: (who: string) => void,
): Promise<Others | undefined | false> {
  if (graceMs > 0 && (await isRefused(port))) return over.aborted ? false : undefined;
  const began = performance.now();
  let told: string | undefined;
  for (let pauseMs = firstPauseMs; !over.aborted; pauseMs = Math.min(longestPauseMs, pauseMs * 1.5)) {
    const listeners = await localListeners(port);
    const isInFront = listeners.some((listener) => covers(listener, addresses[0] ?? ""));
    if (!isInFront || !isOwn) {
      if (over.aborted) return false;
      return listeners.length === 0 ? undefined : othersOf(port, listeners, isInFront);
    }
    if (performance.now() - began >= graceMs) {
      const who = nameOf(holderOfPort(port));
      if (who !== told) taken(who);
      told = who;
    }
    await pause(pauseMs, over);
  }
  return false;
}

const nameOf = (holder: ProcessName | undefined): string =>
  holder === undefined ? "another process" : `pid ${holder.pid} (${holder.command})`;

function othersOf(port: number, listeners: readonly Listener[], isInFront: boolean): Others {
  const before = new Set(listeners.map(({ inode }) => inode));
  return {
    who: nameOf(holderOfPort(port)),
    isInFront,
    // Asked each time: the program may get the address after all, once they have gone.
    isForeign: (address) =>
      !isInFront &&
      (listenersOn(port) ?? listeners).some((listener) => before.has(listener.inode) && covers(listener, address)),
  };
}

/** Whoever listens there takes what is sent to the address, and nobody else can listen at it. */
function covers({ address: at }: Listener, address: string): boolean {
  return at === address || at === "::" || (at === "0.0.0.0" && !address.includes(":"));
}

async function localListeners(port: number): Promise<Listener[]> {
  const listeners = listenersOn(port);
  if (listeners !== undefined) return listeners.filter(({ isLocal }) => isLocal);
  const taken: Listener[] = [];
  for (const address of ["127.0.0.1", "::1"]) {
    if (!(await canBind(port, address))) taken.push({ inode: address, address, isLocal: true });
  }
  return taken;
}

/** Whoever listens at `127.0.0.1`, at `::1` or at all addresses takes connections; nothing is sent, and mostly none is made. */
async function isRefused(port: number): Promise<boolean> {
  const refused = await Promise.all(["127.0.0.1", "::1"].map((host) => refuses(host, port)));
  return refused.every(Boolean);
}

function refuses(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (is: boolean): void => {
      socket.destroy();
      resolve(is);
    };
    // Where the machine has no IPv6, nobody listens there either.
    const none = ["ECONNREFUSED", "EADDRNOTAVAIL", "EAFNOSUPPORT"];
    socket
      .once("connect", () => end(false))
      .once("error", (error) => end("code" in error && none.includes(String(error.code))))
      .setTimeout(refusedWithinMs, () => end(false));
  });
}

/**
 * Nobody listens on it at a loopback address or at all of them. The kernel's table says so without a trace; where there
 * is none, binding does: to 127.0.0.1 meets listeners on `::`, `0.0.0.0` and itself alike, and then the same for `::1`.
 */
export const isFree = async (port: number): Promise<boolean> => (await localListeners(port)).length === 0;

function canBind(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve(!("code" in error && error.code === "EADDRINUSE")));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** The process that listens on the port; `undefined` where that cannot be told (another user's, in a container, or no `/proc`). */
export function holderOfPort(port: number): ProcessName | undefined {
  const inodes = new Set(listenersOn(port)?.map(({ inode }) => inode));
  if (inodes.size === 0) return undefined;
  const pid = pids().find((each) => [...socketsOf(each)].some((inode) => inodes.has(inode)));
  return pid === undefined ? undefined : { pid, command: commandOf(pid) };
}

interface Listener {
  readonly inode: string;
  /** `127.0.0.1`, also where that stands in IPv6; `::1`, `0.0.0.0`, `::`; of any other IPv6 address what the kernel wrote. */
  readonly address: string;
  /** A loopback address, or all addresses: nobody else can listen there too. */
  readonly isLocal: boolean;
}

/** As the kernel writes them: 127.0.0.0/8 and `::ffff:127.0.0.1` end in 7F, `::1` in a one, all addresses are zeros. */
const local = /^(?:0+|[0-9A-F]{6}7F|0{16}FFFF0000[0-9A-F]{6}7F|0{24}01000000)$/;

function readable(hex: string): string {
  const mapped = /^(?:0{16}FFFF0000)?([0-9A-F]{8})$/.exec(hex)?.[1];
  // The bytes of each word stand the other way round.
  if (mapped !== undefined)
    return (mapped.match(/../g) ?? [])
      .reverse()
      .map((byte) => Number.parseInt(byte, 16))
      .join(".");
  if (/^0{32}$/.test(hex)) return "::";
  return hex === "00000000000000000000000001000000" ? "::1" : hex;
}

/** `undefined` where the kernel has no such table. */
function listenersOn(port: number): Listener[] | undefined {
  return tcpSockets(port)
    ?.filter(({ is }) => is === "listening")
    .map(({ inode, address }) => ({ inode, address: readable(address), isLocal: local.test(address) }));
}
