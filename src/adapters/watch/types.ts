/** What the watcher is given and what it tells: its face to the rest of the program. */
import type { Stats } from "node:fs";
import type { Matcher } from "../../core/demand.ts";
import type { Problem } from "../../core/problem.ts";
import type { Changes } from "../../core/types.ts";
import type { SeenFile } from "../system/appended.ts";

/** How one of those who want to know of a tree looks at it. */
export interface WatchView {
  /** Who is told. */
  readonly owner: string;
  readonly matchers: readonly Matcher[];
  /** What these rules decide about is read by the path that they name: a link to a file is followed, also to one that is seen anyway. */
  readonly followedBy?: ReadonlySet<string>;
}

/** One root that is watched. */
export interface WatchedTree {
  /** Absolute directory, or a single file. It need not exist yet. */
  readonly base: string;
  /** Of each owner one: what none of them wants is not looked at. */
  readonly views: readonly WatchView[];
  /** Paths relative to the base that somebody has named: if they are links they are followed, as a base is; if they are not there it is said. */
  readonly named?: readonly string[];
  /** A path relative to the base, as the user sees it. `""` for a base that is a single file (its matchers are asked about its name). */
  readonly label: (path: string) => string;
  /** Where it is otherwise than for all. */
  readonly followSymlinks?: boolean;
  readonly ignoreUnchanged?: boolean;
}

export interface WatchOptions {
  readonly trees: readonly WatchedTree[];
  readonly followSymlinks: boolean;
  /** A file whose bytes did not change is not a change, once its content is known (see `idle`). */
  readonly ignoreUnchanged: boolean;
  /** `auto`: only where hints cannot be had. A number: always, every so many milliseconds. */
  readonly poll: "auto" | boolean | number;
  readonly backend: "auto" | "native" | "chokidar";
  /** Whether a file is an output of ours or of what we started: it calls for nothing. `path`: absolute; `was`: as it was seen before. Those of the first options hold for good. */
  readonly isOutput?: (stats: Stats, path: string, was: SeenFile | undefined) => boolean;
  /** Whether something is being made now: what it writes is known by its contents, so that more of them are read. Those of the first options hold for good. */
  readonly isMaking?: () => boolean;
  /** Absolute path of `.git`, for `busy`. */
  readonly gitDirectory?: string;
}

export type WatchFact =
  /** Differences that matter, judged, by owner. `isFirst`: not everything was looked at before, so that they may be older. */
  | { readonly type: "changed"; readonly changes: Changes; readonly isFirst: boolean }
  /** Everything was looked at once, and all watches are in place. */
  | {
      readonly type: "watching";
      readonly source: "native" | "chokidar" | "poll";
      readonly directories: number;
      readonly files: number;
      readonly elapsedMs: number;
    }
  /** Found at the first look: links that are not followed, with files behind them, outside of what is watched, that would count. */
  | { readonly type: "outward"; readonly links: readonly string[] }
  /** All contents that may be are known (idle time, after `idle`): from now on `ignoreUnchanged` holds for every file. */
  | { readonly type: "learned" }
  /** Written again with the same bytes. */
  | { readonly type: "unchanged"; readonly paths: readonly string[] }
  | { readonly type: "warned"; readonly problem: Problem };

export interface Look {
  /** By owner; without those who have none. */
  readonly changes: Changes;
  /** Git is in the middle of something, or there was more to look at than fits a moment (the rest will be told): better look again. */
  readonly busy: boolean;
  /** There was more to look at. */
  readonly isBehind: boolean;
}

export interface Watching {
  /** Looks now at everything hinted at since; what it returns is not told as well. Synchronous, about 15 ms at most. */
  look(): Look;
  /** Looks at everything anew, in slices; what differs has been told when it resolves. */
  lookAtAll(): Promise<void>;
  /** From now on, contents may be read in idle time. */
  idle(): void;
  /** New trees, matchers or sources, without losing a change: what is known of a file stays known. */
  aim(options: WatchOptions): void;
  close(): Promise<void>;
}
