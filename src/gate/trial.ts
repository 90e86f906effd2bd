/**
 * Packages are loaded on trial, by a process that ends then: which of them read what differs from run to run, and which
 * leave something that the program itself would have to make. What a package does is held against everything that was
 * loading at that moment: whoever loads it would do it as well.
 */
import Module from "node:module";
import { loader, loadLoaders } from "./load.ts";
import type { GateOrder, Trial } from "./order.ts";
import { packageNameOf, packageOf } from "./packages.ts";
import { loaded, required, writeRecord } from "./record.ts";
import { differences, look } from "./surroundings.ts";
import { watchEnvironment, watchGateFiles, watchTraces } from "./watches.ts";

export function tryAll(require: NodeJS.Require, order: GateOrder): never {
  const left = new Map<string, string>();
  const read = new Set<string>();
  const loading: string[] = [];
  let entry: string | undefined;
  const blame = (why: string): void => {
    if (entry === undefined) return;
    for (const file of [...loading, entry]) {
      const directory = packageOf(file);
      if (directory !== undefined && !left.has(directory)) left.set(directory, why);
    }
  };
  const isIn = (): boolean => entry !== undefined;
  watchLoads(loading, blame, order.answer, new Set(order.entries.map(({ file }) => packageOf(file) ?? "")));
  watchEnvironment(order.variables, (why) => isIn() && blame(why));
  watchGateFiles(
    require,
    order.answer,
    (file) => read.add(file),
    (why, file) => {
      if (isIn()) blame(why);
      // A loader reads its settings: what it was told is what the run is told.
      else if (file !== undefined) read.add(file);
    },
  );
  watchTraces(require, (why) => isIn() && blame(why));
  // With all of this in place, so that it is not taken for theirs.
  const surroundings = look(require);
  const load = loader(require, `${order.answer}-import`);
  loadLoaders(order);
  for (const each of order.entries) {
    const before = process.getActiveResourcesInfo().length;
    entry = each.file;
    try {
      load(each);
    } catch (error) {
      blame(`does not load by itself (${error instanceof Error ? error.message.split("\n")[0] : "failed"})`);
    }
    if (process.getActiveResourcesInfo().length !== before) blame("leaves something open");
    entry = undefined;
  }
  const trial: Trial = {
    files: [...new Set([...loaded().map(({ file }) => file), ...[...required().keys()].filter(isOfPackage), ...read])],
    left: Object.fromEntries(left),
    ...differences(surroundings, look(require)),
  };
  writeRecord(order.answer, trial);
  process.kill(process.pid, "SIGKILL");
  throw new Error("killed");
}

const isOfPackage = (file: string): boolean => packageOf(file) !== undefined;

/** A file of the user's own is never loaded; one of a package that is left to the run is held against whoever loads it. */
function watchLoads(
  loading: string[],
  blame: (why: string) => void,
  scratch: string,
  known: ReadonlySet<string>,
): void {
  const prototype: object = Module.prototype;
  const original: unknown = Reflect.get(prototype, "load");
  if (typeof original !== "function") return;
  Reflect.set(prototype, "load", function load(this: unknown, file: string): unknown {
    const directory = packageOf(file);
    if (directory === undefined && !file.startsWith(scratch)) {
      blame("loads a file of the project");
      throw new Error("a file of the project");
    }
    loading.push(file);
    try {
      if (directory !== undefined && !known.has(directory)) blame(`loads ${packageNameOf(directory)}`);
      return Reflect.apply(original, this, [file]);
    } finally {
      loading.pop();
    }
  });
}
