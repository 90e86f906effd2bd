/** One life of `reload`, from the first order to the exit: engine, world, watcher and configuration, tied together. */
import type { FinalAnswer, Question } from "../adapters/control/channel.ts";
import { createGuardian } from "../adapters/process/guardian.ts";
import { openInBrowser } from "../adapters/system/browser.ts";
import { createMadeDirectories } from "../adapters/system/made-directories.ts";
import type { Watching } from "../adapters/watch/watch.ts";
import { reasonOf } from "../core/errors.ts";
import { resolvable } from "../core/resolvable.ts";
import type { Order, Plan } from "../core/types.ts";
import { isUnderWay } from "../core/work.ts";
import { createAdvice } from "./advice.ts";
import { loadAhead } from "./ahead.ts";
import { allInOrder } from "./all-in-order.ts";
import { createChangedFiles } from "./changed.ts";
import { endCompilers } from "./compilers.ts";
import { lateControl, orAfter } from "./control/late.ts";
import { endOnFault } from "./end-on-fault.ts";
import { createEngine } from "./engine.ts";
import { createHearing } from "./hearing.ts";
import { deedsOf } from "./keys.ts";
import { lateChecks } from "./late-checks.ts";
import { createOwnWriting } from "./own-writing.ts";
import type { SessionParts } from "./parts.ts";
import { createPausing } from "./pausing.ts";
import { endedByHangUp, listenToSignals } from "./signals.ts";
import { lateWarm } from "./warm/late.ts";
import { createWorld } from "./world.ts";

export interface Living {
  /** The exit code, when nothing is left of what was started. */
  readonly ended: Promise<number>;
  quit(code: number): void;
  /** As over the socket; `undefined` when it has ended. */
  ask(question: Question, gone: AbortSignal): Promise<FinalAnswer | undefined>;
}

export function live(parts: SessionParts): Living {
  const { configuration, reporters, note, io } = parts;
  const { settings } = configuration;
  const { now } = io.clock;
  const plan = (): Plan => parts.proxied.planFor(settings().plan);
  const warn = (message: string, hint?: string): void =>
    note({
      type: "warned",
      problem: { code: "session/unfinished", severity: "warning", message, ...(hint === undefined ? {} : { hint }) },
    });
  const changedFiles = createChangedFiles(warn);
  const guardian = createGuardian(parts.name, io.terminal?.asFound(io.env["TERM"]) ?? "", io.env, warn);
  const terminal = io.terminal?.open({
    hasKeys: () => settings().keys,
    pressed: (key) => pressed(key),
    found: guardian.modes,
  });
  const madeDirectories = createMadeDirectories();
  let watching: Watching | undefined;
  const { promise: end, resolve: exited } = resolvable<number>();
  const checks = lateChecks({
    guards: configuration.guards,
    rules: configuration.guarded,
    root: configuration.root,
    trees: configuration.trees,
    held: () => engine.house.held,
    ended: (job, result) => engine.take({ at: now(), type: "jobEnded", job, result }),
    again: (changes) => engine.take({ at: now(), type: "changed", changes }),
    warn: (problem) => note({ type: "warned", problem }),
  });
  const world = createWorld({
    settings,
    take: (fact) => engine.take(fact),
    note,
    exited,
    changedFiles,
    madeDirectories,
    looker: () => watching,
    session: parts.name,
    guardian,
    sockets: parts.sockets,
    proxied: parts.proxied,
    lock: parts.lock,
    checks,
    output: reporters.output,
    printed: reporters.printed,
    io,
    warm: () => warm.asked(),
    isQuitting: () => engine.house.life.is !== "living",
    restoreTerminal: (when) => terminal?.restore(when),
  });
  const warm = lateWarm(
    {
      session: parts.name,
      guardian,
      note,
      restart: (service) => engine.take({ at: now(), type: "asked", verb: "restart", services: [service] }),
    },
    parts.createWarm,
    warn,
  );
  const writing = createOwnWriting(parts, world.leaders);
  const advise = createAdvice({ settings, env: io.env }, (text) => note({ type: "said", text }));
  const engine = createEngine({
    plan,
    perform: world.perform,
    observe(turn) {
      reporters.report({ type: "turn", ...turn });
      advise(turn);
      warm.turned(turn.after);
      if (turn.fact.type === "runReady") watching?.idle();
      writing.turned(turn);
      if (settings().plan.once && turn.orders.some(isDeed)) {
        // What was waited for has come.
        void watching?.close();
        watching = undefined;
      }
    },
  });
  parts.proxied.join({
    house: () => engine.house,
    plan,
    async fresh(service, gone) {
      if (!parts.watches || parts.registration === undefined) return { is: "ready" };
      const address = await control.canBeAsked;
      return address?.fresh(service, settings().services.get(service)?.proxy?.holdMs ?? 0, gone) ?? { is: "ready" };
    },
  });
  const quit = (code: number): void => engine.take({ at: now(), type: "quitAsked", code });
  const pausing = createPausing({
    isPaused: () => engine.house.isPaused,
    take: (type) => engine.take({ at: now(), type }),
    readConfiguration: configuration.check,
    say: (text) => note({ type: "said", text }),
  });
  const control = lateControl(
    {
      configuration,
      house: () => engine.house,
      plan,
      take: (fact) => engine.take(fact),
      urls: () => parts.proxied.urls,
      refresh: (service) => parts.proxied.refresh(service, []),
      now,
      date: () => io.clock.date(),
      async lookAtAll() {
        await watching?.lookAtAll();
        await checks.review();
      },
      about: () => ({ version: io.version(), ...parts.about }),
      request: parts.request,
      quit,
      pausing,
      isRead: () =>
        reporters.output.isRead || [...settings().services.values()].every(({ ready }) => ready?.by === "log"),
      over: end,
    },
    parts,
  );
  const pressed = deedsOf({
    ask: (verb) => engine.take({ at: now(), type: "asked", verb, services: [...settings().plan.services.keys()] }),
    hurry: world.hurry,
    pausing,
    quit,
    lastError: reporters.lastError,
    say: (text) => note({ type: "said", text }),
    urls: () => parts.proxied.urls,
    open: (url) => openInBrowser(url, io.env),
    clear: () => io.terminal?.clear(),
  });
  const isMaking = (): boolean => [...engine.house.works.values()].some(isUnderWay);
  const unlistenFaults = io.faults.stopOnFault(endOnFault(parts, engine, quit, exited));
  const unlisten = listenToSignals(io, { world, terminal, quit });
  if (io.isInit) note({ type: "said", text: initAdvice });

  // The first build or run is on its way before anything is looked at, and before what looks is loaded.
  const sinceMs = Date.now();
  engine.take({ at: now(), type: "started" });
  terminal?.begin();

  const beginWatching = async (): Promise<void> => {
    const { options, idlePatterns } = await configuration.trees();
    const { watch } = await import("../adapters/watch/watch.ts");
    io.begun?.();
    const hearing = createHearing({
      take: (fact) => engine.take({ at: now(), ...fact }),
      note,
      settings,
      idlePatterns,
    });
    watching = watch({ ...options, isOutput: writing.has, isMaking }, hearing.hear, sinceMs);
    if (settings().plan.once) return;
    // What is not there now will not be there later: then a message says so.
    const all = [...settings().services.values()];
    const inUse = { builds: settings().recipes.size > 0, proxy: all.some(({ proxy }) => proxy !== undefined) };
    hearing.after(loadAhead(inUse).then(() => checks.prepare()));
    await control.open();
    configuration.follow({
      watching,
      isPaused: pausing.isPaused,
      demand: (changes) => engine.take({ at: now(), type: "configured", changes }),
      ruled: () => void checks.renew(),
    });
    checks.follow();
  };

  const whole = async (): Promise<number> => {
    try {
      if (parts.watches) await beginWatching();
    } catch (error) {
      // What runs by now goes on running.
      const what = watching === undefined ? "nothing is watched" : "the configuration is not watched";
      warn(`${what}: ${reasonOf(error)}`, "end this reload and start it again");
    }
    control.triedToOpen();
    const code = await end;
    await allInOrder(warn, [
      () => pausing.close(),
      () => warm.close(),
      () => control.close(),
      () => configuration.close(),
      () => watching?.close(),
      () => checks.close(),
      () => writing.close(),
      () => world.close(),
      () => endCompilers(parts.name, settings().recipes),
      () => parts.sockets.close(),
      () => parts.proxied.close(),
      () => guardian.close(),
      () => parts.lock?.release(),
      () => changedFiles.close(),
      () => terminal?.close(code === endedByHangUp),
      () => {
        if (!settings().cleanOnExit) return;
        for (const left of madeDirectories.remove()) warn(`clean_on_exit: ${left}`);
      },
    ]);
    unlisten();
    unlistenFaults();
    return code;
  };
  return {
    ended: whole(),
    quit,
    async ask(question, gone) {
      const answer = async () => (await control.triedTo)?.answer(question, () => {}, orAfter(end, gone));
      return Promise.race([answer(), end.then(() => undefined)]);
    },
  };
}

const isDeed = ({ type }: Order): boolean => type === "startJob" || type === "startRun";
const initAdvice = "reload is PID 1 here: give the container an init (docker run --init), so that orphans are reaped";
