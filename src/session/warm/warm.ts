/** Standbys of the programs that are kept warm: one for each service, each with a machine of its own. */
import { rmSync } from "node:fs";
import type { Guardian } from "../../adapters/process/guardian.ts";
import { makeWarmDirectory } from "../../adapters/warm/directory.ts";
import type { Command } from "../../core/command.ts";
import { type House, runsOf } from "../../core/house.ts";
import type { Service } from "../../core/types.ts";
import { isUnderWay } from "../../core/work.ts";
import type { Note } from "../../report/moment.ts";
import type { RunOrder } from "../run.ts";
import { createKeeper, type Keeper } from "./keeper.ts";

export interface WarmParts {
  /** Every process that is started carries it. */
  readonly session: string;
  readonly guardian: Guardian;
  note(note: Note): void;
  /** What was let in is not what a cold start would be: once more, and cold. */
  restart(service: Service): void;
}

export interface Warm {
  /** @returns the run as it is to be started: from its standby, or cold and able to say what it loads */
  begin(cold: RunOrder, about: { readonly command: Command; readonly swap: "stop-first" | "start-first" }): RunOrder;
  /** After each turn of the machine: a standby is made when nothing else is going on. */
  turned(house: House): void;
  /** Resolves when nothing is left of what was started here. */
  close(): Promise<void>;
}

export function createWarm(parts: WarmParts): Warm {
  const keepers = new Map<Service, Keeper>();
  const stopping = new Set<Service>();
  let directory: string | undefined;
  const place = (): string => {
    directory ??= makeWarmDirectory();
    return directory;
  };
  const keeperOf = (service: Service): Keeper => {
    const known = keepers.get(service);
    if (known !== undefined) return known;
    const keeper = createKeeper({ ...parts, directory: place });
    keepers.set(service, keeper);
    return keeper;
  };
  return {
    begin(cold, about) {
      try {
        return keeperOf(cold.job.service).begin(cold, about);
      } catch {
        // Nothing that goes wrong here keeps a program from its start.
        return cold;
      }
    },
    turned(house) {
      if (house.life.is !== "living" || keepers.size === 0) return;
      for (const [service, keeper] of keepers) {
        const { current } = runsOf(house, service);
        const isStopping = current.is === "stopping";
        if (isStopping && !stopping.has(service)) keeper.due();
        if (isStopping) stopping.add(service);
        else stopping.delete(service);
      }
      if (house.isPaused) return;
      if ([...house.works.values()].some(isUnderWay)) return;
      for (const [service, keeper] of keepers) {
        const { current } = runsOf(house, service);
        if (current.is === "ready") keeper.idle(current.run);
      }
    },
    async close() {
      await Promise.all([...keepers.values()].map((keeper) => keeper.close()));
      if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
}
