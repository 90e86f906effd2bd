/** What a run has loaded, judged: which of it a standby may load in advance, and when none may be. */
import type { PackageFile, RunRecord, Trial } from "../../gate/order.ts";
import { packageNameOf, packageOf } from "../../gate/packages.ts";
import { hasWord } from "../../gate/words.ts";

/** What is left to the run as a whole: a package of Node, a module of Python. */
export const unitOf = (entry: PackageFile): string =>
  entry.is === "python" ? entry.name : (packageOf(entry.file) ?? "");

/** They must see every load: what was loaded before them they never see. Not what a library counts or marks with, for whoever looks on. */
const instruments =
  /^(?:@opentelemetry\/(?!api$|api-logs$|semantic-conventions$)|@sentry\/|@datadog\/|@appsignal\/|@newrelic\/|@elastic\/apm|dd-trace$|newrelic$|elastic-apm-node$|applicationinsights$|import-in-the-middle$|require-in-the-middle$|skywalking-backend-js$)/;

/** They stand in front of the modules of others. */
const hooks =
  /^(?:ts-node|@swc-node\/register|@babel\/register|esbuild-register|tsconfig-paths|module-alias|proxyquire|mock-require|rewire|jiti|tsx)$/;

/** What is built in goes by these without asking as others would. */
const sourceMaps = "process.sourceMapsEnabled";
const unseen = new Set(["stream.getDefaultHighWaterMark", sourceMaps]);

/** @param loaders what the command names in front of the program @returns why nothing may be loaded in advance */
export function refusal(
  record: RunRecord,
  trial: Trial | undefined,
  loaders: readonly string[] = [],
): string | undefined {
  const names = new Set(record.entries.map(({ file }) => packageNameOf(packageOf(file) ?? "")));
  for (const name of names) {
    if (instruments.test(name)) return `${name} must see every package being loaded`;
    if (hooks.test(name) && !isLoader(name, loaders)) return `${name} stands in front of the module system`;
  }
  if (record.hasWorkers) return "the program starts workers of a cluster";
  // tsx reads source maps in any case, and does so in the standby as well.
  const isOfLoader = (path: string): boolean => path === sourceMaps && isLoader("tsx", loaders);
  const inside = record.settings?.find((path) => unseen.has(path) && !isOfLoader(path));
  if (inside !== undefined) return `the program sets what ${inside} tells`;
  if (record.hasMoved) return "the program changes its working directory, or has a line that may";
  const own = record.replaced.filter((name) => trial?.replaced.includes(name) !== true && !ofTslib.test(name));
  const [of] = trial?.own ?? [];
  if (of !== undefined) return `a package imports ${of}`;
  if (trial !== undefined && own.length > 0) return `the program replaces ${own[0]}`;
  return undefined;
}

/** What tslib calls its functions: it adds them to the globals, and compiled modules ask `this` for them, which is not these. */
const ofTslib =
  /^__(?:extends|assign|rest|decorate|param|esDecorate|runInitializers|propKey|setFunctionName|metadata|awaiter|generator|exportStar|createBinding|values|read|spread|spreadArrays?|await|asyncGenerator|asyncDelegator|asyncValues|makeTemplateObject|importStar|importDefault|classPrivateFieldGet|classPrivateFieldSet|classPrivateFieldIn|addDisposableResource|disposeResources|rewriteRelativeImportExtension)$/;

/** Globals that the text of the program names: it may have set them itself. @param own that text */
export const namedOf = (added: readonly string[], own: string): string[] =>
  added.filter((name) => !ofTslib.test(name) && hasWord(own, describedBy(name) ?? name));

/** Globals that no package has added on trial, and that the program does not name: set by what it calls. */
export const unnamedOf = (added: readonly string[], named: readonly string[], trial: Trial): string[] =>
  added.filter((name) => !ofTslib.test(name) && !named.includes(name) && !trial.added.includes(name));

const describedBy = (name: string): string | undefined => /^Symbol\((.+)\)$/s.exec(name)?.[1];

/** Which packages name a thing that own code adds, or ask who loaded them: their text decides. */
export function mentions(text: string, added: readonly string[]): string | undefined {
  const asked = /\bmodule\.parent\b|\brequire\.main\b|\bprocess\.mainModule\b/.exec(text)?.[0];
  if (asked !== undefined) return `asks for ${asked}`;
  const name = added.find((each) => hasWord(text, describedBy(each) ?? each));
  return name === undefined ? undefined : `uses ${name}, which the program sets`;
}

/**
 * Who looks for one of these while it is loaded: on trial it was seen to ask for it. Whether it is there can be asked for without
 * asking for it, by its name as a text or by a symbol: that is enough.
 */
export function looksFor(
  text: string,
  directory: string,
  globals: readonly string[],
  { readers = {} }: Trial,
): string | undefined {
  const name = globals.find((each) => {
    const symbol = describedBy(each);
    if (symbol !== undefined) return hasWord(text, symbol);
    const seen = readers[each];
    return seen === undefined ? hasWord(text, each) : seen.includes(directory) || isQuoted(text, each);
  });
  return name === undefined ? undefined : `uses ${name}, which is set later`;
}

const isQuoted = (text: string, name: string): boolean =>
  ["'", '"', "`"].some((mark) => text.includes(`${mark}${name}`));

/** By name from what is built in: `import { argv } from "node:process"`. */
export function importsSetting(text: string, settings: readonly string[]): string | undefined {
  const path = settings.find((each) => {
    const [module, key, ...more] = each.split(".");
    if (module === undefined || key === undefined || more.length > 0) return false;
    const by = new RegExp(`\\{[^}]*\\b${key}\\b[^}]*\\}\\s*(?:from\\s*|=\\s*require\\()["'](?:node:)?${module}["']`);
    return by.test(text);
  });
  return path === undefined ? undefined : `imports ${path}, which the program sets`;
}

/** Without those of packages that are left to the run itself. */
export const withoutLeft = (entries: readonly PackageFile[], left: ReadonlyMap<string, string>): PackageFile[] =>
  entries.filter((entry) => !left.has(unitOf(entry)));

/** What the command requires in front of the program is loaded as it names it; ES modules would be made CommonJS by it. */
export function besideLoaders(
  { entries }: RunRecord,
  loaders: readonly string[],
  loadedBy: "require" | "import",
): Map<string, string> {
  const left = new Map<string, string>();
  if (loaders.length === 0) return left;
  for (const { file, is } of entries) {
    const directory = packageOf(file);
    if (directory === undefined) continue;
    if (isLoader(packageNameOf(directory), loaders)) left.set(directory, "comes before the program");
    else if (is !== "commonjs" && loadedBy === "require") left.set(directory, "is not loaded by require");
  }
  return left;
}

const isLoader = (name: string, loaders: readonly string[]): boolean =>
  loaders.some((each) => each === name || each.startsWith(`${name}/`));

/** What was once imported stays so: a package that was loaded in advance no longer tells. */
export function asBefore(entries: readonly PackageFile[], before: readonly PackageFile[]): PackageFile[] {
  const imported = new Set(before.flatMap(({ file, is }) => (is === "imported" ? [file] : [])));
  return entries.map((entry) => (imported.has(entry.file) ? { file: entry.file, is: "imported" } : entry));
}

/** Variables that differ from run to run: they come through the door. */
export const isOfRun = (name: string): boolean =>
  name === "PORT" || (name.startsWith("RELOAD_") && name !== "RELOAD_SESSION");

/** @returns a variable that a cold start would be given another value of; `undefined`: none */
export function differing(held: NodeJS.ProcessEnv, now: NodeJS.ProcessEnv): string | undefined {
  const names = new Set([...Object.keys(held), ...Object.keys(now)]);
  return [...names].find((name) => name !== "RELOAD_SESSION" && !isOfRun(name) && held[name] !== now[name]);
}

/** What has to be done to the environment of a standby so that it is that of a run. */
export function throughDoor(
  held: NodeJS.ProcessEnv,
  now: NodeJS.ProcessEnv,
): { set: Record<string, string>; unset: string[] } {
  const set: Record<string, string> = {};
  for (const [name, value] of Object.entries(now)) if (isOfRun(name) && value !== undefined) set[name] = value;
  return { set, unset: Object.keys(held).filter((name) => isOfRun(name) && now[name] === undefined) };
}
