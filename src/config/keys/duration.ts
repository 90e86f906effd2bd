/** Durations as users write them: `"500ms"`, `"2s"`, `"1m30s"`, or a whole number of milliseconds. */

/** What a timer of Node can count to; more would fire at once. */
export const longestMs = 2 ** 31 - 1;

const written = /^(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/;

/** In milliseconds; `undefined` if it is not a duration. It may be longer than `longestMs`. */
export function durationMs(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isInteger(value) && value >= 0 ? value : undefined;
  if (typeof value !== "string" || value === "") return undefined;
  const parts = written.exec(value);
  if (parts === null) return undefined;
  const [hours, minutes, seconds, milliseconds] = parts.slice(1).map((part) => Number(part ?? 0));
  return Math.round((((hours ?? 0) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1_000 + (milliseconds ?? 0));
}

/** The other way round, for what was never written: `1500` becomes `1s500ms`. */
export function durationText(ms: number): string {
  const parts = [
    [Math.floor(ms / 3_600_000), "h"],
    [Math.floor((ms % 3_600_000) / 60_000), "m"],
    [Math.floor((ms % 60_000) / 1_000), "s"],
    [ms % 1_000, "ms"],
  ] as const;
  const text = parts.flatMap(([count, unit]) => (count === 0 ? [] : [`${count}${unit}`])).join("");
  return text === "" ? "0s" : text;
}
