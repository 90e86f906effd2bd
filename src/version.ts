import { readFileSync } from "node:fs";

/** Of this package, as its `package.json` says. */
function read(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  const parsed: unknown = JSON.parse(text);
  return typeof parsed === "object" && parsed !== null && "version" in parsed ? String(parsed.version) : "unknown";
}

let known: string | undefined;

/** Of what runs, also when another one lies there by now, or nothing does. */
export function version(): string {
  known ??= read();
  return known;
}
