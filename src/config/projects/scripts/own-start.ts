/** A bundler whose own configuration starts the program: `onSuccess: "node dist/index.js"` in tsup.config.ts. */
import { textOf } from "../project.ts";

const endings = ["ts", "mts", "cts", "js", "mjs", "cjs", "json"];

function configOf(directory: string, bundler: string): string {
  const texts = endings.map((ending) => textOf(directory, `${bundler}.config.${ending}`));
  return texts.find((text) => text !== undefined)?.replaceAll(/^\s*\/\/.*$/gm, "") ?? "";
}

/** Where it stands there as a text; `undefined`: nothing is started, or in a way that only the configuration knows. */
export function ownStart(directory: string, bundler: string): string | undefined {
  const [, , line] = /\bonSuccess["']?\s*:\s*(["'`])([^"'`$]+)\1\s*[,}\n]/.exec(configOf(directory, bundler)) ?? [];
  return line !== undefined && /^(?:\w+=\S* +)*(?:node|tsx|npm|pnpm|yarn|bun|npx|cross-env)\b/.test(line)
    ? line
    : undefined;
}

/** Something is started by code there. */
export const startsByCode = (directory: string, bundler: string): boolean =>
  ownStart(directory, bundler) === undefined &&
  /\bonSuccess\b[\s\S]{0,300}\b(?:spawn|exec|execa|fork|node [\w./-]+\.[mc]?js)\b/.test(configOf(directory, bundler));

/** A build that does not start what is started beside it. */
export function withoutOwnStart(line: string, directory: string): string {
  const [bundler = ""] = line.split(" ");
  const isOne = /^(?:tsup|tsdown)$/.test(bundler) && !/[|&;]|--on-?[sS]uccess/.test(line);
  return isOne && ownStart(directory, bundler) !== undefined ? `${line} --on-success true` : line;
}
