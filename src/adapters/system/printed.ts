/**
 * Files that are the output of somebody for as long as his descriptor leads to them. When that ends is seen when it happens: what is
 * written from then on is somebody else's, and whoever looks only when the file changes again takes that for the last words.
 */
import type { Stats } from "node:fs";
import { identityOfFile, statOfDescriptor } from "./opened.ts";

/** A descriptor of a process. */
export interface Descriptor {
  readonly pid: number;
  readonly fd: number;
}

export interface Output {
  /** Ours, for as long as we live. */
  readonly isOwn: boolean;
  /** Where it was seen to be open last. */
  readonly at: Descriptor | undefined;
  /** At which look that was. By the clock of files, in milliseconds. */
  seenAtMs: number;
  /** When it was seen to be open no more. */
  goneAtMs: number | undefined;
}

export interface Printed {
  of(identity: string): Output | undefined;
  /** The file, and from now on it is ours. */
  addOwn(stats: Stats, now: number): void;
  /** @returns whether there is a file behind it */
  add(at: Descriptor, now: number): boolean;
  /** A look is over: what it has not found is open no more. */
  looked(now: number): void;
  /** Something was open that was not ours. */
  hasOthers(): boolean;
  close(): void;
}

/** How long what is gone is remembered, and how often it is asked what is, in milliseconds. */
const afterwardsMs = 2_000;
const againMs = 50;

export const isStillOpen = ({ at }: Output, identity: string): boolean => {
  const stats = at === undefined ? undefined : statOfDescriptor(at.pid, at.fd);
  return stats !== undefined && identityOfFile(stats) === identity;
};

/** @param look finds who has one open that its writer has closed */
export function createPrinted(look: (now: number) => void): Printed {
  const outputs = new Map<string, Output>();
  let timer: NodeJS.Timeout | undefined;

  const others = (): [string, Output][] =>
    [...outputs].filter(([, { isOwn, goneAtMs }]) => !isOwn && goneAtMs === undefined);

  const follow = (): void => {
    timer = undefined;
    if (others().some(([identity, output]) => !isStillOpen(output, identity))) look(Date.now());
    again();
  };

  const again = (): void => {
    if (timer === undefined && others().length > 0) timer = setTimeout(follow, againMs).unref();
  };

  return {
    of: (identity) => outputs.get(identity),
    addOwn(stats, now) {
      outputs.set(identityOfFile(stats), { isOwn: true, at: undefined, seenAtMs: now, goneAtMs: undefined });
    },
    add(at, now) {
      const stats = statOfDescriptor(at.pid, at.fd);
      if (stats === undefined) return false;
      const identity = identityOfFile(stats);
      const isOwn = outputs.get(identity)?.isOwn === true;
      outputs.set(identity, { isOwn, at, seenAtMs: now, goneAtMs: undefined });
      again();
      return true;
    },
    looked(now) {
      for (const [identity, output] of outputs) {
        if (output.isOwn || output.seenAtMs === now) continue;
        output.goneAtMs ??= now;
        if (Math.abs(now - output.goneAtMs) > afterwardsMs) outputs.delete(identity);
      }
    },
    hasOthers: () => [...outputs.values()].some(({ isOwn }) => !isOwn),
    close: () => clearTimeout(timer),
  };
}
