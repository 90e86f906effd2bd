/** What pages take over without a new run: style sheets and images. */
import type { Judgement, Matcher } from "../core/demand.ts";
import type { Glob } from "./glob.ts";
import { includesAny } from "./globs.ts";
import type { PatternRoot } from "./roots.ts";

const pattern = /\.(?:css|png|jpe?g|gif|svg|webp|avif|ico|bmp)$/i;

export const isStyle = (path: string): boolean => pattern.test(path);

/** Those that are asked for by name in `include_files` mean more than a look of pages: whoever embeds them says so. */
export function styles(globs: readonly Glob[], roots: readonly PatternRoot[]): Matcher {
  const isWithin = includesAny([], roots);
  const isNamed = globs.length === 0 ? undefined : includesAny(globs, roots);
  const because = { pattern: "*.css, images", source: "[proxy] live_reload" };
  const refresh: Judgement = { verdict: "refresh", because };
  return {
    name: "live_reload",
    judge(change) {
      if (!isStyle(change.path)) return undefined;
      if (isWithin.judge(change)?.verdict === "ignore") return undefined;
      if (isNamed !== undefined && globs.some((glob) => !glob.isNegative)) {
        if (isNamed.judge(change)?.verdict !== "ignore") return undefined;
      }
      // What was taken back by name stays away.
      const name = change.path.slice(change.path.lastIndexOf("/") + 1);
      return globs.some((glob) => glob.isNegative && glob.matches(change.path, name)) ? undefined : refresh;
    },
  };
}
