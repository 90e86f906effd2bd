/** Programs that no table knows and that start a watcher: `varlock run -- tsx watch a.ts`, `./with-env.sh nodemon a.js`. */
import { around } from "./around.ts";
import { mapProgram, type ScriptReading } from "./program.ts";
import type { Word } from "./shell.ts";

/** What they run is not on this machine, or is code of their own. */
const elsewhere =
  /^(?:docker|podman|kubectl|ssh|vagrant|lando|ddev|sudo|node|nodejs|tsx|ts-node|bun|deno|python\d?|ruby|php)$/;

/** `undefined`: nothing in its words watches, as far as they tell. */
export function behindUnknown(
  words: readonly Word[],
  read: (words: readonly Word[]) => ScriptReading,
): ScriptReading | undefined {
  if (elsewhere.test(words[0]?.text ?? "")) return undefined;
  for (let at = 1; at < words.length; at += 1) {
    const before = words[at - 1]?.raw ?? "";
    // The value of an option is no program, and a word of this one is no builtin of a shell: `direnv exec . nodemon a.js`.
    if (/^(?:exec|command)$/.test(words[at]?.raw ?? "")) continue;
    if (/^-/.test(words[at]?.raw ?? "") || (/^--?[^=]+$/.test(before) && before !== "--")) continue;
    const reading = read(words.slice(at));
    if (reading.is === "self-watching") return reading;
    if (reading.is !== "program" || reading.program.watcher === undefined) continue;
    return mapProgram(reading, (program) => around(program, { front: words.slice(0, at) }));
  }
  return undefined;
}
