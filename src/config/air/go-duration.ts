/** Durations as Go's `time.ParseDuration` reads them. */

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

/** In milliseconds, with fractions; `undefined` if it is none: a number without a unit is only one if it is 0. */
export function goDurationMs(text: string): number | undefined {
  const signed = /^([-+]?)(.+)$/.exec(text);
  if (signed === null) return undefined;
  const [, sign, rest = ""] = signed;
  if (rest === "0") return 0;
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(rest)) return undefined;
  let ms = 0;
  for (const [, count, unit = ""] of rest.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g))
    ms += Number(count) * (unitMs[unit] ?? 0);
  return sign === "-" ? -ms : ms;
}

/** air's `kill_delay`: an integer is milliseconds below 1,000,000 and nanoseconds from there on. Whole milliseconds, never below 0. */
export function killDelayMs(value: unknown): number {
  if (typeof value === "string") return Math.max(0, Math.ceil(goDurationMs(value) ?? 0));
  if (typeof value !== "number") return 0;
  return Math.max(0, value < 1_000_000 ? value : Math.ceil(value / 1_000_000));
}
