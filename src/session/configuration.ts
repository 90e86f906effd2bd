/** The configuration in force, as a session uses it: settings and trees of the current version, and what an edit touches. */
import type { Watching } from "../adapters/watch/watch.ts";
import type { Touch } from "../config/keys/keys.ts";
import type { ConfigRequest, LoadedConfig } from "../config/layers/load.ts";
import { type ConfigNews, keepConfig, type Remarks } from "../config/store/live.ts";
import type { Edit, Prepared } from "../config/store/store.ts";
import { asking, type Verdict } from "../core/demand.ts";
import type { Problem } from "../core/problem.ts";
import type { Changes, Service, ServiceChanges } from "../core/types.ts";
import type { Moment, Note } from "../report/moment.ts";
import { createBuildAsProgram } from "./build-as-program.ts";
import { createGuards, type GuardingRule, type Guards, guardedBy } from "./guards.ts";
import type { Proxies } from "./proxy/late.ts";
import { type Circumstances, type Settings, settingsOf } from "./settings.ts";
import type { HeldSockets } from "./sockets.ts";
import type { Trees } from "./trees.ts";

export interface ConfigurationParts {
  readonly request: ConfigRequest;
  /** The first version. */
  readonly loaded: LoadedConfig;
  readonly circumstances: Circumstances;
  /** What is opened for the program: an edit that needs more has it before it is taken. */
  readonly sockets: HeldSockets;
  readonly proxied: Pick<Proxies, "aim">;
  note(note: Note): void;
}

export interface Configuration {
  /** Those in force. */
  settings(): Settings;
  /** What is to be watched, by the version in force. */
  trees(): Promise<Trees>;
  /** Rules that guard files by a schema. */
  guarded(): readonly GuardingRule[];
  readonly guards: Guards;
  /** What paths are shown relative to; absolute. */
  root(): string;
  /** From now on a valid edit is taken as one step: patterns, settings, and what they touch. */
  follow(followed: Followed): void;
  /** Reads the files now; resolves when what an edit touches is in force. */
  check(): Promise<void>;
  /** The number of the one in force. */
  version(): number;
  /** Puts an earlier one in force until the files change again; `false` where there is none of that number. */
  rollback(number: number): Promise<boolean>;
  /** What happens may tell better than words what a command is. */
  hear(moment: Moment): void;
  close(): void;
}

export interface Followed {
  readonly watching: Watching;
  /** Edits are collected, and read when that is over. */
  isPaused(): boolean;
  /** A new version is in force, and it touches what runs of these services. */
  demand(changes: Changes): void;
  /** Other rules are in force. */
  ruled(): void;
}

export function createConfiguration(parts: ConfigurationParts): Configuration {
  const { request, loaded, circumstances, sockets, proxied, note } = parts;
  let followed: Followed | undefined;
  const guards = createGuards();
  let current: Promise<Trees> | undefined;
  const treesOf = async (version: LoadedConfig): Promise<Trees> =>
    (await import("./trees.ts")).treesOf(version, (problem) => note({ type: "warned", problem }));
  const live = keepConfig({
    request,
    loaded,
    isHeld: () => followed?.isPaused() === true,
    async prepare({ after }: Edit<LoadedConfig>): Promise<Prepared<Problem>> {
      const trees = await treesOf(after.value);
      const faults = [
        ...trees.problems.filter(({ severity }) => severity === "error"),
        ...(await guards.problems(after.value)),
      ];
      if (faults.length > 0) return { ok: false, faults };
      const next = settingsOf(after.value, circumstances);
      const opened = await sockets.aim(after.value, next);
      if (!opened.ok) return opened;
      const front = await proxied.aim(after.value, next);
      if (!front.ok) {
        opened.abandon();
        return front;
      }
      return {
        ok: true,
        commit() {
          opened.commit();
          front.commit();
          current = Promise.resolve(trees);
          followed?.watching.aim(trees.options);
        },
        abandon() {
          opened.abandon();
          front.abandon();
        },
      };
    },
    tell(news) {
      tellNews(news, note, (changes) => followed?.demand(changes));
      if (news.is === "applied" && news.edit.changed.some((key) => /(?:^|\.)rule$/.test(key))) followed?.ruled();
    },
  });
  let known: { readonly value: LoadedConfig; readonly settings: Settings } | undefined;
  const asProgram = createBuildAsProgram();
  let isLearned = false;
  const read = (value: LoadedConfig): Settings => {
    const settings = settingsOf(value, circumstances);
    return value.kind === "air" ? asProgram.read(settings) : settings;
  };
  const relearned = (): void => followed?.demand(new Map([["", { demand: asking("rebuild", [""]), empty: false }]]));
  return {
    settings() {
      const { value } = live.store.current;
      if (known?.value !== value) known = { value, settings: read(value) };
      return known.settings;
    },
    trees() {
      current ??= treesOf(loaded);
      return current;
    },
    guarded: () => guardedBy(live.store.current.value),
    guards,
    root: () => live.store.current.value.root,
    follow(own) {
      followed = own;
      if (isLearned) relearned();
      // Without a file there is nothing that could be edited.
      if (loaded.file !== undefined || loaded.envFiles.length > 0) live.follow();
    },
    check: live.check,
    version: () => live.store.current.number,
    async rollback(number) {
      if (!live.store.versions.some((one) => one.number === number)) return false;
      const { is } = await live.store.rollback(number);
      return is === "applied" || is === "unchanged";
    },
    hear(moment) {
      const text = live.store.current.value.kind === "air" ? asProgram.learn(moment) : undefined;
      if (text === undefined) return;
      note({ type: "said", text });
      known = undefined;
      isLearned = true;
      relearned();
    },
    close: live.close,
  };
}

function tellNews(news: ConfigNews, note: (note: Note) => void, demand: (changes: Changes) => void): void {
  const { version } = news;
  switch (news.is) {
    case "applied": {
      note({ type: "configured", is: "applied", version, keys: news.edit.changed, summary: news.edit.summary });
      say(news, note);
      const { added, services } = news.edit;
      const changes = new Map<Service, ServiceChanges>();
      for (const [service, touches] of services) {
        const verdict = verdictOf(touches);
        // The nameless path is the start itself, with all that is carried out there.
        const paths = touches.has("rules") ? ["", ...news.sources] : news.sources;
        if (verdict !== "ignore") changes.set(service, { demand: asking(verdict, paths), empty: false });
      }
      // For one that is new, all is owed: also what is carried out at the start.
      for (const service of added)
        changes.set(service, { demand: asking("rebuild", ["", ...news.sources]), empty: false });
      // Also where nothing is touched: one that has waited for another may wait for it no more.
      demand(changes);
      return;
    }
    case "noted":
      say(news, note);
      return;
    case "refused":
    case "gone":
      for (const problem of news.problems) note({ type: "warned", problem });
      note({ type: "configured", is: news.is, version, keys: [], summary: "" });
      return;
    case "restored":
      note({ type: "configured", is: "restored", version, keys: [], summary: "" });
  }
}

function say({ warnings, notes }: Remarks, note: (note: Note) => void): void {
  for (const problem of warnings) note({ type: "warned", problem });
  for (const text of notes) note({ type: "said", text });
}

function verdictOf(touches: ReadonlySet<Touch>): Verdict {
  if (touches.has("rebuild")) return "rebuild";
  return touches.has("restart") ? "restart" : "ignore";
}
