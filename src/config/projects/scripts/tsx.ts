/** tsx as an import of Node rather than as a program: one process less between `reload` and the program, with the same words in it. */
import type { Package } from "./package.ts";
import { hasModule } from "./package.ts";
import { type Word, word } from "./shell.ts";

export interface TsxStart {
  readonly words: readonly Word[];
  readonly env?: Readonly<Record<string, string>>;
}

/** @param options those of tsx itself that were taken away, with their values */
export function runByTsx(
  words: readonly Word[],
  options: ReadonlyMap<string, readonly string[]>,
  { directory }: Package,
): TsxStart {
  const config = options.get("--tsconfig")?.[0];
  const env = {
    ...(config === undefined ? {} : { TSX_TSCONFIG_PATH: config }),
    ...(options.has("--no-cache") ? { TSX_DISABLE_CACHE: "1" } : {}),
  };
  const more = Object.keys(env).length === 0 ? {} : { env };
  // Node resolves it from the working directory.
  const start = hasModule(directory, "tsx") ? [word("node"), word("--import"), word("tsx")] : [word("tsx")];
  return { words: [...start, ...words], ...more };
}
