/** The configuration while `reload` runs: its files are watched, a valid edit is taken as one step, an invalid one changes nothing. */
import { reasonOf } from "../../core/errors.ts";
import type { Problem } from "../../core/problem.ts";
import { checkBuiltCwd } from "../check/checks.ts";
import { nameOf } from "../layers/discover.ts";
import { type ConfigRequest, type LoadedConfig, load } from "../layers/load.ts";
import { type Read, readText } from "../text/source.ts";
import { type ConfigEdit, comparable, describeEdit } from "./edits.ts";
import { createStore, type Edit, type Prepared, type ReadSource, type Store } from "./store.ts";
import { type FileWatch, watchFiles } from "./watch-files.ts";

/** What there is to say of a version that was not said of the one before. */
export interface Remarks {
  readonly warnings: readonly Problem[];
  readonly notes: readonly string[];
}

/** What became of an edit. `version` is the one in force. */
export type ConfigNews =
  | ({
      readonly is: "applied";
      readonly version: number;
      readonly loaded: LoadedConfig;
      readonly edit: ConfigEdit;
      /** The files whose texts differ, as the user would name them. */
      readonly sources: readonly string[];
    } & Remarks)
  /** Nothing is different, but for what there is to say. */
  | ({ readonly is: "noted"; readonly version: number } & Remarks)
  | { readonly is: "refused"; readonly version: number; readonly problems: readonly Problem[] }
  /** The file is gone; what it said stays in force. */
  | { readonly is: "gone"; readonly version: number; readonly problems: readonly Problem[] }
  /** What was wrong is mended, and nothing is different from what is in force. */
  | { readonly is: "restored"; readonly version: number };

export interface LiveConfigParts {
  readonly request: ConfigRequest;
  /** The first version. */
  readonly loaded: LoadedConfig;
  tell(news: ConfigNews): void;
  /** Makes what an edit needs (a watcher), or says why it cannot be had: then the edit is refused. */
  prepare?(edit: Edit<LoadedConfig>): Promise<Prepared<Problem>>;
  /** Edits are not read now; `check` reads them all the same. */
  isHeld?(): boolean;
  /** For tests. */
  readonly restMs?: number;
  readonly pollMs?: number;
  readonly rereadAfterMs?: number;
}

/** The one place where the configuration in force is kept. */
export interface KeptConfig {
  readonly store: Store<LoadedConfig, Problem>;
  /** From now on the files are watched, and their edits taken. */
  follow(): void;
  /** Reads them now; what an edit touches has been told when it resolves. */
  check(): Promise<void>;
  close(): void;
}

export function keepConfig(parts: LiveConfigParts): KeptConfig {
  const { request, loaded } = parts;
  const reads = new Map<string, Read>();
  let files = loaded.files;
  const unsaid = remarksAfter(loaded);
  const readBy = (readSource: ReadSource, path: string): Read => {
    const text = readSource(path);
    const found: Read = text === undefined ? (reads.get(path) ?? { is: "missing" }) : { is: "text", text };
    return found.is === "unreadable" ? withLast(found, store.current.value.reads.get(path)) : found;
  };

  const store = createStore<LoadedConfig, Problem>(
    {
      readSource(path) {
        const read = readText(path);
        reads.set(path, read);
        return read.is === "text" ? read.text : undefined;
      },
      async load(readSource) {
        const read = (path: string): Read => readBy(readSource, path);
        const next = await load(request, { read, ...(loaded.file === undefined ? {} : { pinned: loaded.file }) });
        files = next.files;
        if (next.ok) return { is: "good", value: next };
        return next.isGone
          ? { is: "gone", faults: next.problems }
          : { is: "bad", faults: next.problems, isPartial: next.isPartial };
      },
      // What stays in force goes on following its env files: the other texts are those that it comes from.
      async renew(current, readSource) {
        if (current.envFiles.length === 0) return undefined;
        const read = (path: string): Read =>
          current.envFiles.includes(path) ? readBy(readSource, path) : (current.reads.get(path) ?? { is: "missing" });
        const next = await load(request, { read, pinned: current.file ?? "none" });
        files = [...new Set([...files, ...next.files])];
        return next.ok ? next : undefined;
      },
      keys: comparable,
      prepare: parts.prepare === undefined ? [cwdIsThere] : [cwdIsThere, parts.prepare],
      faultOf: (error) => ({
        code: "config/unreadable",
        severity: "error",
        origin: "reload",
        message: reasonOf(error),
      }),
      ...(parts.rereadAfterMs === undefined ? {} : { rereadAfterMs: parts.rereadAfterMs }),
    },
    loaded,
  );

  store.subscribe((outcome) => {
    const version = store.current.number;
    switch (outcome.is) {
      case "unchanged":
        return;
      case "applied": {
        const { before, after, changed } = outcome.edit;
        const edit = describeEdit(before.value, after.value, changed);
        const sources = sourcesOf(before.value, after.value, request.cwd);
        parts.tell({ is: "applied", version, loaded: after.value, edit, sources, ...unsaid(after.value) });
        return;
      }
      case "restored":
        parts.tell({ is: "restored", version });
        return;
      default:
        parts.tell({ is: outcome.is, version, problems: outcome.faults });
    }
  });

  let watch: FileWatch | undefined;
  const look = async (): Promise<void> => {
    const looked = store.check().then(() => {
      watch?.aim(files);
      const remarks = unsaid(store.current.value);
      if (remarks.warnings.length > 0 || remarks.notes.length > 0)
        parts.tell({ is: "noted", version: store.current.number, ...remarks });
    });
    await looked.catch((error) => {
      const message = `the configuration cannot be read again: ${reasonOf(error)}`;
      parts.tell({
        is: "refused",
        version: store.current.number,
        problems: [{ code: "config/unreadable", severity: "error", origin: "reload", message }],
      });
    });
  };
  return {
    store,
    follow() {
      watch ??= watchFiles(files, () => void (parts.isHeld?.() === true || look()), {
        ...(parts.restMs === undefined ? {} : { restMs: parts.restMs }),
        ...(parts.pollMs === undefined ? {} : { pollMs: parts.pollMs }),
      });
      // What was edited between the first reading and now; and from here on it is known what the files held.
      void look();
    },
    check: look,
    close: () => watch?.close(),
  };
}

/** Without a build there is nobody who would still make it, and the process that runs would be ended for one that cannot start. */
async function cwdIsThere({ before, after, changed }: Edit<LoadedConfig>): Promise<Prepared<Problem>> {
  const { services } = describeEdit(before.value, after.value, changed);
  const wrong = [...after.value.services.values()].flatMap(({ name, config, ground, effectives }) => {
    const earlier = before.value.services.get(name)?.config.proc.cwd;
    const isMoved = earlier !== config.proc.cwd && services.get(name)?.has("rebuild") === false;
    return isMoved ? checkBuiltCwd(config, ground.commandDirectory).map((fault) => ({ fault, effectives })) : [];
  });
  if (wrong.length === 0) return { ok: true, commit() {}, abandon() {} };
  const { problemOfKey: problemOf } = await import("../check/complain.ts");
  return { ok: false, faults: await Promise.all(wrong.map(({ effectives, fault }) => problemOf(effectives, fault))) };
}

/** A file that is read for the first time is not a cause, but for the configuration itself: what names it is the one. */
function sourcesOf(before: LoadedConfig, after: LoadedConfig, cwd: string): string[] {
  const isOther = ([path, read]: [string, Read]): boolean => {
    const earlier = before.reads.get(path);
    return earlier === undefined ? path === after.file?.path : JSON.stringify(earlier) !== JSON.stringify(read);
  };
  const edited = [...after.reads].filter(isOther).map(([path]) => path);
  // Without any, the configuration is gone, and the project is one that is found by itself.
  if (edited.length === 0 && before.file !== undefined) return [before.file.name];
  return edited.map((path) => (path === after.file?.path ? after.file.name : nameOf(cwd, path)));
}

/** Of each version what the one before did not say; of the first one all is said. */
function remarksAfter(first: LoadedConfig): (next: LoadedConfig) => Remarks {
  let said = first;
  // Not its line: others may have come above it.
  const same = (a: Problem, b: Problem): boolean =>
    a.message === b.message && a.origin === b.origin && a.place?.file === b.place?.file;
  return (next) => {
    const { warnings, notes } = said;
    said = next;
    return {
      warnings: next.warnings.filter((warning) => !warnings.some((earlier) => same(earlier, warning))),
      notes: next.notes.filter((each) => !notes.includes(each)),
    };
  };
}

/** What holds as long as it cannot be read again. */
function withLast(read: Extract<Read, { is: "unreadable" }>, before: Read | undefined): Read {
  const last = before?.is === "text" ? before.text : before?.is === "unreadable" ? before.last : undefined;
  return last === undefined ? read : { ...read, last };
}
