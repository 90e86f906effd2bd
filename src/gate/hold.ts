/** In a standby: packages are loaded, then it waits at the door, before the first line of the program. */
import { closeSync, existsSync, openSync, readFileSync, readSync } from "node:fs";
import { loader, loadLoaders } from "./load.ts";
import type { GateOrder, LetIn, StandbyReady } from "./order.ts";
import { recordWhenAsked, required, writeRecord } from "./record.ts";

export function hold(require: NodeJS.Require, order: GateOrder): void {
  const load = loader(require, `${order.answer}-import`);
  if (!existsSync(order.letIn)) {
    try {
      loadLoaders(order);
    } catch {
      process.kill(process.pid, "SIGKILL");
    }
  }
  for (const entry of order.entries) {
    // A save while it loads: what is left is loaded by the program itself.
    if (existsSync(order.letIn)) break;
    try {
      load(entry);
    } catch {
      // It did load on trial: something is another thing now, and a process like this is not to be let in.
      process.kill(process.pid, "SIGKILL");
    }
  }
  const held: StandbyReady = { files: [...required().keys()], tookMs: Math.round(performance.now()) };
  writeRecord(order.answer, held);
  const door = openSync(order.door, "r");
  readSync(door, Buffer.alloc(1));
  closeSync(door);
  const letIn: LetIn = JSON.parse(readFileSync(order.letIn, "utf8"));
  for (const name of letIn.unset) delete process.env[name];
  Object.assign(process.env, letIn.set);
  recordWhenAsked(require, order.recording);
}
