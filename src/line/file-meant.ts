/** A file, or a directory, in the place of a program: `nodemon app.js` and `nodemon .` work elsewhere. */

const programs: Readonly<Record<string, string>> = {
  node: "js mjs cjs",
  tsx: "ts mts cts tsx jsx",
  python3: "py",
  "go run": "go",
  ruby: "rb",
  php: "php",
  perl: "pl",
  sh: "sh",
};

const programOf = new Map(
  Object.entries(programs).flatMap(([program, endings]) => endings.split(" ").map((ending) => [ending, program])),
);

/** What to write for a file that is there and no program, by its ending. */
export function fileMeant([word = "", ...rest]: readonly string[]): string | undefined {
  const program = programOf.get(/\.(\w+)$/.exec(word)?.[1] ?? "");
  return program === undefined ? undefined : `reload ${[program, word, ...rest].join(" ")}`;
}

export const directoryMeant = (word: string): string =>
  `${word} is a directory: reload -C ${word} works there, reload -w ${word} watches it`;
