/** Files that rules guard: whether they satisfy their schemas, as they would be asked to at a start. */
import { resolve } from "node:path";
import type { LoadedConfig } from "../../config/layers/load.ts";
import { plural, problemLine } from "../../report/words.ts";
import { filesOfRule } from "../../session/checks.ts";
import { createGuards, guardedBy } from "../../session/guards.ts";
import type { Trees } from "../../session/trees.ts";
import { type Finding, fine, wrong } from "./finding.ts";

const advice = "while it is wrong, nothing is started, and its changes are held back";

export async function guardFindings(loaded: LoadedConfig, options: Trees["options"]): Promise<Finding[]> {
  const guards = createGuards();
  const unusable = await guards.problems(loaded);
  if (unusable.length > 0)
    return unusable.map((problem) => wrong("schemas", problemLine(problem), problem.hint ?? advice));
  const found = guardedBy(loaded).map(async ({ service, rule, schema }): Promise<Finding[]> => {
    const paths = filesOfRule(service, rule, { options });
    const files = paths.map((path) => ({ path: resolve(loaded.root, path), name: path }));
    const outcome = await (await guards.of(schema)).check(files);
    const problems = outcome.is === "checked" ? outcome.files.flatMap((file) => file.problems) : outcome.problems;
    if (problems.length > 0)
      return problems.map((problem) => wrong("schemas", problemLine(problem), problem.hint ?? advice));
    return [fine("schemas", `${schema.name}: satisfied by ${plural(paths.length, "file")}`)];
  });
  return (await Promise.all(found)).flat();
}
