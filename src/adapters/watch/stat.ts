/** Stats as values: what is not there is `undefined`; of what cannot be asked about nothing is known, and so nothing is told. */
import { lstatSync, type Stats, statSync } from "node:fs";
import { systemCode } from "../../core/errors.ts";
import type { Directory } from "./directory.ts";

/** The disk, a mount or the rights say nothing at the moment. */
export type StatAnswer = Stats | "unknown" | undefined;

const absent = new Set(["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ELOOP", "EINVAL"]);

/** `EIO`, `EACCES`, `ESTALE`, `EMFILE` … are no proof that anything is gone. */
export function isInconclusive(error: unknown): boolean {
  const code = systemCode(error);
  return code !== undefined && !absent.has(code);
}

function seen(stat: () => Stats | undefined): StatAnswer {
  try {
    return stat();
  } catch (error) {
    return isInconclusive(error) ? "unknown" : undefined;
  }
}

const options = { throwIfNoEntry: false } as const;

/** Of the directory that the path leads to. */
export const statDirectory = ({ isLink, absolute }: Directory): StatAnswer =>
  seen(() => (isLink ? statSync(absolute, options) : lstatSync(absolute, options)));

/** Of what the path leads to. */
export const lookAtPath = (path: string): StatAnswer => seen(() => statSync(path, options));

/** The same, where it does not matter why there is nothing. */
export function statOfPath(path: string): Stats | undefined {
  const stats = lookAtPath(path);
  return stats === "unknown" ? undefined : stats;
}

/** Of the entry itself, a link included. */
export const lstat = (path: string | Buffer): StatAnswer => seen(() => lstatSync(path, options));
