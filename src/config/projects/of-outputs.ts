/** What a watcher beside a compiler was told to look at is what the compiler writes; here its sources count. */
import type { FoundSetting } from "./scripts/program.ts";

/** Where sources may lie as well, `lib` and `bin` are none of these. */
const surely = /^(?:dist|build|out|output|compiled|\.output|tsc-out)\d*(?:\/|$)/;
const typescript = /\*$|ts\b|tsx\b/;

/**
 * `tsc -w & nodemon -w dist -e js dist/index.js`: a save in `src` reaches that program by way of the compiler.
 * @param outputs as patterns, `/dist`
 * @param kinds what counts in such a project
 */
export function ofSources(
  settings: readonly FoundSetting[],
  outputs: readonly string[],
  kinds: readonly string[],
): readonly FoundSetting[] {
  if (outputs.length === 0) return settings;
  const plain = (path: unknown): string => String(path).replace(/^(?:\.?\/)+/, "");
  const isMade = (path: unknown): boolean =>
    surely.test(plain(path)) || outputs.some((output) => `${plain(path)}/`.startsWith(`${output.slice(1)}/`));
  return settings.flatMap((setting): FoundSetting[] => {
    const { name, raw } = setting;
    if (!Array.isArray(raw)) return [setting];
    if (name === "watch.include_dirs") return raw.some(isMade) ? [] : [setting];
    if (name === "watch.exclude_dirs") return [{ name, raw: raw.filter((path) => !/^\/?src\/?$/.test(path)) }];
    if (name !== "watch.include_files") return [setting];
    const left = raw.filter((pattern) => !isMade(pattern));
    const isForSources = left.some((pattern) => typescript.test(pattern));
    return [{ name, raw: isForSources ? left : [...new Set([...kinds, ...left])] }];
  });
}
