/** Ready when it listens on some port: the kernel knows which. */
import { membersOf } from "../process/group.ts";
import { hasProc } from "../system/proc.ts";
import { socketsOf, tcpSockets } from "../system/sockets.ts";
import type { Probe } from "./probe.ts";
import { tcpProbe } from "./tcp.ts";

/** Of Node's inspector, and of Python's debuggers. */
const debuggers: readonly number[] = [9229, 9230, 5678];

export interface Sought {
  /** The `PORT` that it was given. */
  readonly preferred: number;
  /** How long another port may be the only one until it counts, in milliseconds: a debugger's or a monitor's may be opened first. */
  readonly patienceMs: number;
  /** From then on it counts at once, in milliseconds since the first question: there is no time left to be patient. */
  readonly patientForMs: number;
  found(port: number): void;
}

/** @param pid the leader of the group; elsewhere than on Linux only the port that it was given is known */
export function listeningProbe(pid: number | undefined, { preferred, patienceMs, patientForMs, found }: Sought): Probe {
  const given = tcpProbe(undefined, preferred, () => false);
  let began: number | undefined;
  let since: number | undefined;
  return {
    open: given.open,
    pauseShare: given.pauseShare,
    async ask(over) {
      began ??= performance.now();
      const refusal = await given.ask(over);
      if (over.aborted) return refusal;
      if (refusal === undefined) {
        found(preferred);
        return undefined;
      }
      const [other] = pid === undefined || !hasProc ? [] : portsOf(pid).filter((port) => port !== preferred);
      if (other === undefined) return refusal;
      const now = performance.now();
      since ??= now;
      if (now - since < patienceMs && now - began < patientForMs)
        return `it listens on ${other}, not on PORT ${preferred}`;
      found(other);
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
