/**
 * Before any test of a run: a temp directory of this run alone, which goes with it, and our modules as JavaScript for those tests that
 * start one of them in a process of its own.
 */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toolKit } from "../projects/kit.ts";
import { needs } from "./needs.ts";

const top = join(import.meta.dirname, "../..");

export function setup(): () => void {
  compileModules();
  const shared = process.env["TMPDIR"];
  const directory = mkdtempSync(join(realpathSync(tmpdir()), "reload-"));
  // Some tests work as another user.
  chmodSync(directory, 0o1777);
  // Node asks the directories above a program what its files are: what somebody left in /tmp is none of a test's business.
  writeFileSync(join(directory, "package.json"), "{}\n");
  if (process.env["RELOAD_TEST_REQUIRE_ALL"] !== undefined) fetchAll(directory);
  process.env["TMPDIR"] = directory;
  return () => {
    if (shared === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = shared;
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  };
}

/** What tests need from the registries comes before them: on a new machine no test waits for a download, and no two install the same. */
function fetchAll(directory: string): void {
  toolKit(new Set(["node", "python"]));
  if (!needs("go")) return;
  for (const name of readdirSync(join(top, "examples"))) {
    const cwd = join(top, "examples", name);
    if (!existsSync(join(cwd, "go.mod"))) continue;
    execFileSync("go", ["build", "-o", join(directory, `${name}.built/`), "./..."], { cwd, stdio: "inherit" });
  }
}

function compileModules(): void {
  const config = "test/modules.tsconfig.json";
  const compiled = join(top, "test/.modules/cli.js");
  const changed = Math.max(
    ...readdirSync(join(top, "src"), { recursive: true, encoding: "utf8" }).map(
      (name) => statSync(join(top, "src", name)).mtimeMs,
    ),
  );
  if ((statSync(compiled, { throwIfNoEntry: false })?.mtimeMs ?? 0) > changed) return;
  execFileSync(process.execPath, [join(top, "node_modules/typescript/bin/tsc"), "-p", config, "--noCheck"], {
    cwd: top,
    stdio: "inherit",
  });
  // What has not changed is not written anew.
  utimesSync(compiled, new Date(), new Date());
}
