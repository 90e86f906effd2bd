// `npm run mutate:wiring [TEXT]`: breaks one line of the wiring after the other and runs the test that guards it, which must go red.
// Mutation tools break expressions; what ties the parts together is a table by hand. TEXT: only rows that contain it.
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

/** File, what stands there (once), what it becomes, test file, and the name of the test (a regular expression). */
const table = [
  [
    "src/session/session.ts",
    "if (!settings().cleanOnExit) return;",
    "return;",
    "ownership",
    "removes the directory that we made",
  ],
  ["src/session/session.ts", 'if (turn.event.type === "runReady") watching?.idle();', "", "wiring", "are learned once"],
  ["src/session/world.ts", "if (look() && now() < until) {", "if (false) {", "wiring", "is seen as written by it"],
  ["src/session/session.ts", "has, isMaking }", "has }", "build-writes", "three hundred"],
  ["src/adapters/signals/signals.ts", "at - before >= doubledMs", "at - before >= 0", "wiring", "within half a second"],
  ["src/session/world.ts", 'delete inherited["RELOAD_CHANGED"];', "", "wiring", "is not handed on"],
  ["src/session/world.ts", 'delete inherited["RELOAD_CHANGED_FILE"];', "", "wiring", "is not handed on"],
  [
    "src/session/session.ts",
    "const ahead = loadAhead(settings().build !== undefined).catch(() => {});",
    "const ahead = Promise.resolve();",
    "replaced",
    "saves, edits with mistakes",
  ],
  [
    "src/session/session.ts",
    "passOn: (signal) => world.passOn(signal),",
    "passOn: () => {},",
    "ownership",
    "go to the program",
  ],
  [
    "src/adapters/signals/signals.ts",
    "watchReaders(gone(141))",
    "() => {}",
    "ownership",
    "everything is stopped, also",
  ],
  [
    "src/adapters/signals/signals.ts",
    "watchParent(process.env, gone(129))",
    "() => {}",
    "ownership",
    "ends with all of it when npm",
  ],
  [
    "src/adapters/system/made-directories.ts",
    "if (identityOf(directory) !== identity) continue;",
    "",
    "ownership",
    "that the user put in its place",
  ],
  ["src/adapters/process/build.ts", "needDescriptors(descriptorsPerBuild);", "", "faults", "beside a run"],
  [
    "src/session/changed.ts",
    "return { RELOAD_CHANGED_FILE: write(list) };\n      } catch (error) {",
    "return { RELOAD_CHANGED_FILE: write(list) };\n      } catch (error) {\n        throw error;",
    "faults",
    "beside a run",
  ],
  [
    "src/adapters/system/made-directories.ts",
    "return undefined;\n      } catch (error) {",
    "return undefined;\n      } catch (error) {\n        throw error;",
    "faults",
    "beside a run",
  ],
  ["src/session/line-file.ts", "takeBack();\n        lost += 1;", "throw error;", "faults", "beside a run"],
  ["src/matchers/assemble.ts", "worktrees(base, outright),", "", "neighbours", "is another project"],
  [
    "src/adapters/lock/lock.ts",
    "const path = realPath(config);",
    "const path = config;",
    "neighbours",
    "says who is first",
  ],
];

const run = (command, args) => spawnSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
const only = process.argv[2] ?? "";
let survived = 0;
for (const [file, pattern, replacement, test, name] of table.filter((row) => row.join(" ").includes(only))) {
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
    const { status } = run("npx", ["vitest", "run", `test/cli/${test}.test.ts`, "-t", name]);
    if (status === 0) survived += 1;
    process.stdout.write(`${status === 0 ? "SURVIVED  " : "killed    "} ${file}: ${pattern.split("\n")[0]}\n`);
  } finally {
    writeFileSync(file, text);
  }
}
execFileSync("npm", ["run", "build", "--silent"], { stdio: "ignore" });
process.stdout.write(`${survived === 0 ? "all were killed" : `${survived} survived`}\n`);
process.exitCode = survived === 0 ? 0 : 1;
