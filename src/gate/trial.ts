/**
 * Packages are loaded on trial, by a process that ends then: which of them read what differs from run to run, and which
 * leave something that the program itself would have to make. What a package does is held against everything that was
 * loading at that moment: whoever loads it would do it as well.
 */
import { readFileSync } from "node:fs";
import { evaluated } from "./evaluated.ts";
import { watchGlobals } from "./globals.ts";
import { type ImportFile, importer, importLoaders, loader, loadLoaders } from "./load.ts";
import { watchLoads } from "./loads.ts";
import type { GateOrder, PackageFile, Trial } from "./order.ts";
import { packageOf } from "./packages.ts";
import { loaded, ownLoaded, required, writeRecord } from "./record.ts";
import { watchSettings } from "./settings.ts";
import { differences, look } from "./surroundings.ts";
import { watchEnvironment, watchGateFiles, watchTraces } from "./watches.ts";
import { hasWord } from "./words.ts";

/** Before anybody watches it. */
const textOf = readFileSync;

export function tryAll(require: NodeJS.Require, order: GateOrder): void {
  const watch = watched(require, order);
  const load = loader(require, `${order.answer}-import`);
  loadLoaders(order);
  for (const entry of order.entries) {
    const loaded = watch.begin(entry);
    try {
      load(entry);
    } catch (error) {
      watch.failed(error);
    }
    loaded();
  }
  watch.answer();
}

/** Behind what the command imports in front of the program. @returns called when something can be imported */
export function tryByImport(require: NodeJS.Require, order: GateOrder): (load: ImportFile) => Promise<void> {
  const watch = watched(require, order);
  return async (load) => {
    const loadOne = importer(require, load);
    await importLoaders(load);
    for (const entry of order.entries) {
      const loaded = watch.begin(entry);
      try {
        await loadOne(entry);
      } catch (error) {
        watch.failed(error);
      }
      loaded();
    }
    watch.answer();
  };
}

interface WatchedTrial {
  /** @returns to be called when it has been loaded */
  begin(entry: PackageFile): () => void;
  failed(error: unknown): void;
  /** Writes what came of it, and ends the process. */
  answer(): void;
}

function watched(require: NodeJS.Require, order: GateOrder): WatchedTrial {
  const left = new Map<string, string>();
  const read = new Set<string>();
  const loading: string[] = [];
  let entry: string | undefined;
  const beingLoaded = (): string[] =>
    entry === undefined ? [] : [...loading, entry, evaluated() ?? ""].flatMap((file) => packageOf(file) ?? []);
  const blame = (why: string): void => {
    for (const directory of beingLoaded()) if (!left.has(directory)) left.set(directory, why);
  };
  const isIn = (): boolean => entry !== undefined;
  const loads = watchLoads(
    loading,
    blame,
    order.answer,
    new Set(order.entries.map(({ file }) => packageOf(file) ?? "")),
  );
  const isNamed = (variable: string): boolean =>
    [...loading, ...(entry === undefined ? [] : [entry])].some((file) => hasWord(textOf(file, "utf8"), variable));
  watchEnvironment(order.variables, isNamed, (why) => isIn() && blame(why));
  watchGateFiles(
    require,
    order.answer,
    (file) => read.add(file),
    (why, file) => {
      if (isIn()) blame(why);
      // A loader reads its settings: what it was told is what the run is told. The program is looked for by Node.
      else if (file !== undefined && file !== order.main) read.add(file);
    },
  );
  watchTraces(require, order.variables, (why) => isIn() && blame(why));
  watchSettings(require, order.settings ?? [], (why) => isIn() && blame(why));
  // With all of this in place, so that it is not taken for theirs.
  const surroundings = look(require);
  const globals = watchGlobals(order.added ?? [], beingLoaded);
  return {
    begin({ file }) {
      const before = open();
      entry = file;
      return () => {
        // One that was open may have ended since.
        for (const name of open()) {
          const at = before.indexOf(name);
          if (at < 0) blame("leaves something open");
          else before.splice(at, 1);
        }
        entry = undefined;
      };
    },
    failed: (error) =>
      blame(`does not load by itself (${error instanceof Error ? error.message.split("\n")[0] : "failed"})`),
    answer() {
      const readers = globals.end();
      loads.addLoaders(left, order.left, loaded());
      const files = [...loaded().map(({ file }) => file), ...[...required().keys()].filter(isOfPackage), ...read];
      const trial: Trial = {
        files: [...new Set(files)],
        own: ownLoaded(order.answer).filter((file) => file !== order.main),
        left: Object.fromEntries(left),
        ...differences(surroundings, look(require)),
        readers,
      };
      writeRecord(order.answer, trial);
      process.kill(process.pid, "SIGKILL");
      throw new Error("killed");
    },
  };
}
/** Without what ends by itself: requests that a loader made, and which are answered when nobody waits for it. */
const open = (): string[] =>
  process
    .getActiveResourcesInfo()
    .filter((name) => !/^(?:FSReq|FileHandleCloseReq|ConnectWrap|CloseReq|Immediate)/.test(name));

const isOfPackage = (file: string): boolean => packageOf(file) !== undefined;
