/**
 * Where there is no `/proc` (macOS): who descends from a process, from one call of `ps`, made before anybody is
 * signalled, since a child whose parent has ended is nobody's. What was reparented before that escapes.
 */
import { execFile } from "node:child_process";
import type { ProcessName } from "../system/proc.ts";

export interface Family {
  /** The pids of those that can still be signalled; one of them may be somebody else's by now, if it is much later. */
  alive(): readonly number[];
  /** Kills those that are still there and still the same; resolves to them. */
  end(): Promise<readonly ProcessName[]>;
}

interface Row extends ProcessName {
  readonly parent: number;
  readonly started: string;
}

const psLimitMs = 2_000;

export async function familyOf(leader: number): Promise<Family> {
  const rows = await processes();
  const descendants: Row[] = [];
  const parents = [leader];
  for (let parent = parents.pop(); parent !== undefined; parent = parents.pop()) {
    for (const row of rows) {
      if (row.parent !== parent || descendants.includes(row)) continue;
      descendants.push(row);
      parents.push(row.pid);
    }
  }
  return {
    alive: () => descendants.map(({ pid }) => pid).filter(canBeSignalled),
    async end() {
      if (descendants.length === 0) return [];
      const now = await processes();
      const left = descendants.filter(({ pid, started }) =>
        now.some((row) => row.pid === pid && row.started === started),
      );
      for (const { pid } of left) {
        try {
          process.kill(pid, "SIGKILL");
        } catch {
          // Gone meanwhile.
        }
      }
      return left.map(({ pid, command }) => ({ pid, command }));
    },
  };
}

/** Nothing where `ps` is missing or does not answer: the group is ended all the same. */
function processes(): Promise<Row[]> {
  return new Promise((resolve) => {
    execFile(
      "ps",
      ["-axo", "pid=,ppid=,lstart=,command="],
      { timeout: psLimitMs, env: { ...process.env, LC_ALL: "C" } },
      (_, text) => {
        const rows: Row[] = [];
        for (const line of text.split("\n")) {
          // `lstart` is five words: Mon Nov 23 05:51:31 2026
          const found = /^\s*(\d+)\s+(\d+)\s+((?:\S+\s+){4}\S+)\s+(.*)$/.exec(line);
          if (found === null) continue;
          const [, pid, parent, started = "", command = ""] = found;
          // Of a zombie there is nothing left to end.
          if (!command.includes("<defunct>")) rows.push({ pid: Number(pid), parent: Number(parent), started, command });
        }
        resolve(rows);
      },
    );
  });
}

function canBeSignalled(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
