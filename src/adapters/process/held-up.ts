/** What a tree that does not end may be waiting for, as far as the kernel knows. */
import { commandOf, ignores } from "../system/proc.ts";
import { type Socket, socketsOf, tcpSockets, unixConnections } from "../system/sockets.ts";

/** The ports that these processes listen on: a server that is asked to end closes them first. */
export const portsOf = (pids: readonly number[]): ReadonlySet<number> =>
  new Set(socketsIn(pids, "listening").map(({ port }) => port));

/** `listened` are the ports that they listened on before they were asked to end. */
export function whatHolds(pids: readonly number[], listened: ReadonlySet<number>, signal: NodeJS.Signals): string {
  const connections = socketsIn(pids, "connected");
  const inward = counted(connections.flatMap(({ port }) => (listened.has(port) ? [port] : [])));
  if (inward.length > 0) return inward.map(([port, count]) => `${open(count)} on :${port}`).join(", ");
  const unix = unixConnections();
  const local = counted(
    pids.flatMap((pid) =>
      [...socketsOf(pid)].flatMap((inode) => {
        const path = unix.get(inode);
        return path === undefined || isOfSystem.test(path) ? [] : [path];
      }),
    ),
  );
  if (local.length > 0) return local.map(([path, count]) => `${open(count)} on ${path}`).join(", ");
  const outward = counted(connections.map(({ remotePort }) => remotePort));
  if (outward.length > 0) return outward.map(([port, count]) => `${open(count)} to :${port}`).join(", ");
  const deaf = pids.find((pid) => ignores(pid, signal));
  if (deaf !== undefined) return `pid ${deaf} (${commandOf(deaf)}) ignores ${signal}`;
  return pids.map((pid) => `pid ${pid} (${commandOf(pid)})`).join(", ");
}

function socketsIn(pids: readonly number[], is: Socket["is"]): Socket[] {
  const held = new Set(pids.flatMap((pid) => [...socketsOf(pid)]));
  return (tcpSockets() ?? []).filter((socket) => socket.is === is && held.has(socket.inode));
}

const open = (count: number): string => `${count} open connection${count === 1 ? "" : "s"}`;

/** Names that are not files, and what systems and desktops offer to every program. */
const isOfSystem = /^@|^\/(?:var\/)?run\/(?:dbus|systemd|user)\//;

function counted<T>(ends: readonly T[]): [end: T, count: number][] {
  const counts = new Map<T, number>();
  for (const end of ends) counts.set(end, (counts.get(end) ?? 0) + 1);
  return [...counts].sort(([, one], [, other]) => other - one);
}
