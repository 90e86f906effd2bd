/** Which ports are ours to choose: one for each checkout to be opened in the browser, and one for each run. */
import { readFileSync } from "node:fs";
import { isFree } from "../../adapters/port.ts";

const first = 3_001;
const last = 3_999;
/** Of other programs that are often there: squid, MySQL, LDAP over a catalogue, RDP, and one that browsers block. */
const others: readonly number[] = [3128, 3306, 3389, 3659, 3690];

/** All that may be listened on, in the order in which this checkout tries them: the same each time. */
export function portsOfCheckout(identity: string): number[] {
  const ports = Array.from({ length: last - first + 1 }, (_, at) => first + at).filter(
    (port) => !others.includes(port),
  );
  const start = hashOf(identity) % ports.length;
  return [...ports.slice(start), ...ports.slice(0, start)];
}

/** FNV-1a: short, and the same on every machine. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/** Where the system takes the ports of connections from: one of those could be gone between the choice and the start. */
function ephemeral(): readonly [number, number] {
  try {
    const [low = 32_768, high = 60_999] = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8")
      .trim()
      .split(/\s+/)
      .map(Number);
    return [low, high];
  } catch {
    return [32_768, 65_535];
  }
}

const remembered = 64;
const lowest = 10_000;

/** A free port for each run, none of the last ones: what still speaks to an old run is not to meet the new one. */
export function createRunPorts() {
  const recent: number[] = [];
  return async (): Promise<number> => {
    const [low, high] = ephemeral();
    const room = Array.from({ length: 65_536 - lowest }, (_, at) => lowest + at).filter(
      (port) => (port < low || port > high) && !recent.includes(port),
    );
    const start = Math.floor(Math.random() * room.length);
    for (const port of [...room.slice(start), ...room.slice(0, start)]) {
      if (!(await isFree(port))) continue;
      recent.push(port);
      if (recent.length > remembered) recent.shift();
      return port;
    }
    throw new Error("no port is free for the next run");
  };
}
