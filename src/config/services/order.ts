/** Which services there are to run, those first that others are `after`. */

interface Ordered {
  readonly after: readonly string[];
}

/** Those that are named with all that they are `after`, or all where nobody is named; in an order in which each comes after what it is `after`. */
export function picked<S extends Ordered>(services: ReadonlyMap<string, S>, only: readonly string[]): Map<string, S> {
  const found = new Map<string, S>();
  const under = new Set<string>();
  const take = (name: string): void => {
    const service = services.get(name);
    if (service === undefined || found.has(name) || under.has(name)) return;
    under.add(name);
    service.after.forEach(take);
    found.set(name, service);
  };
  (only.length === 0 ? [...services.keys()] : only).forEach(take);
  return found;
}

/** Names in a circle, the first of them not repeated: each is `after` the next. One circle for each beginning that leads into it. */
export function circles(services: ReadonlyMap<string, Ordered>): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const walk = (name: string, way: readonly string[]): void => {
    const at = way.indexOf(name);
    if (at >= 0) {
      found.push(way.slice(at));
      return;
    }
    if (done.has(name)) return;
    for (const next of services.get(name)?.after ?? []) walk(next, [...way, name]);
    done.add(name);
  };
  for (const name of services.keys()) walk(name, []);
  return found;
}
