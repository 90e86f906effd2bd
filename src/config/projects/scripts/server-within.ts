/** Servers of the project's own, inside of which Vite or Next takes changes of pages over: to start them again for each is slower. */
import { textOf } from "../project.ts";
import type { Program, ScriptReading } from "./program.ts";

/** What its people start anew for every file stays so, and what they watch apart. */
export function withServers(reading: ScriptReading): ScriptReading {
  if (reading.is === "several")
    return { ...reading, parts: reading.parts.map((part) => ({ ...part, reading: withServers(part.reading) })) };
  if (reading.is !== "program") return reading;
  const { watcher, settings } = reading.program;
  const isLimited = settings.some(({ name }) => name.startsWith("watch."));
  const followsImports = watcher === undefined || /^(?:tsx|node|bun) (?:--)?watch$/.test(watcher);
  const name = followsImports && !isLimited ? serverWithin(reading.program) : undefined;
  return name === undefined ? reading : { is: "self-watching", name };
}

function serverWithin({ words, directory }: Program): string | undefined {
  const file = words.map(({ text }) => text ?? "").find((text) => /\.[mc]?[jt]sx?$/.test(text));
  const text = file === undefined ? "" : (textOf(directory, file) ?? "");
  if (/\bmiddlewareMode\b/.test(text) && /["']vite["']/.test(text)) return `Vite in ${file}`;
  return /\bnext\(\s*\{[^}]*\bdev\b/.test(text) && /["']next["']/.test(text) ? `Next in ${file}` : undefined;
}
