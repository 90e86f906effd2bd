/** In a standby: packages are loaded, then it waits at the door, before the first line of the program. */
import { closeSync, existsSync, openSync, readFileSync, readSync } from "node:fs";
import { type ImportFile, importer, importLoaders, loader, loadLoaders, startCompiler } from "./load.ts";
import type { GateOrder, LetIn, PackageFile, StandbyReady } from "./order.ts";
import { recordWhenAsked, required, writeRecord } from "./record.ts";
import { sayWhatWrappersSaid } from "./wrapper.ts";

export function hold(require: NodeJS.Require, order: GateOrder): void {
  const load = loader(require, `${order.answer}-import`);
  orEnd(() => {
    if (!existsSync(order.letIn)) loadLoaders(order);
    for (const entry of dueOf(order)) load(entry);
    if (!existsSync(order.letIn)) startCompiler(order);
  });
  waitAtDoor(require, order);
}

/** Behind what the command imports in front of the program. @returns called when something can be imported */
export const holdByImport =
  (require: NodeJS.Require, order: GateOrder) =>
  async (load: ImportFile): Promise<void> => {
    const loadOne = importer(require, load);
    try {
      if (!existsSync(order.letIn)) await importLoaders(load);
      for (const entry of dueOf(order)) await loadOne(entry);
      if (!existsSync(order.letIn)) startCompiler(order);
      waitAtDoor(require, order);
    } catch {
      end();
    }
  };

/** Until there is a save while it loads: what is left is loaded by the program itself. */
function* dueOf({ entries, letIn }: GateOrder): Generator<PackageFile> {
  for (const entry of entries) {
    if (existsSync(letIn)) return;
    yield entry;
  }
}

function orEnd(work: () => void): void {
  try {
    work();
  } catch {
    end();
  }
}

/** It did load on trial: something is another thing now, and a process like this is not to be let in. */
const end = (): void => {
  process.kill(process.pid, "SIGKILL");
};

function waitAtDoor(require: NodeJS.Require, order: GateOrder): void {
  // Before it is due: nothing of the program has run.
  const record = recordWhenAsked(require, order);
  const held: StandbyReady = { files: [...required().keys()], tookMs: Math.round(performance.now()) };
  writeRecord(order.answer, held);
  const door = openSync(order.door, "r");
  readSync(door, Buffer.alloc(1));
  closeSync(door);
  const { set, unset }: LetIn = JSON.parse(readFileSync(order.letIn, "utf8"));
  for (const name of unset) delete process.env[name];
  Object.assign(process.env, set);
  try {
    sayWhatWrappersSaid(order);
    record();
  } catch {
    // It is a run by now, and goes on as without us.
  }
}
