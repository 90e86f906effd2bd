/** Ready when it listens on some port: the kernel knows which. */
import { membersOf } from "../process/group.ts";
import { hasProc } from "../system/proc.ts";
import { socketsOf, tcpSockets } from "../system/sockets.ts";
import type { Probe } from "./probe.ts";
import { tcpProbe } from "./tcp.ts";

/** A program may open a port for a debugger before its own, in milliseconds. */
const settleMs = 50;
/** Of Node's inspector, and of Python's debuggers. */
const debuggers: readonly number[] = [9229, 9230, 5678];

/** @param pid the leader of the group */
export function listeningProbe(pid: number | undefined, preferred: number, found: (port: number) => void): Probe {
  // Where the kernel has no table, the port that it was told is the one.
  const told = hasProc ? undefined : tcpProbe(undefined, preferred, () => false);
  let since: number | undefined;
  return {
    open: "it listens on no port",
    pauseShare: 0.1,
    async ask(over) {
      if (told !== undefined) {
        const refusal = await told.ask(over);
        if (refusal === undefined) found(preferred);
        return refusal;
      }
      const ports = pid === undefined ? [] : portsOf(pid);
      const [first] = ports;
      if (first === undefined) return "it listens on no port";
      since ??= performance.now();
      if (!ports.includes(preferred) && performance.now() - since < settleMs) return "it has just begun to listen";
      found(ports.includes(preferred) ? preferred : first);
      return undefined;
    },
  };
}

function portsOf(leader: number): number[] {
  const inodes = new Set(membersOf(leader).flatMap((pid) => [...socketsOf(pid)]));
  const ports = (tcpSockets() ?? [])
    .filter(({ is, inode, port }) => is === "listening" && inodes.has(inode) && !debuggers.includes(port))
    .map(({ port }) => port);
  return [...new Set(ports)].sort((a, b) => a - b);
}
