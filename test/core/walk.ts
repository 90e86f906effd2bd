/** A walk through every state that a machine can get into, whatever the machines beside it do. */

export interface Move<S> {
  /** What happens, as the diagram names it. */
  readonly by: string;
  /** Throws where a promise is broken. */
  readonly to: () => S;
}

export interface Walk {
  /** So many states that behave differently from here on. */
  readonly outlines: number;
  /** `resting|changed|settling`: from, by what, to. */
  readonly edges: ReadonlySet<string>;
}

export interface Walked<S> {
  readonly first: readonly S[];
  moves(state: S): readonly Move<S>[];
  /** Two states that look alike here behave alike from here on: without clocks and numbers. */
  outline(state: S): string;
  /** As the diagram names it. */
  label(state: S): string;
}

export function walk<S>({ first, moves, outline, label }: Walked<S>): Walk {
  const seen = new Set(first.map(outline));
  const open = [...first];
  const edges = new Set<string>();
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    for (const { by, to } of moves(state)) {
      const next = to();
      edges.add(`${label(state)}|${by}|${label(next)}`);
      const key = outline(next);
      if (seen.has(key)) continue;
      seen.add(key);
      open.push(next);
    }
    if (seen.size > 50_000) throw new Error("more states than expected");
  }
  return { outlines: seen.size, edges };
}

export function promise(isKept: boolean, what: string, ...about: readonly unknown[]): void {
  if (!isKept)
    throw new Error(`${what}: ${JSON.stringify(about, (_, value) => (value instanceof Map ? [...value] : value))}`);
}
