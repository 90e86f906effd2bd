/** The ports on which a run can be asked, as the kernel knows them, and which of them is meant. */
import { readFileSync } from "node:fs";
import { membersOf } from "../process/group.ts";
import { commandOf, hasProc, pids, statOf } from "../system/proc.ts";
import { socketsOf, tcpSockets } from "../system/sockets.ts";

/** Of debuggers (Node, Python, Go, Java), and of Vite's own WebSocket in a server: nobody opens them in a browser. */
const besides: readonly number[] = [9229, 9230, 5678, 2345, 5005, 24_678];

/** As the kernel writes them: all addresses, 127.0.0.1 (also in IPv6), `::1`. No other one is asked. */
const asked = /^(?:0+|0100007F|0{16}FFFF00000100007F|0{24}01000000)$/;

export interface RunPorts {
  /** Where a request may be meant to go, in ascending order. */
  readonly askable: readonly number[];
  /** At addresses that are never asked. */
  readonly elsewhere: readonly number[];
}

/** @param leader of the group; elsewhere than on Linux nothing is known */
export function portsOfRun(leader: number): RunPorts {
  if (!hasProc) return { askable: [], elsewhere: [] };
  const holders = new Map(membersOf(leader).flatMap((pid) => [...socketsOf(pid)].map((inode) => [inode, pid])));
  const listening = (tcpSockets() ?? []).flatMap((socket) => {
    const pid = holders.get(socket.inode);
    return socket.is === "listening" && pid !== undefined ? [{ ...socket, pid }] : [];
  });
  const askable = listening.filter(
    ({ address, port, pid }) => asked.test(address) && !besides.includes(port) && !isOfDebugger(pid, port),
  );
  const ports = inOrder(askable);
  return { askable: ports, elsewhere: inOrder(listening.filter((it) => !asked.test(it.address))) };
}

const inOrder = (sockets: readonly { readonly port: number }[]): number[] =>
  [...new Set(sockets.map(({ port }) => port))].sort((one, other) => one - other);

/** Who answers on a port in place of the run: somebody who was there before it. What another user's process or a container holds cannot be told. */
export function holderBefore(leader: number, port: number): string | undefined {
  const inodes = (tcpSockets(port) ?? []).flatMap(({ is, inode }) => (is === "listening" ? [inode] : []));
  const holds = (pid: number): boolean => {
    const own = socketsOf(pid);
    return inodes.some((inode) => own.has(inode));
  };
  const began = statOf(leader)?.startedTicks;
  if (began === undefined || inodes.length === 0 || membersOf(leader).some(holds)) return undefined;
  const holder = pids().find(holds);
  const since = holder === undefined ? undefined : statOf(holder)?.startedTicks;
  return holder === undefined || since === undefined || since >= began
    ? undefined
    : `pid ${holder} (${commandOf(holder)})`;
}

/** `--inspect=9333`, `NODE_OPTIONS=--inspect=…`, `debugpy --listen`, `dlv --listen`, `-agentlib:jdwp=…address=…`. */
function isOfDebugger(pid: number, port: number): boolean {
  const variables = read(`/proc/${pid}/environ`)
    .split("\0")
    .filter((entry) => /^(?:NODE_OPTIONS|JAVA_TOOL_OPTIONS)=/.test(entry));
  const said = [read(`/proc/${pid}/cmdline`), ...variables].join("\0");
  return new RegExp(
    `(?:--inspect(?:-brk|-wait|-port)?|(?:debugpy|dlv).*(?:-l|--listen)|jdwp.*address)[= \\0](?:[^ \\0=]*:)?${port}(?!\\d)`,
    "s",
  ).test(said);
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    // It has ended, or is somebody else's.
    return "";
  }
}

/** From here on the system gives ports to whoever names none. */
const firstOfNobody = 32_768;

export interface Chosen {
  readonly port: number;
  /** It is the only one that anybody would open; of several equal ones it is the lowest. */
  readonly isClear: boolean;
  /** The rest, in ascending order. */
  readonly others: readonly number[];
}

/** @param earlier where the run before was asked */
export function chosenOf(ports: readonly number[], earlier: number | undefined): Chosen | undefined {
  const [lowest] = ports;
  if (lowest === undefined) return undefined;
  const named = ports.filter((port) => port < firstOfNobody);
  const port = earlier !== undefined && ports.includes(earlier) ? earlier : (named[0] ?? lowest);
  const isClear = ports.length === 1 || (named.length === 1 && named[0] === port);
  return { port, isClear, others: ports.filter((each) => each !== port) };
}

/** It belongs to the program, and not to this run alone. */
export const isNamed = (port: number): boolean => port < firstOfNobody;
