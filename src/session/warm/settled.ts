/** What is set in a process as a whole has been set by whoever was last: a run that was let in is held against a cold one. */
import type { SetInProcess } from "../../gate/order.ts";

type Moments = Readonly<Record<string, SetInProcess>>;

export interface Settled {
  /** What is set in another way in runs that are let in, whatever the program says. */
  readonly never: string | undefined;
  /** @returns why a run that was let in may not be what a cold one would be; `undefined`: nothing speaks for it */
  add(moments: Moments, isWarm: boolean): string | undefined;
}

interface Doubt {
  readonly moment: string;
  readonly name: string;
  readonly warm: string | undefined;
}

export function createSettled(): Settled {
  let cold: Moments = {};
  let doubt: Doubt | undefined;
  let never: string | undefined;
  /** What is never the same for two cold runs. */
  const fickle = new Set<string>();

  const differing = (moments: Moments): Doubt | undefined => {
    const moment = Object.keys(moments).findLast((each) => cold[each] !== undefined);
    if (moment === undefined) return undefined;
    const [before, now] = [cold[moment] ?? {}, moments[moment] ?? {}];
    // What only this one has may come from a package that is loaded later in a cold run.
    const name = Object.keys(before).find((each) => !fickle.has(each) && !isSame(each, before[each], now[each]));
    return name === undefined ? undefined : { moment, name, warm: now[name] };
  };

  return {
    get never() {
      return never;
    },
    add(moments, isWarm) {
      if (isWarm) {
        doubt = differing(moments);
        return doubt === undefined ? undefined : `${doubt.name} is not as in a cold run`;
      }
      if (doubt !== undefined) {
        const { moment, name, warm } = doubt;
        const now = moments[moment]?.[name];
        if (now === cold[moment]?.[name]) never = `${name} depends on the order in which packages are loaded`;
        // Otherwise the edit has changed it, or it is another one each time.
        else if (now !== warm) fickle.add(name);
      }
      doubt = undefined;
      cold = moments;
      return undefined;
    },
  };
}

function isSame(name: string, cold: string | undefined, warm: string | undefined): boolean {
  if (cold === warm) return true;
  if (name !== "which warnings are shown" || cold === undefined || warm === undefined) return false;
  const [before, now] = [filtersOf(cold), filtersOf(warm)];
  return before.every(
    (each, at) =>
      now.includes(each) &&
      before.slice(at + 1).every((other) => !areBound(each, other) || now.indexOf(each) < now.indexOf(other)),
  );
}

const filtersOf = (text: string): string[] => {
  const filters: unknown = JSON.parse(text);
  return Array.isArray(filters) ? filters.map(String) : [];
};

/** Which of them comes first counts: they do another thing, for the same warnings. Those of packages are for their own. */
function areBound(one: string, other: string): boolean {
  const [action, category] = [one.split(" ")[0], categoryOf(one)];
  if (action === other.split(" ")[0]) return false;
  return category === categoryOf(other) || isForAll(one) || isForAll(other);
}

const categoryOf = (filter: string): string | undefined => /'([\w.]+)', [^']*\)$/.exec(filter)?.[1];
const isForAll = (filter: string): boolean => /^\w+ \(None, 'builtins\.\w+', None, 0\)$/.test(filter);
