/** `reload`: watch, build, run, until somebody asks for the end. */
import { randomBytes } from "node:crypto";
import { now } from "../adapters/clock.ts";
import { createChangedFiles } from "../changed.ts";
import { createEngine } from "../engine.ts";
import type { Moment, Note, Report } from "../report/moment.ts";
import type { Settings } from "../settings.ts";
import { createWorld, type Looker } from "../world.ts";

export interface Run {
  settings(): Settings;
  readonly reports: readonly Report[];
  readonly opened: Omit<Extract<Note, { type: "opened" }>, "type">;
  /** Begins to watch; what is seen goes to `changed`. Absent with `--once`. */
  readonly watch:
    | ((tell: {
        changed(fact: { demand: import("../core/demand.ts").Demand; empty: boolean }): void;
        note(note: Note): void;
      }) => Watcher)
    | undefined;
  readonly onOutput: Parameters<typeof createWorld>[0]["onOutput"];
}

export interface Watcher extends Looker {
  close(): Promise<void>;
  idle(): void;
}

export async function run(parts: Run): Promise<number> {
  const session = randomBytes(9).toString("base64url");
  const changedFiles = createChangedFiles();
  const report = (moment: Moment): void => {
    for (const tell of parts.reports) tell(moment);
  };
  const note = (its: Note): void => report({ at: now(), ...its });
  let watcher: Watcher | undefined;
  let exited: (code: number) => void = () => {};
  const end = new Promise<number>((resolve) => {
    exited = resolve;
  });
  const world = createWorld({
    settings: parts.settings,
    take: (event) => engine.take(event),
    note,
    exited,
    changedFiles,
    looker: () => watcher,
    session,
    onOutput: parts.onOutput,
  });
  const engine = createEngine({
    policy: () => parts.settings().policy,
    perform: world.perform,
    observe: (turn) => {
      report({ type: "turn", ...turn });
      if (turn.event.type === "runReady") watcher?.idle();
    },
  });

  note({ type: "opened", ...parts.opened });
  // The first build or run is on its way before anything is watched: it need not wait for the scan.
  engine.take({ at: now(), type: "started" });
  watcher = parts.watch?.({ changed: (fact) => engine.take({ at: now(), type: "changed", ...fact }), note });
  const quit = (code: number) => (): void => engine.take({ at: now(), type: "quitAsked", code });
  process.on("SIGINT", quit(130)).on("SIGTERM", quit(143)).on("SIGHUP", quit(129));
  const code = await end;
  await watcher?.close();
  world.close();
  changedFiles.close();
  return code;
}
