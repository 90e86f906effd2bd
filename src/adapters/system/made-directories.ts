/** Directories for what builds write: made where they are missing, and removed only if they are still those that were made here. */
import { lstatSync, mkdirSync, rmdirSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { reasonOf, systemCode } from "../../core/errors.ts";

export interface MadeDirectories {
  /** Makes the directory and those above it that are missing. @returns why that cannot be done */
  make(path: string): string | undefined;
  /** Removes what was made, with all that is in it; those above only where they are empty. @returns what is left, and why */
  remove(): readonly string[];
}

export function createMadeDirectories(): MadeDirectories {
  /** From a directory that was asked for, or one above it, to what it was when it had been made. */
  const made = new Map<string, { readonly identity: string; readonly isAsked: boolean }>();
  return {
    make(path) {
      try {
        const missing = missingFrom(path);
        if (typeof missing === "string") return missing;
        for (const directory of missing) {
          // Not `recursive`: under /proc Node 20 tries for ever. Somebody else may have made it meanwhile: then it is theirs.
          if (!isMade(directory)) continue;
          const identity = identityOf(directory);
          if (identity !== undefined) made.set(directory, { identity, isAsked: directory === path });
        }
        return undefined;
      } catch (error) {
        return `${path} cannot be made: ${reasonOf(error)}`;
      }
    },
    remove() {
      const left: string[] = [];
      // The last made lies deepest.
      for (const [directory, { identity, isAsked }] of [...made].reverse()) {
        try {
          if (identityOf(directory) !== identity) continue;
          if (isAsked) rmSync(directory, { recursive: true, force: true });
          else rmdirSync(directory);
        } catch (error) {
          // Somebody keeps something in a directory above.
          if (isAsked || systemCode(error) !== "ENOTEMPTY")
            left.push(`${directory} cannot be removed: ${reasonOf(error)}`);
        }
      }
      made.clear();
      return left;
    },
  };
}

/** The directories that are missing, the uppermost first; or what stands in the way. */
function missingFrom(path: string): readonly string[] | string {
  const missing: string[] = [];
  for (let at = path; ; at = dirname(at)) {
    const stats = statSync(at, { throwIfNoEntry: false });
    if (stats?.isDirectory()) return missing.reverse();
    if (stats !== undefined) return `${at} is a file, not a directory`;
    if (lstatSync(at, { throwIfNoEntry: false }) !== undefined) return `${at} is a link that leads nowhere`;
    if (dirname(at) === at) return `${at} does not exist`;
    missing.push(at);
  }
}

function isMade(directory: string): boolean {
  try {
    mkdirSync(directory);
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST" && statSync(directory).isDirectory()) return false;
    throw error;
  }
}

/** A number of a file is given again as soon as it is free: only with the time of birth does it name one directory for ever. */
function identityOf(directory: string): string | undefined {
  const stats = lstatSync(directory, { throwIfNoEntry: false, bigint: true });
  return stats?.isDirectory() ? `${stats.dev} ${stats.ino} ${stats.birthtimeNs}` : undefined;
}
