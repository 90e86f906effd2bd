/** What `reload` and what it runs write themselves: followed from start to end of each run, and told where it has a name in the project. */
import { relative } from "node:path";
import { createAskers } from "../adapters/system/askers.ts";
import { isJournal } from "../adapters/system/databases.ts";
import type { HowWritten } from "../adapters/system/logs.ts";
import { createOutputs, type Outputs } from "../adapters/system/outputs.ts";
import { isPidFile } from "../adapters/system/pid-files.ts";
import type { Problem } from "../core/problem.ts";
import type { Turn } from "../core/turn.ts";
import { printable } from "../report/words.ts";
import type { SessionParts } from "./parts.ts";

export interface OwnWriting extends Pick<Outputs, "has" | "close"> {
  turned(turn: Turn): void;
}

export function createOwnWriting(
  { reporters, note, configuration }: Pick<SessionParts, "reporters" | "note" | "configuration">,
  leaders: () => readonly number[],
): OwnWriting {
  const outputs = createOutputs({ descriptors: reporters.descriptors, said: reporters.said }, leaders, (path, how) =>
    note({ type: "warned", problem: aboutLog(relative(configuration.root(), path), how) }),
  );
  const askers = createAskers();
  return {
    has: (stats, path, was) =>
      isPidFile(stats, path, leaders) || isJournal(path) || outputs.has(stats, path, was) || askers.has(stats, path),
    turned({ fact, orders }) {
      if (orders.some(({ type }) => type === "startRun")) outputs.began();
      if (fact.type === "runExited") outputs.ended();
    },
    close() {
      outputs.close();
      askers.close();
    },
  };
}

const aboutLog = (path: string, how: HowWritten): Problem => ({
  code: "watch/log",
  severity: "warning",
  message: `${printable(path)} ${whatItIs[how]} calls for nothing`,
  hint: `to leave it out for good: exclude_files = [${JSON.stringify(path)}] under [watch]`,
});

const whatItIs: Record<HowWritten, string> = {
  appended: "is written by what runs here: what is appended while it runs",
  rewritten: "is written by what runs here: what is written at its start",
  database: "is a database that what runs here has open: what it writes there",
};
