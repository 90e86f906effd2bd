/**
 * Listening sockets that outlive the runs: opened once, handed to each run from descriptor 3 on (systemd's protocol,
 * sd_listen_fds(3)), so that connections wait in the kernel while there is no run. Node itself accepts on whatever it
 * listens on, so a socket is bound here with what Node's own cluster uses, and told to listen by a helper that ends at once.
 */
import { spawn } from "node:child_process";
import { existsSync, lstatSync, unlinkSync } from "node:fs";
import net from "node:net";
import { basename, dirname } from "node:path";
import { getSystemErrorName } from "node:util";
import { systemCode } from "../../core/errors.ts";

export type SocketAddress =
  | { readonly is: "port"; readonly host: string; readonly port: number }
  /** Absolute. */
  | { readonly is: "path"; readonly path: string };

/** It stays ours: a child gets a copy. */
export interface OpenSocket {
  readonly descriptor: number;
  /** For `LISTEN_FDNAMES`. */
  readonly name: string;
  close(): void;
}

export type SocketsOpened =
  /** In the order in which they were asked for. */
  | { readonly ok: true; readonly sockets: readonly OpenSocket[] }
  /** `at`: which of the addresses cannot be had; `code`: `EADDRINUSE`, `EACCES` … */
  | { readonly ok: false; readonly at: number; readonly code: string; readonly message: string };

/** What is used of a handle that Node has no public type for. */
interface Handle {
  readonly fd: number;
  getsockname?(out: object): number;
  close(): void;
}

const isHandle = (value: unknown): value is Handle =>
  typeof value === "object" && value !== null && "fd" in value && "close" in value && typeof value.close === "function";

/** As many connections may wait as the system allows. */
const backlog = 4_096;

const helper = `const net = require("node:net");
let left = Number(process.argv[1]);
for (let fd = 3; fd < 3 + Number(process.argv[1]); fd += 1)
  new net.Server().on("error", (error) => { console.error(error.code); process.exit(1); }).listen({ fd, backlog: ${backlog} }, () => { if (--left === 0) process.exit(0); });`;

export async function openSockets(addresses: readonly SocketAddress[]): Promise<SocketsOpened> {
  const handles: Handle[] = [];
  const close = (): void => {
    for (const handle of handles) handle.close();
  };
  for (const [at, address] of addresses.entries()) {
    const bound = await bind(address);
    if (typeof bound === "string") {
      close();
      return { ok: false, at, code: bound, message: `${shown(address)}: ${whyNot(bound, address)}` };
    }
    handles.push(bound);
  }
  const descriptors = handles.map(({ fd }) => fd);
  const code = await listen(descriptors);
  if (code !== undefined) {
    close();
    return { ok: false, at: 0, code, message: `${addresses.map(shown).join(", ")}: ${whyNot(code)}` };
  }
  const sockets = handles.map((handle, at): OpenSocket => {
    const address = addresses[at];
    return { descriptor: handle.fd, name: address === undefined ? "" : nameOf(address), close: () => handle.close() };
  });
  return { ok: true, sockets };
}

async function bind(address: SocketAddress): Promise<Handle | string> {
  if (address.is === "path") {
    // libuv says EACCES of it.
    if (!existsSync(dirname(address.path))) return "ENOENT";
    // And of this it says nothing: it cuts the name off.
    if (Buffer.byteLength(address.path) > longestPathBytes) return "ENAMETOOLONG";
  }
  const first = bindOnce(address);
  if (first !== "EADDRINUSE" || address.is !== "path" || !(await isStale(address.path))) return first;
  try {
    unlinkSync(address.path);
  } catch (error) {
    return systemCode(error) ?? first;
  }
  return bindOnce(address);
}

/** Of the name of a socket, by unix(7) and its like on macOS. */
const longestPathBytes = process.platform === "linux" ? 107 : 103;

function bindOnce(address: SocketAddress): Handle | string {
  const create: unknown = Reflect.get(net, "_createServerHandle");
  if (typeof create !== "function") return "ENOTSUP";
  const handle: unknown =
    address.is === "path"
      ? create(address.path, -1, -1)
      : create(address.host, address.port, net.isIPv6(address.host) ? 6 : 4);
  if (typeof handle === "number") return getSystemErrorName(handle);
  if (!isHandle(handle)) return "ENOTSUP";
  // libuv keeps "in use" back until somebody listens; whoever asks for the name is told.
  const code = address.is === "path" ? 0 : (handle.getsockname?.({}) ?? 0);
  if (code === 0) return handle;
  handle.close();
  return getSystemErrorName(code);
}

function isSocket(path: string): boolean {
  try {
    return lstatSync(path).isSocket();
  } catch {
    return false;
  }
}

/** A socket that nobody answers at was left behind. */
function isStale(path: string): Promise<boolean> {
  if (!isSocket(path)) return Promise.resolve(false);
  return new Promise((resolve) => {
    const socket = net.connect({ path });
    socket
      .once("connect", () => {
        socket.destroy();
        resolve(false);
      })
      .once("error", (error) => resolve("code" in error && error.code === "ECONNREFUSED"));
  });
}

/** Resolves with the code of what went wrong. */
function listen(descriptors: readonly number[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const { NODE_OPTIONS: _, ...env } = process.env;
    const child = spawn(process.execPath, ["-e", helper, String(descriptors.length)], {
      stdio: ["ignore", "ignore", "pipe", ...descriptors],
      env,
    });
    let text = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    child.once("error", (error) => resolve("code" in error ? String(error.code) : "ECHILD"));
    child.once("close", (code) => resolve(code === 0 ? undefined : (/\bE[A-Z]{3,}\b/.exec(text)?.[0] ?? "ECHILD")));
  });
}

const shown = (address: SocketAddress): string =>
  address.is === "path"
    ? address.path
    : net.isIPv6(address.host)
      ? `[${address.host}]:${address.port}`
      : `${address.host}:${address.port}`;

/** Names in `LISTEN_FDNAMES` are separated by colons. */
const nameOf = (address: SocketAddress): string =>
  address.is === "path" ? basename(address.path).replaceAll(":", "_") : String(address.port);

function whyNot(code: string, address?: SocketAddress): string {
  const path = address?.is === "path" ? address.path : undefined;
  switch (code) {
    case "EADDRINUSE":
      return path === undefined || isSocket(path) ? "somebody else listens there" : "something else lies there";
    case "EACCES":
      return path === undefined ? "not allowed (ports below 1024 are for root)" : "permission denied";
    case "ENAMETOOLONG":
      return `the path of a socket has ${longestPathBytes} bytes at most`;
    case "EADDRNOTAVAIL":
      return "this machine does not have that address";
    case "ENOENT":
      return "the directory does not exist";
    case "ENOTSUP":
      return "this system hands no sockets on";
    default:
      return code;
  }
}
