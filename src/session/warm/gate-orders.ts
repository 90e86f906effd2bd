/** What the gate of a process is told: which run it is to be, what it may load, and where it answers. */
import { join } from "node:path";
import type { GateOrder, OrderOfGate, RunRecord, SetInProcess } from "../../gate/order.ts";
import type { RunOrder } from "../run.ts";

import { isOfRun, withoutLeft } from "./policy.ts";

export interface GateOrderParts {
  directory(): string;
  record(): RunRecord | undefined;
  left(): ReadonlyMap<string, string>;
  program(): { readonly order: RunOrder; readonly main: string | undefined } | undefined;
}

export interface GateOrders {
  /** Absolute. */
  fileOf(name: string): string;
  nameOf(run: number, what: string): string;
  recordingOf(run: number): GateOrder["recording"];
  /** The order for the gate of a process that is to be this run. */
  gateOrder(run: number, mode: GateOrder["mode"], answer: string): OrderOfGate;
}

export function createGateOrders({ directory, record, left, program }: GateOrderParts): GateOrders {
  const fileOf = (name: string): string => join(directory(), name);
  const nameOf = (run: number, what: string): string => {
    const service = program()?.order.job.service ?? "";
    return `${service === "" ? "" : `${service}-`}run-${run}-${what}`;
  };
  const recordingOf = (run: number): GateOrder["recording"] => ({
    ask: fileOf(nameOf(run, "ask")),
    answer: fileOf(nameOf(run, "record")),
  });
  return {
    fileOf,
    nameOf,
    recordingOf,
    gateOrder: (run, mode, answer) => ({
      mode,
      main: program()?.main ?? "",
      entries: mode === "record" ? [] : withoutLeft(record()?.entries ?? [], left()),
      left: [...left().keys()],
      place: record()?.python?.place ?? null,
      failed: record()?.python?.failed ?? [],
      configured: record()?.python?.configured ?? [],
      logged: loggedIn(record()),
      path: record()?.python?.path ?? [],
      told: record()?.told ?? [],
      settings: record()?.settings ?? [],
      added: record()?.added ?? [],
      variables: [...new Set([...(record()?.variables ?? []), ...socketVariables(program()?.order)])].filter(
        (name) => !isOfRun(name),
      ),
      answer: fileOf(answer),
      door: fileOf(`${answer}-door`),
      letIn: fileOf(`${answer}-let-in`),
      recording: recordingOf(run),
      compiled: fileOf("compiled"),
    }),
  };
}

function loggedIn(record: RunRecord | undefined): SetInProcess {
  const settings = Object.values(record?.python?.moments ?? {}).at(-1) ?? {};
  return Object.fromEntries(Object.entries(settings).filter(([name]) => name.startsWith("what is logged by ")));
}

/** On trial there are no sockets: what asks for them while it is loaded is left to the run. */
const socketVariables = (order: RunOrder | undefined): readonly string[] =>
  order?.sockets === undefined ? [] : [...Object.keys(order.sockets.env), "LISTEN_PID"];
