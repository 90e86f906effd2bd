/** A watcher in a process of its own, from the built program: `watch-child.mjs DIRECTORY [POLL]`. Prints each fact as a line of JSON until its input ends. */

import { watch } from "../.modules/adapters/watch/watch.js";
import { assemble } from "../.modules/matchers/assemble.js";

const [base, poll = "auto"] = process.argv.slice(2);
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
const watching = watch(
  {
    trees: [{ base, views: [{ owner: "", matchers }], label: (path) => path }],
    followSymlinks: false,
    ignoreUnchanged: true,
    poll: poll === "false" ? false : "auto",
    backend: "auto",
  },
  (fact) =>
    console.log(
      JSON.stringify(
        fact.type === "changed"
          ? { type: "changed", paths: [...fact.changes.values()].flatMap(({ demand }) => [...demand.keys()]) }
          : fact,
      ),
    ),
);
process.stdin.on("end", () => void watching.close()).resume();
