/** What Linux says about TCP sockets: the kernel's table, and which process holds which. Elsewhere nothing is known. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { hasProc } from "./proc.ts";

export interface Socket {
  readonly inode: string;
  /** As the kernel writes it, in hexadecimal digits. */
  readonly address: string;
  readonly port: number;
  /** 0 of one that listens. */
  readonly remotePort: number;
  readonly is: "listening" | "connected" | "other";
}

const states: Readonly<Record<string, Socket["is"]>> = { "0A": "listening", "01": "connected" };

/** All sockets, or those with this local port; `undefined` where the kernel has no such table. */
export function tcpSockets(port?: number): Socket[] | undefined {
  if (!hasProc) return undefined;
  const found: Socket[] = [];
  let isKnown = false;
  const ofPort = port === undefined ? ":" : `:${port.toString(16).toUpperCase().padStart(4, "0")} `;
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    let text: string;
    try {
      text = readFileSync(table, "latin1");
    } catch {
      // Without IPv6 there is no second one.
      continue;
    }
    isKnown = true;
    for (const row of text.split("\n").slice(1)) {
      // Some machines have thousands of connections.
      if (!row.includes(ofPort)) continue;
      const [, local = "", remote = "", state = "", , , , , , inode] = row.trim().split(/\s+/);
      const socket = { port: portOf(local), remotePort: portOf(remote) };
      if (inode === undefined || (port !== undefined && socket.port !== port)) continue;
      found.push({ inode, address: local.slice(0, -5), ...socket, is: states[state] ?? "other" });
    }
  }
  return isKnown ? found : undefined;
}

/** By inode, the paths of Unix sockets that somebody is connected to; of a server these are the ones that it has accepted. */
export function unixConnections(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  try {
    for (const row of readFileSync("/proc/net/unix", "latin1").split("\n").slice(1)) {
      const [, inode, path] = /^\S+ \S+ \S+ \S+ \S+ 03\s+(\d+) (\S.*)$/.exec(row) ?? [];
      if (inode !== undefined && path !== undefined) found.set(inode, path);
    }
  } catch {
    // There is no such table.
  }
  return found;
}

const portOf = (address: string): number => Number.parseInt(address.slice(-4), 16);

/** The inodes of the sockets that a process holds; none of one that has ended, or is somebody else's. */
export function socketsOf(pid: number): Set<string> {
  const inodes = new Set<string>();
  let descriptors: string[];
  try {
    descriptors = readdirSync(`/proc/${pid}/fd`);
  } catch {
    return inodes;
  }
  for (const descriptor of descriptors) {
    const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${descriptor}`))?.[1];
    if (inode !== undefined) inodes.add(inode);
  }
  return inodes;
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
