/** What a standby was made of, as it was: files, and the places where they were looked for. */
import { type BigIntStats, existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

export type Stamps = ReadonlyMap<string, string>;

const none = "none";

function stampOf(path: string): string {
  let stat: BigIntStats | undefined;
  try {
    stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    // Not to be read, or a file where a directory should be: as good as not there, until that changes.
  }
  if (stat === undefined) return none;
  return `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}`;
}

/** @param places only their identity counts, not what is in them */
export function stamp(files: Iterable<string>, places: Iterable<string>): Stamps {
  const stamps = new Map<string, string>();
  for (const file of files) stamps.set(file, stampOf(file));
  for (const place of places) stamps.set(`${place}/.`, identityOf(place));
  return stamps;
}

function identityOf(place: string): string {
  const stat = statSync(place, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? none : `${stat.dev}:${stat.ino}:${stat.birthtimeNs}`;
}

/** Packages of Python are asked for in every place where modules are looked for: of these only the names of what is installed count. */
export const stampInstalled = (places: readonly string[]): Stamps =>
  new Map(places.map((place) => [`${place}${installed}`, installedIn(place)]));

const installed = "/*.*-info";
const installedIn = (place: string): string =>
  entriesIn(place)
    .filter((name) => /\.(?:dist|egg)-info$/.test(name))
    .sort()
    .join("\n");

/** @returns what is another thing now; `undefined`: nothing */
export function changedSince(stamps: Stamps): string | undefined {
  for (const [path, before] of stamps) {
    if (path.endsWith("/.")) {
      if (identityOf(path.slice(0, -2)) !== before) return path.slice(0, -2);
    } else if (path.endsWith(installed)) {
      if (installedIn(path.slice(0, -installed.length)) !== before) return path;
    } else if (stampOf(path) !== before) return path;
  }
  return undefined;
}

const ofProject = [
  "package.json",
  "package-lock.json",
  "npm-shrinkwrap.json",
  "pnpm-lock.yaml",
  "pnpm-workspace.yaml",
  "yarn.lock",
  "bun.lock",
  ".npmrc",
  ".pnp.cjs",
];

export const ofSystem = [
  "/etc/resolv.conf",
  "/etc/hosts",
  "/etc/localtime",
  "/etc/nsswitch.conf",
  "/etc/ssl/openssl.cnf",
];

/** Files that were loaded, and everything that decided which ones these are. */
export function sourcesOf(loaded: readonly string[], cwd: string, main: string): Set<string> {
  const sources = new Set<string>(ofSystem);
  const directories = new Set<string>();
  for (const file of loaded) {
    sources.add(file);
    directories.add(dirname(file));
  }
  for (const directory of [...directories]) {
    // A file that is added may come before the one that was found.
    sources.add(directory);
    for (const above of aboveOf(directory)) directories.add(above);
  }
  const roots = new Set([...aboveOf(cwd), ...aboveOf(dirname(main))]);
  for (const root of roots) for (const name of ofProject) sources.add(join(root, name));
  for (const directory of new Set([...directories, ...roots])) {
    sources.add(join(directory, "package.json"));
    // Where a package was looked for and not found, one may be by now.
    if (!directory.endsWith("/node_modules")) for (const place of placesIn(directory)) sources.add(place);
    if (/\/node_modules(?:\/@[^/]+)?$/.test(directory)) sources.add(directory);
  }
  return sources;
}

/** With what is in it and does not show there when it changes: scopes, and what is no package yet. */
function placesIn(directory: string): string[] {
  const packages = join(directory, "node_modules");
  const unfinished = (place: string, name: string): boolean =>
    !name.startsWith(".") && !existsSync(join(place, name, "package.json"));
  const scopes = entriesIn(packages)
    .filter((name) => name.startsWith("@"))
    .map((name) => join(packages, name));
  const places = [packages, ...scopes];
  return [
    ...places,
    ...places.flatMap((place) =>
      entriesIn(place).flatMap((name) => (unfinished(place, name) ? [join(place, name)] : [])),
    ),
  ];
}

export function entriesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

export function aboveOf(directory: string): string[] {
  const found = [directory];
  for (let at = directory; dirname(at) !== at; at = dirname(at)) found.push(dirname(at));
  return found;
}
