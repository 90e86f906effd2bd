// `npm run mutate:wiring [TEXT]`: breaks one line of the wiring after the other and runs the test that guards it, which must go red.
// Mutation tools break expressions; what ties the parts together is a table by hand. TEXT: only rows that contain it.
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

/** What stands in a file (once), what it becomes, and the test that notices, by its name (a regular expression). */
const table = JSON.parse(readFileSync(new URL("wiring.json", import.meta.url), "utf8"));

const run = (command, args) => spawnSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
const only = process.argv[2] ?? "";
let survived = 0;
for (const row of table.filter((each) => Object.values(each).join(" ").includes(only))) {
  const { file, line: pattern, becomes: replacement, test, name } = row;
  const text = readFileSync(file, "utf8");
  if (text.split(pattern).length !== 2) {
    survived += 1;
    process.stdout.write(`NOT FOUND  ${file}: ${pattern}\n`);
    continue;
  }
  writeFileSync(
    file,
    text.replace(pattern, () => replacement),
  );
  try {
    execFileSync("npm", ["run", "build", "--silent"], { stdio: "ignore" });
    const { status } = run("npx", ["vitest", "run", `test/${test}.test.ts`, "-t", name]);
    if (status === 0) survived += 1;
    process.stdout.write(`${status === 0 ? "SURVIVED  " : "killed    "} ${file}: ${pattern.split("\n")[0]}\n`);
  } finally {
    writeFileSync(file, text);
  }
}
execFileSync("npm", ["run", "build", "--silent"], { stdio: "ignore" });
process.stdout.write(`${survived === 0 ? "all were killed" : `${survived} survived`}\n`);
process.exitCode = survived === 0 ? 0 : 1;
