/** Connections to the runs: one set for each run, so that none outlives its run, and an address that has proved right is kept. */
import { Agent, type ClientRequest, type RequestOptions, request } from "node:http";
import type { Upstream } from "./served.ts";

/** A program may say more at once than it would listen to: cookies and policies. */
const maxAnswerHeadBytes = 256 * 1024;

const loopback = ["127.0.0.1", "::1"] as const;

interface Line {
  readonly agent: Agent;
  /** Which of the loopback addresses the run listens on, once it has answered on one. */
  host: string | undefined;
}

export function createLines() {
  const lines = new Map<string, Line>();
  const keyOf = ({ run, port }: Upstream): string => `${run} ${port}`;

  /** Whoever was asked last is asked next, as a rule. */
  let last: { readonly upstream: Upstream; readonly line: Line } | undefined;

  const lineOf = (upstream: Upstream): Line => {
    if (last?.upstream !== upstream) last = { upstream, line: foundOrMade(upstream) };
    return last.line;
  };
  const foundOrMade = (upstream: Upstream): Line => {
    const key = keyOf(upstream);
    const known = lines.get(key);
    if (known !== undefined) return known;
    const line: Line = { agent: new Agent({ keepAlive: true, maxFreeSockets: 64 }), host: upstream.host };
    lines.set(key, line);
    return line;
  };

  return {
    /** The addresses to try, one after the other. A name is never looked up, so no other machine is ever asked. */
    hostsOf(upstream: Upstream): readonly string[] {
      const { host } = lineOf(upstream);
      return host === undefined ? loopback : [host];
    },
    answered(upstream: Upstream, host: string): void {
      lineOf(upstream).host = host;
    },
    /** `isRepeatable`: a connection that was open already may be used; it may turn out to be closed by the other side. */
    open(upstream: Upstream, host: string, options: RequestOptions, isRepeatable: boolean): ClientRequest {
      const outgoing = request({
        ...options,
        host,
        port: upstream.port,
        setHost: false,
        maxHeaderSize: maxAnswerHeadBytes,
        agent: isRepeatable ? lineOf(upstream).agent : false,
      });
      outgoing.maxHeadersCount = 0;
      return outgoing;
    },
    /** It is told to stop: connections that nobody uses are nothing to wait for. */
    rest(run: number): void {
      for (const [key, { agent }] of lines) {
        if (!key.startsWith(`${run} `)) continue;
        agent.maxFreeSockets = 0;
        for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
      }
    },
    forget(run: number): void {
      for (const [key, { agent }] of lines) {
        if (!key.startsWith(`${run} `)) continue;
        agent.destroy();
        lines.delete(key);
        last = undefined;
      }
    },
    close(): void {
      for (const { agent } of lines.values()) agent.destroy();
      lines.clear();
      last = undefined;
    },
  };
}

export type Lines = ReturnType<typeof createLines>;
