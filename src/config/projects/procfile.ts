/** A Procfile, as foreman and overmind read it: each line is a program of its own, with a `PORT` of its own. */

import { ecosystemOfWords } from "./kinds.ts";
import { nodeSettings } from "./node-settings.ts";
import { has, type Services } from "./project.ts";
import { barePackage, readPackage } from "./scripts/package.ts";
import { procfileLines } from "./scripts/procfile-lines.ts";
import type { FoundSetting } from "./scripts/program.ts";
import { readShell } from "./scripts/unwrap.ts";
import { aboutWatcher } from "./watchers.ts";

/** @param text of the file; `undefined`: there is no program in it */
export function servicesOf(text: string, directory: string, env: NodeJS.ProcessEnv): Services | undefined {
  const lines = procfileLines(text, directory, env);
  if (lines.length === 0) return undefined;
  const remarks: string[] = [];
  const names: string[] = [];
  const hasEnv = has(directory, ".env");
  const settings = new Map<string, unknown>(hasEnv ? [["env_files", [".env"]]] : []);
  for (const { name: written, command, port } of lines) {
    if (written === "release") {
      remarks.push("release is left out: it is a step of a deployment");
      continue;
    }
    const name = nameFor(written, names);
    names.push(name);
    const { own, top } = settingsOf(command, directory, env, remarks);
    for (const { name: key, raw } of top) settings.set(key, raw);
    for (const { name: key, raw } of own) {
      settings.set(`service.${name}.${key}`, key === "proc.env" ? { PORT: port, ...Object(raw) } : raw);
    }
  }
  return { names, settings: [...settings].map(([name, raw]) => ({ name, raw })), remarks };
}

/** A name as services have them, unlike those before it. */
export function nameFor(written: string, taken: readonly string[]): string {
  const plain = written
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  const name = /^[a-z]/.test(plain) ? plain : `p-${plain}`.replace(/-$/, "");
  for (let number = 1; ; number += 1) {
    const numbered = number === 1 ? name : `${name}-${number}`;
    if (!taken.includes(numbered)) return numbered;
  }
}

/** Programs of others, which no file of the project makes another one. */
export const ofOthers =
  /^(?:\S*\/)?(?:docker|docker-compose|podman|redis-server|valkey-server|postgres|mysqld|mariadbd|mongod|memcached|rabbitmq-server|elasticsearch|opensearch|meilisearch|typesense-server|minio|mailhog|mailpit|mailcatcher|maildev|stripe|ngrok|cloudflared|caddy|nginx|traefik|temporal|localstack|supabase|firebase|kubectl|ssh|tail)\b/;

/** They load changed code by themselves while they run. */
const reloading =
  /\brails (?:s|server|jobs:work|\S*:watch)\b|^(?:\S*\/)?(?:sidekiq|jobs|good_job)\b|\bbundle exec (?:sidekiq|good_job)\b|\bvite (?:dev|serve)\b|\b(?:webpack|webpacker|shakapacker)-dev-server\b|\s(?:--watch|-w)(?:[\s=]|$)|:watch\b/;

interface Own {
  readonly own: readonly FoundSetting[];
  /** Keys that hold for all. */
  readonly top: readonly FoundSetting[];
}

function settingsOf(command: string, directory: string, env: NodeJS.ProcessEnv, remarks: string[]): Own {
  const asItIs = (watch: readonly FoundSetting[]): Own => ({
    own: [{ name: "proc.cmd", raw: command }, { name: "proc.env", raw: {} }, ...watch],
    top: [],
  });
  const unwatched = asItIs([{ name: "watch", raw: false }]);
  if (ofOthers.test(command)) return unwatched;
  const found = readPackage(directory, env);
  const pkg = found === undefined || found === "broken" ? barePackage(directory, {}, env) : found;
  const reading = readShell(command, pkg);
  if (["self-watching", "builder", "reload"].includes(reading.is)) return unwatched;
  if (reading.is === "program" && reading.program.watcher !== undefined) {
    const made = nodeSettings(pkg, reading.program);
    remarks.push(...made.remarks, `${command}: without ${reading.program.watcher}`);
    const hasVariables = made.settings.some(({ name }) => name === "proc.env");
    return {
      own: [
        ...made.settings.filter(({ name }) => name !== "tmp_dir"),
        ...(hasVariables ? [] : [{ name: "proc.env", raw: {} }]),
      ],
      top: made.settings.filter(({ name }) => name === "tmp_dir"),
    };
  }
  if (reloading.test(command) || aboutWatcher(command, directory) !== undefined) return unwatched;
  const words = reading.is === "program" ? reading.program.words.map(({ text, raw }) => text ?? raw) : [];
  const kind = ecosystemOfWords(words, directory);
  if (kind === undefined) return asItIs([]);
  return asItIs([
    { name: "watch.include_files", raw: kind.files },
    ...(kind.excluded.length === 0 ? [] : [{ name: "watch.exclude_dirs", raw: kind.excluded }]),
  ]);
}
