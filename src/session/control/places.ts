/** Places in files that compilers and interpreters name in what they print, as editors find them. */
import { stripVTControlCharacters } from "node:util";
import { faultsIn } from "./traces.ts";

export interface ErrorPlace {
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly message: string;
}

const mostPlaces = 20;

const forms: readonly ((line: string, before: string, after: string) => ErrorPlace | undefined)[] = [
  // Rust: `  --> src/main.rs:3:5`, behind the line with the message.
  (line, before) => {
    const found = /^\s*--> (.+?):(\d+):(\d+)$/.exec(line);
    return found === null ? undefined : place(found[1], found[2], found[3], before);
  },
  // A panic of Rust: `thread 'main' panicked at src/main.rs:2:5:`, and what is wrong in the line behind it.
  (line, _, after) => {
    const found = /^thread '.*' (?:\(\d+\) )?panicked at (.+?):(\d+):(\d+):$/.exec(line);
    return found === null ? undefined : place(found[1], found[2], found[3], after);
  },
  // TypeScript without colours: `src/a.ts(12,5): error TS2322: …`
  (line) => {
    const found = /^(\S[^()]*)\((\d+),(\d+)\): (?:error|fatal error) ?(.*)$/.exec(line);
    return found === null ? undefined : place(found[1], found[2], found[3], found[4]);
  },
  // Go, C, esbuild, TypeScript with colours and most others: `main.go:12:5: undefined: x`
  (line) => {
    const found =
      /^(?!\s*at )\s*(?:[✘✖×] ?)?((?:\.{0,2}\/|[A-Za-z]:[\\/])?[\w@.+~ -][\w@.+~\\/ -]*\.\w+):(\d+)(?::(\d+))?(?::| -)\s*(.*)$/.exec(
        line,
      );
    return found === null ? undefined : place(found[1], found[2], found[3], found[4]);
  },
];

const place = (file = "", line = "", column: string | undefined, message = ""): ErrorPlace => ({
  file,
  line: Number(line),
  column: column === undefined ? null : Number(column),
  message: message.trim(),
});

/** The first of them, each once. */
export function placesIn(output: string): readonly ErrorPlace[] {
  const found = new Map<string, ErrorPlace>();
  const lines = stripVTControlCharacters(output).split(/\r?\n/);
  let before = "";
  for (const [index, line] of lines.entries()) {
    for (const form of forms) {
      const at = form(line, before, lines[index + 1] ?? "");
      if (at === undefined) continue;
      const key = `${at.file}:${at.line}:${at.column}`;
      if (!found.has(key)) found.set(key, at);
      break;
    }
    if (found.size >= mostPlaces) break;
    if (line.trim() !== "") before = line.trim();
  }
  return [...found.values(), ...faultsIn(lines)].slice(0, mostPlaces);
}

/** `main.go:12:5: undefined: x`, of the first that says what is wrong. */
export function headline(places: readonly ErrorPlace[]): string | undefined {
  const first = places.find(({ message }) => message !== "");
  if (first === undefined) return undefined;
  return `${[first.file, first.line, first.column].filter((part) => part !== null).join(":")}: ${first.message}`;
}
