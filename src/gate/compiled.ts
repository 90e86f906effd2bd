/** What V8 makes of the user's own code is kept between runs, where Node does that by itself when it is asked. */
import Module from "node:module";

const call = (name: string, ...args: readonly string[]): void => {
  const method: unknown = Reflect.get(Module, name);
  if (typeof method === "function") Reflect.apply(method, Module, args);
};

/** Where the user has chosen a place, or wants none, that holds. */
export const useCompiled = (directory: string): void => call("enableCompileCache", directory);

/** Node writes it at the end of a process, which one that is killed does not have. */
export const writeCompiled = (): void => call("flushCompileCache");
