/** Globals that are there once the program runs, and that no package sets by being loaded: which packages ask for one while they are. */

export interface WatchedGlobals {
  /** Takes them away again. @returns name → who asked for it */
  end(): Readonly<Record<string, readonly string[]>>;
}

/** @param added as `look` names them @param loading whoever is being loaded at the moment */
export function watchGlobals(added: readonly string[], loading: () => readonly string[]): WatchedGlobals {
  const readers = new Map<string, Set<string>>();
  const getters = new Map<string, () => void>();
  for (const name of added) {
    if (/^Symbol\(/.test(name) || Reflect.has(globalThis, name)) continue;
    const told = new Set<string>();
    readers.set(name, told);
    const get = (): void => {
      for (const each of loading()) told.add(each);
    };
    getters.set(name, get);
    Reflect.defineProperty(globalThis, name, {
      configurable: true,
      get,
      set: (value) => {
        // A package sets it by being loaded, in the standby as well.
        readers.delete(name);
        Reflect.defineProperty(globalThis, name, { configurable: true, enumerable: true, writable: true, value });
      },
    });
  }
  return {
    end() {
      // One that was defined instead of set is another property by now, and may be asked for by a function as well.
      for (const name of [...readers.keys()])
        if (Reflect.getOwnPropertyDescriptor(globalThis, name)?.get !== getters.get(name)) readers.delete(name);
        else Reflect.deleteProperty(globalThis, name);
      return Object.fromEntries([...readers].map(([name, told]) => [name, [...told]]));
    },
  };
}
