/** One way of asking whether a run is ready; all ways share one loop (`ready.ts`). */
import type { Readable } from "node:stream";

/** What a run prints, where that is read. */
export interface Streams {
  readonly stdout: Readable | null | undefined;
  readonly stderr: Readable | null | undefined;
}

/** What was seen in place of a yes, in a few words: `port 8080: connection refused`. */
export type Refusal = string;

export interface Probe {
  /** Asks once. `undefined` is a yes; a question that is still open is given up when `over` is aborted. */
  ask(over: AbortSignal): Promise<Refusal | undefined>;
  /** What is the case while the first question is still open. */
  readonly open: Refusal;
  /** What is the case while a later question is open, where that says more than the last answer. */
  meanwhile?(): Refusal | undefined;
  /** What of the time waited so far may pass until it is asked again, so that an answer is late by as much at most. */
  readonly pauseShare: number;
}

/** What stands for how a connection failed, by the code of the error. */
const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  EPIPE: "connection reset",
  EHOSTUNREACH: "host unreachable",
  ENETUNREACH: "network unreachable",
  EADDRNOTAVAIL: "no such address on this machine",
  ENOTFOUND: "no such host",
  EAI_AGAIN: "the name server does not answer",
  ETIMEDOUT: "no answer",
  EPROTO: "the answer is not TLS",
  ERR_SSL_WRONG_VERSION_NUMBER: "the answer is not TLS",
  DEPTH_ZERO_SELF_SIGNED_CERT: "self-signed certificate",
  SELF_SIGNED_CERT_IN_CHAIN: "self-signed certificate",
  CERT_HAS_EXPIRED: "the certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "the certificate is for another name",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the certificate cannot be verified",
};

export function refusalOf(error: unknown): Refusal {
  // One error for each address that was tried.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const code = first instanceof Error && "code" in first ? String(first.code) : "";
  if (code.startsWith("HPE_")) return "the answer is not HTTP";
  return words[code] ?? (code === "" ? String(first) : code);
}
