/** Where a check asks: the name of this machine means both of its loopback addresses, whatever the system makes of it. */

const loopback = ["127.0.0.1", "::1"] as const;

/** @param host `undefined`: the program's own, wherever it listens. Without brackets. */
export function addressesOf(host: string | undefined): readonly string[] {
  return host === undefined || isLocalhost(host) ? loopback : [host];
}

const isLocalhost = (host: string): boolean => /^(?:.+\.)?localhost\.?$/i.test(host);

/** It leads to this machine and no other. */
export const isThisMachine = (host: string): boolean =>
  isLocalhost(host) || /^127\.\d+\.\d+\.\d+$/.test(host) || ["::1", "0.0.0.0", "::"].includes(host);

export const withoutBrackets = (host: string): string => host.replace(/^\[(.*)\]$/, "$1");
