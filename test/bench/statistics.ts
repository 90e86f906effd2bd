/** Medians and what lies around them: the machine is shared with itself, so a mean would tell about its other work. */

export interface Summary {
  readonly rounds: number;
  /** All in the unit of what was given. */
  readonly median: number;
  readonly p90: number;
  readonly least: number;
  readonly most: number;
}

/** The value below which this share (0–1) of the values lies, interpolated; NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const low = sorted[Math.floor(place)];
  const high = sorted[Math.ceil(place)];
  if (low === undefined || high === undefined) return Number.NaN;
  return low + (high - low) * (place - Math.floor(place));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Undefined of nothing. */
export function summary(values: readonly number[]): Summary | undefined {
  if (values.length === 0) return undefined;
  return {
    rounds: values.length,
    median: round(median(values)),
    p90: round(quantile(values, 0.9)),
    least: round(Math.min(...values)),
    most: round(Math.max(...values)),
  };
}

/** Three digits that mean something. */
export function round(value: number): number {
  return value === 0 || !Number.isFinite(value) ? value : Number(value.toPrecision(value >= 1000 ? 4 : 3));
}

/** The same things, beginning one further on in each round: whoever comes after a heavy neighbour is somebody else each time. */
export function inTurn<Thing>(things: readonly Thing[], turn: number): readonly Thing[] {
  const first = things.length === 0 ? 0 : turn % things.length;
  const rotated = [...things.slice(first), ...things.slice(0, first)];
  return Math.floor(turn / Math.max(1, things.length)) % 2 === 0 ? rotated : rotated.reverse();
}
