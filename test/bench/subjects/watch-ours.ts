/**
 * `node dist-of-this.js DIRECTORY [native|chokidar|poll]`: watches the directory and prints one JSON line when everything is in place
 * (`readyMs` from the call, `rssMb`, `watches` of the kernel), then one per change (`changed`, `atMs`), until its input ends.
 */
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { watch } from "../../../src/adapters/watch/watch.ts";
import { assemble } from "../../../src/matchers/assemble.ts";

const [directory = ".", backend = "auto"] = process.argv.slice(2);
const base = resolve(directory);
const startedMs = performance.now();
const { matchers } = assemble({
  base,
  includeFiles: [],
  excludeDirs: [],
  excludeFiles: [],
  excludeRegex: [],
  gitignore: true,
  named: [],
  restart: [],
});
const print = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const watching = watch(
  {
    trees: [{ base, views: [{ owner: "", matchers }], label: (path) => path }],
    followSymlinks: false,
    ignoreUnchanged: true,
    poll: backend === "poll" ? true : "auto",
    backend: backend === "native" || backend === "chokidar" ? backend : "auto",
  },
  (fact) => {
    if (fact.type === "watching") {
      const { directories, files, source } = fact;
      const readyMs = Math.round((performance.now() - startedMs) * 10) / 10;
      const rssMb = Math.round(process.memoryUsage.rss() / 1024 / 102.4) / 10;
      const cpu = process.cpuUsage();
      print({ readyMs, rssMb, watches: watches(), directories, files, source, cpuMs: (cpu.user + cpu.system) / 1000 });
    } else if (fact.type === "changed") {
      for (const { demand } of fact.changes.values())
        print({ changed: demand.size, first: [...demand.keys()][0], atMs: Date.now() });
    } else if (fact.type === "warned") print({ warned: fact.problem.message });
  },
);
process.stdin.on("end", () => void watching.close()).resume();

/** The kernel's own count, on Linux. */
function watches(): number | undefined {
  try {
    return readdirSync("/proc/self/fdinfo")
      .map((fd) => {
        try {
          return readFileSync(`/proc/self/fdinfo/${fd}`, "utf8").split("inotify wd:").length - 1;
        } catch {
          return 0;
        }
      })
      .reduce((sum, count) => sum + count, 0);
  } catch {
    return undefined;
  }
}
