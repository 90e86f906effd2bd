/** Who holds a port: asked before a start, so that a server is not sent against a wall again and again. */
import { connect, createServer } from "node:net";
import { pause } from "./system/pause.ts";
import { commandOf, type ProcessName, pids } from "./system/proc.ts";
import { socketsOf, tcpSockets } from "./system/sockets.ts";

const firstPauseMs = 5;
const longestPauseMs = 300;

/** A connection within the machine is refused at once, or the answer is not known. */
const refusedWithinMs = 20;

/**
 * Resolves to `true` when nobody listens on the port, to `false` when it is over before. After `graceMs` it says who
 * holds it, and again whenever that changes. A grace is for whoever had the port before: then it is enough that
 * connections are refused, and the kernel's table, which takes milliseconds, is read only where one is not.
 */
export async function untilFree(
  port: number,
  graceMs: number,
  over: AbortSignal,
  taken: (who: string) => void,
): Promise<boolean> {
  if (graceMs > 0 && (await isRefused(port))) return !over.aborted;
  const began = performance.now();
  let told: string | undefined;
  for (let pauseMs = firstPauseMs; !over.aborted; pauseMs = Math.min(longestPauseMs, pauseMs * 1.5)) {
    if (await isFree(port)) return !over.aborted;
    if (performance.now() - began >= graceMs) {
      const holder = holderOf(port);
      const who = holder === undefined ? "another process" : `pid ${holder.pid} (${holder.command})`;
      if (who !== told) taken(who);
      told = who;
    }
    await pause(pauseMs, over);
  }
  return false;
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
export async function isFree(port: number): Promise<boolean> {
  const listeners = listenersOn(port);
  if (listeners !== undefined) return !listeners.some(({ isLocal }) => isLocal);
  return (await canBind(port, "127.0.0.1")) && (await canBind(port, "::1"));
}

function canBind(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve(!("code" in error && error.code === "EADDRINUSE")));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** The process that listens on the port; `undefined` where that cannot be told (another user's, in a container, or no `/proc`). */
export function holderOf(port: number): ProcessName | undefined {
  const inodes = new Set(listenersOn(port)?.map(({ inode }) => inode));
  if (inodes.size === 0) return undefined;
  const pid = pids().find((each) => [...socketsOf(each)].some((inode) => inodes.has(inode)));
  return pid === undefined ? undefined : { pid, command: commandOf(pid) };
}

interface Listener {
  readonly inode: string;
  /** A loopback address, or all addresses: nobody else can listen there too. */
  readonly isLocal: boolean;
}

/** As the kernel writes them: 127.0.0.0/8 and `::ffff:127.0.0.1` end in 7F, `::1` in a one, all addresses are zeros. */
const local = /^(?:0+|[0-9A-F]{6}7F|0{16}FFFF0000[0-9A-F]{6}7F|0{24}01000000)$/;

/** `undefined` where the kernel has no such table. */
function listenersOn(port: number): Listener[] | undefined {
  return tcpSockets(port)
    ?.filter(({ is }) => is === "listening")
    .map(({ inode, address }) => ({ inode, isLocal: local.test(address) }));
}
