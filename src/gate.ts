/**
 * Runs in a process of the user's program before anything else of it, by `NODE_OPTIONS=--require`: it records what a run
 * loads, or holds the next one. Whatever goes wrong here, a run goes on as it would without it, and a program whose time has
 * not come ends.
 */
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { isMainThread } from "node:worker_threads";
import { useCompiled } from "./gate/compiled.ts";
import { hold, holdByImport } from "./gate/hold.ts";
import { type GateOrder, importKey, orderVariable } from "./gate/order.ts";
import { recordWhenAsked } from "./gate/record.ts";
import { tryAll, tryByImport } from "./gate/trial.ts";
import { keepWhatIsSaid } from "./gate/wrapper.ts";

let isAhead = false;
try {
  begin();
} catch {
  if (isAhead) process.kill(process.pid, "SIGKILL");
}

function begin(): void {
  const file = process.env[orderVariable];
  if (file === undefined || !isMainThread) return;
  const order: GateOrder = JSON.parse(readFileSync(file, "utf8"));
  const program = process.argv[1];
  if (program === undefined) return;
  if (!isProgram(program, order.main)) {
    if (order.mode === "hold") keepWhatIsSaid(realpathSync(program), order);
    return;
  }
  isAhead = order.mode !== "record";
  delete process.env[orderVariable];
  const { NODE_OPTIONS: options } = process.env;
  const own = withoutGate(options ?? "", order);
  if (own === undefined) delete process.env["NODE_OPTIONS"];
  else process.env["NODE_OPTIONS"] = own;
  const cache: unknown = Reflect.get(Module, "_cache");
  if (typeof cache === "object" && cache !== null)
    for (const own of Object.keys(cache)) Reflect.deleteProperty(cache, own);
  useCompiled(order.compiled);
  // As the program itself would ask.
  const require = createRequire(order.main);
  if (order.mode === "record") recordWhenAsked(require, order)();
  else if (order.loadedBy === "import") {
    // Called by the file that comes right after this one, and which alone can wait for an import.
    Reflect.set(globalThis, importKey, (order.mode === "hold" ? holdByImport : tryByImport)(require, order));
  } else if (order.mode === "hold") hold(require, order);
  else tryAll(require, order);
}

/** `NODE_OPTIONS` as it would be without us, also where something in front of the program has added to it. */
function withoutGate(options: string, { nodeOptions, ofGate }: GateOrder): string | undefined {
  const [before = "", after] = options.split(ofGate);
  if (after === undefined || `${before}${after}`.trim() === (nodeOptions ?? "").trim()) return nodeOptions;
  return [before, after]
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .join(" ");
}

/** `node dist/main` runs `dist/main.js`, and a directory what the `package.json` in it names. */
function isProgram(program: string, main: string): boolean {
  const stats = statSync(program, { throwIfNoEntry: false });
  if (stats === undefined) return existsSync(`${program}.js`) && realpathSync(`${program}.js`) === main;
  const real = realpathSync(program);
  return stats.isDirectory() ? main.startsWith(`${real}/`) : real === main;
}
