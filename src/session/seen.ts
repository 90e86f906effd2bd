/** A tree as one service looks at it: what is common to all who put such views together. */
import { relative } from "node:path";
import type { View } from "../adapters/watch/watch.ts";
import { realAsFarAs } from "../config/check/checks.ts";
import type { ServiceRule } from "../config/layers/service-config.ts";
import { chainOf } from "../config/store/watch-files.ts";
import type { Matcher } from "../core/demand.ts";
import type { WrittenRule } from "../matchers/assemble.ts";
import type { WatchRoot } from "./roots.ts";
import { ruleId } from "./rule-id.ts";

/** A tree as one of those looks at it who want to know of it. */
export interface SeenTree {
  readonly root: WatchRoot;
  readonly view: View;
  /** As in `Tree`. */
  readonly named: readonly string[];
  readonly followSymlinks: boolean;
  readonly ignoreUnchanged: boolean;
}

/** Its patterns begin in another directory than those of the service. */
export const isAbove = ({ ground }: ServiceRule, root: string): boolean => ground.root !== root;

/** Those whose files are read before others do, by the path that the rule names. */
export function readBy(rules: readonly ServiceRule[]): Pick<View, "followedBy"> {
  const reading = rules.filter(({ rule }) => rule.schema !== undefined).map(ruleId);
  return reading.length === 0 ? {} : { followedBy: new Set(reading) };
}

export function writtenRule(one: ServiceRule, root: string): WrittenRule {
  const { rule, ground } = one;
  return {
    name: rule.name,
    id: ruleId(one),
    match: isAbove(one, root) ? rule.match.map((pattern) => fromThere(pattern, ground.root)) : rule.match,
    verdict: rule.do,
    except: rule.except?.map((pattern) => new RegExp(pattern)),
    isCarriedOut: rule.run.length > 0 || rule.do === "signal" || rule.schema !== undefined,
  };
}

/** A pattern of one directory, so that it means the same in every other one: with the way to it, unless it holds at any depth. */
function fromThere(pattern: string, directory: string): string {
  const sign = pattern.startsWith("!") ? "!" : "";
  const body = pattern.slice(sign.length);
  const isOfAnyDepth = !body.replace(/\/$/, "").includes("/") || body.startsWith("**/") || body.startsWith("/");
  return isOfAnyDepth ? pattern : `${sign}${slashed(directory)}/${body.replace(/^\.\//, "")}`;
}

/**
 * The files of the configuration are read by whoever reads configurations: their edits are not changes of the sources. Nor are those of
 * what they are links to.
 */
export function configuration(base: string, files: readonly string[]): Matcher {
  const chain = files.flatMap(chainOf);
  const own = new Set([base, realAsFarAs(base)].flatMap((at) => chain.map((file) => slashed(relative(at, file)))));
  return {
    name: "configuration",
    judge: ({ path }) =>
      own.has(path) ? { verdict: "ignore", because: { pattern: path, source: "the configuration itself" } } : undefined,
  };
}

export const slashed = (path: string): string => (process.platform === "win32" ? path.replaceAll("\\", "/") : path);
