/** The events of what is ordered. */
import { pathsOf } from "../../core/demand.ts";
import type { Order } from "../../core/types.ts";
import type { JsonEvent } from "../events.ts";
import type { Moment } from "../moment.ts";
import { jobFields } from "./fields.ts";

export function ordersOf(
  { fact, orders }: Extract<Moment, { type: "turn" }>,
  startedAt: Map<string, number>,
): JsonEvent[] {
  return orders.flatMap((order) => orderOf(order, fact.at, startedAt));
}

function orderOf(order: Order, at: number, startedAt: Map<string, number>): JsonEvent[] {
  switch (order.type) {
    case "startJob": {
      const job = jobFields(order.job);
      startedAt.set(job.job, at);
      const { kind } = order.job;
      if (kind !== "build") return [{ event: "job-started", ...job, kind, paths: [...pathsOf(order.demand)] }];
      return [{ event: "build-started", ...job, build: order.job.number, paths: [...pathsOf(order.demand)] }];
    }
    case "cancelJob": {
      const job = jobFields(order.job);
      const { kind } = order.job;
      if (kind !== "build") return [{ event: "job-cancelled", ...job, kind, force: order.force }];
      return [{ event: "build-cancelled", ...job, build: order.job.number, force: order.force }];
    }
    case "startRun": {
      const job = jobFields(order.job);
      startedAt.set(job.job, at);
      return [{ event: "run-starting", ...job, run: order.job.number, paths: [...pathsOf(order.demand)] }];
    }
    case "stopRun":
      return [{ event: "run-stopping", ...jobFields(order.job), run: order.job.number, force: order.force }];
    case "exit":
      return [{ event: "exit", code: order.code }];
    case "arm":
    case "disarm":
    case "look":
      return [];
    case "signalRun":
    case "refresh":
      return [];
  }
}
