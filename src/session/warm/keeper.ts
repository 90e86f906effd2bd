/** Keeps the next run of one program warm: what its machine orders is done here, and every start is judged. */
import { changedSince, type Stamps } from "../../adapters/warm/stamps.ts";
import type { Command } from "../../core/command.ts";
import { reasonOf } from "../../core/errors.ts";
import { noStandby, type Standby, type StandbyFact, type StandbyOrder, stepStandby } from "../../core/standby.ts";
import type { PackageFile } from "../../gate/order.ts";
import type { RunOrder } from "../run.ts";
import { createGateOrders } from "./gate-orders.ts";
import { type HeldStandby, holdNext } from "./held.ts";
import { filesOf, type KnownProgram, type WarmLanguage } from "./language.ts";
import { createLearned, recordKey } from "./learned.ts";
import { nodeLanguage } from "./node-language.ts";
import { withoutLeft } from "./policy.ts";
import { pythonLanguage } from "./python-language.ts";
import { isTrial } from "./records.ts";
import type { Shape } from "./shape.ts";
import { realOf, shapeHere } from "./shape-here.ts";
import { addLeft, tryOut } from "./trial.ts";
import type { WarmParts } from "./warm.ts";

export interface Keeper {
  begin(cold: RunOrder, about: { readonly command: Command; readonly swap: "stop-first" | "start-first" }): RunOrder;
  /** The run that serves is being stopped, for the next one. */
  due(): void;
  /** This run is ready, and nothing is under way. */
  idle(run: number): void;
  close(): Promise<void>;
}

/** What is known of the run that serves. */
interface Known extends KnownProgram {
  readonly order: RunOrder;
  readonly language: WarmLanguage;
}

/** What may be loaded in advance, and what decided it. */
interface Verdict {
  readonly key: string;
  readonly entries: readonly PackageFile[];
  readonly files: readonly string[];
  readonly stamps: Stamps;
}

export interface KeeperParts extends WarmParts {
  /** Private to this `reload`; made when it is first asked for. */
  directory(): string;
}

export function createKeeper(parts: KeeperParts): Keeper {
  let standby: Standby = noStandby;
  let known: Known | undefined;
  const learned = createLearned();
  let isWarm = false;
  let left = new Map<string, string>();
  let verdict: Verdict | undefined;
  let held: HeldStandby | undefined;
  /** On its way through the door: the run that it is to be may be stopped before it begins. */
  let passing: HeldStandby | undefined;
  let why: string | undefined;
  let under = new AbortController();
  const told = new Set<string>();
  const ends = new Set<Promise<void>>();

  const take = (fact: StandbyFact): void => {
    const next = stepStandby(standby, fact);
    standby = next.standby;
    for (const order of next.orders) {
      const failed = (error: unknown): void => {
        why = reasonOf(error);
        take({ type: "failed" });
      };
      if (order.type === "discard" || order.type === "letIn") perform(order).catch(() => {});
      else perform(order).catch(failed);
    }
  };

  const languageOf = (shape: Exclude<Shape, { is: "cold" }>): WarmLanguage =>
    shape.is === "node" ? nodeLanguage(parts.directory, shape) : pythonLanguage(parts.directory, shape);

  const { fileOf, nameOf, recordingOf, gateOrder } = createGateOrders({
    directory: parts.directory,
    record: () => learned.record,
    left: () => left,
    program: () => known,
  });

  const perform = async (order: StandbyOrder): Promise<void> => {
    switch (order.type) {
      case "ask": {
        under = new AbortController();
        const { signal } = under;
        if (known === undefined) return;
        const { language } = known;
        const answered = await language.ask(recordingOf(order.run), signal);
        if (answered === undefined || signal.aborted) return;
        const { news, record } = learned.add(answered, language, isWarm);
        if (isWarm && news !== undefined) {
          // What was loaded in advance did not find it as a cold start would: once more, and cold.
          parts.restart(known.order.job.service);
          throw new Error(news);
        }
        const refused = learned.never ?? language.refusal(record, undefined);
        if (refused !== undefined) throw new Error(refused);
        if (verdict !== undefined && verdict.key === recordKey(record) && changedSince(verdict.stamps) === undefined) {
          // Tried before, and nothing has changed since.
          take({ type: "recorded", isTried: true });
          return;
        }
        left = language.mentioned(record, undefined);
        take({ type: "recorded", isTried: false });
        return;
      }
      case "try": {
        const { signal } = under;
        const { record } = learned;
        if (known === undefined || record === undefined) return;
        const { order: run, language } = known;
        const before = language.stamps(known, filesOf(record.entries), record);
        const answer = nameOf(order.run, `try-${order.round}`);
        const gated = gateOrder(order.run, "try", answer);
        const env = language.withGate(run.env, gated, fileOf(`${answer}-order`));
        const trial = await tryOut({
          ...parts,
          order: run,
          env,
          answer: gated.answer,
          name: `t${order.round}`,
          over: signal,
        });
        if (signal.aborted) return;
        if (!isTrial(trial)) throw new Error("the packages could not be loaded on trial");
        const found = [...Object.entries(trial.left), ...language.mentioned(record, trial)];
        const isClean = addLeft(left, found, order.round);
        if (isClean) {
          const refused = language.refusal(record, trial);
          if (refused !== undefined) throw new Error(refused);
          const files = new Set([...filesOf(record.entries), ...trial.files]);
          const after = language.stamps(known, [...files], record, trial.names);
          const stamps = new Map([...after, ...before]);
          verdict = { key: recordKey(record), entries: withoutLeft(record.entries, left), files: [...files], stamps };
        }
        take({ type: "tried", isClean });
        return;
      }
      case "hold": {
        const { signal } = under;
        if (known === undefined || verdict === undefined) return;
        if (verdict.entries.length === 0 && left.size > 0)
          throw new Error(`${[...left.values()][0]}: nothing is left to load`);
        const answer = nameOf(order.run, "held");
        const gated = { ...gateOrder(order.run, "hold", answer), entries: verdict.entries };
        const { language } = known;
        const started = await holdNext({
          ...parts,
          order: known.order,
          run: order.run,
          gateOrder: gated,
          withGate: (env) => language.withGate(env, gated, fileOf(`${answer}-order`)),
          stamps: verdict.stamps,
          files: verdict.files,
          over: signal,
          ended: () => take({ type: "failed" }),
        });
        if (started === undefined) return;
        if (signal.aborted) ending(started.discard());
        else held = started;
        return;
      }
      case "letIn":
        return;
      case "discard": {
        under.abort();
        const standby = held;
        held = undefined;
        if (standby !== undefined) ending(standby.discard());
        return;
      }
    }
  };

  const ending = (end: Promise<void>): void => {
    ends.add(end);
    void end.finally(() => ends.delete(end));
  };

  const endPassing = (): void => {
    if (passing?.isLetIn === false) ending(passing.discard());
    passing = undefined;
  };

  const tell = (cold: RunOrder, reason: string, isUnfit: boolean): void => {
    const isNews = isUnfit && !told.has(reason);
    told.add(reason);
    parts.note({ type: "warmth", job: cold.job, isWarm: false, reason, isNews });
  };

  const recorded = (cold: RunOrder, language: WarmLanguage): RunOrder => {
    const order = gateOrder(cold.job.number, "record", nameOf(cold.job.number, "none"));
    return { ...cold, env: language.withGate(cold.env, order, fileOf(nameOf(cold.job.number, "order"))) };
  };

  return {
    begin(cold, { command, swap }) {
      const { number } = cold.job;
      endPassing();
      const shape = shapeHere(cold, command, swap);
      if (shape.is === "cold") {
        take({ type: "startDue", run: number, isSame: false });
        known = undefined;
        tell(cold, shape.why, true);
        return cold;
      }
      const differs =
        held === undefined
          ? (why ?? notYet(standby))
          : (held.differs(cold) ??
            (learned.heads === undefined ? undefined : known?.language.otherHead(learned.heads)));
      const isKnownWhy = held === undefined && why !== undefined;
      why = undefined;
      const heldStandby = held;
      take({ type: "startDue", run: number, isSame: differs === undefined });
      isWarm = heldStandby !== undefined && differs === undefined;
      const language = languageOf(shape);
      known = { order: cold, language, main: realOf(shape.main), cwd: cold.cwd, env: cold.env };
      if (heldStandby === undefined || differs !== undefined) {
        tell(cold, differs ?? "there is no standby", isKnownWhy);
        return recorded(cold, language);
      }
      held = undefined;
      passing = heldStandby;
      const { savedMs, launch } = heldStandby.letIn(cold, () => parts.restart(cold.job.service));
      parts.note({ type: "warmth", job: cold.job, isWarm: true, savedMs, isNews: false });
      return { ...cold, cookie: heldStandby.cookie, launch };
    },
    due: () => held?.due(),
    idle(run) {
      if (known !== undefined && known.order.job.number === run) take({ type: "idle", run });
    },
    async close() {
      take({ type: "closed" });
      endPassing();
      await Promise.all(ends);
    },
  };
}

const notYet = (standby: Standby): string =>
  standby.is === "absent" ? "nothing was started in advance" : "the next run was not yet there";
