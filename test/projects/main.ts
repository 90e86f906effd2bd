/** `npm run projects`, all of it; `-- --quick`, for CI; `-- --record [PATTERN]`; `-- --only PATTERN`, without the page. */
import { apps } from "./apps.ts";
import { compare, complaints, quick } from "./compare.ts";
import { writePage } from "./page.ts";
import { record } from "./record.ts";

const [mode, pattern] = process.argv.slice(2);

async function main(): Promise<number> {
  if (mode === "--record") return record(pattern);
  const chosen =
    mode === "--quick" ? quick : apps.filter(({ name }) => mode !== "--only" || name.includes(pattern ?? ""));
  const { compared, failed } = await compare(chosen, mode === "--quick" ? 1 : 2, mode === "--quick" ? 2 : 5);
  if (mode === undefined) writePage(compared);
  const wrong = complaints(compared);
  for (const complaint of wrong) process.stdout.write(`${complaint}\n`);
  const all = process.env["RELOAD_TEST_REQUIRE_ALL"] === undefined || compared.length === chosen.length;
  return wrong.length === 0 && failed.length === 0 && all ? 0 : 1;
}

process.exitCode = await main();
