/** Who holds a port: asked before a start, so that a server is not sent against a wall again and again. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";
import { commandOf, pids } from "./proc.ts";

/** Nobody listens on it at a loopback address. Binding to 127.0.0.1 meets listeners on `::`, `0.0.0.0` and itself alike. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve(!("code" in error && error.code === "EADDRINUSE")));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}

export interface Holder {
  readonly pid: number;
  readonly command: string;
}

/** The process that listens on the port; `undefined` where that cannot be told (another user's, or no `/proc`). */
export function holderOf(port: number): Holder | undefined {
  const inodes = listeners(port);
  if (inodes.size === 0) return undefined;
  for (const pid of pids()) {
    try {
      for (const fd of readdirSync(`/proc/${pid}/fd`)) {
        const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1];
        if (inode !== undefined && inodes.has(inode)) return { pid, command: commandOf(pid) };
      }
    } catch {
      // Ended meanwhile, or somebody else's.
    }
  }
  return undefined;
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

/** The inodes of the sockets that listen on a port (state 0A), from the kernel's tables. */
function listeners(port: number): Set<string> {
  const found = new Set<string>();
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    let text: string;
    try {
      text = readFileSync(table, "latin1");
    } catch {
      continue;
    }
    for (const row of text.split("\n").slice(1)) {
      const [, local = "", , state, , , , , , inode] = row.trim().split(/\s+/);
      if (
        state === "0A" &&
        Number.parseInt(local.slice(local.lastIndexOf(":") + 1), 16) === port &&
        inode !== undefined
      )
        found.add(inode);
    }
  }
  return found;
}
