/** What own code changes and a run cannot tell of, because all is as it was at the end, or must not be looked at: its text tells. */
import { globalsOfFetch, type RunRecord } from "../../gate/order.ts";
import { hasWord } from "../../gate/words.ts";

const part = String.raw`(?:\.(\w+)|\[\s*["'](\w+)["']\s*\])`;
/** Set, or removed. */
const changesOf = (of: string): RegExp =>
  new RegExp(String.raw`\bdelete\s+${of}${part}|(?<![\w$.])${of}${part}\s*(?:\?\?|\|\||&&)?=(?![=>])`, "g");
const variable = changesOf(String.raw`process\.env`);
const global = changesOf("global(?:This)?");
const ofProcess = changesOf("process");
const manyGlobals = /\bObject\.(?:assign|definePropert(?:y|ies))\(\s*global(?:This)?\b/;
/** Those that packages look at. */
const settings = ["argv", "title"];

const changed = (text: string, change: RegExp): string[] =>
  [...text.matchAll(change)].flatMap((found) => found.slice(1).find((name) => name !== undefined) ?? []);

/** For a while: once, and back. What is removed was set before, in whichever way. */
const changedTwice = (text: string, change: RegExp): string[] =>
  [...text.matchAll(change)].flatMap(([whole, ...names], at, all) => {
    const [name] = names.filter((each) => each !== undefined);
    const isAgain = all.slice(0, at).some((before) => before.slice(1).includes(name ?? ""));
    return name !== undefined && (isAgain || whole.startsWith("delete")) ? [name] : [];
  });

const manyVariables = /\bObject\.assign\(\s*process\.env\b/;
/** Other names by which a file calls the environment. */
const aliasOfEnvironment = /(?<![\w$.])(\w+)\s*=\s*process\.env\b(?!\s*[.[?])/g;
const environmentByName = /\{[^}]*\benv\b[^}]*\}\s*(?:=\s*process\s*[;,\n]|from\s*["'](?:node:)?process["'])/;

/** Variables that are other ones for a while. */
function changedVariables(text: string): string[] {
  const of = manyVariables.test(text) ? changed : changedTwice;
  const aliases = [...text.matchAll(aliasOfEnvironment)].map(([, name]) => name ?? "");
  const names = new Set([...aliases, ...(environmentByName.test(text) ? ["env"] : [])]);
  return [variable, ...[...names].map(changesOf)].flatMap((change) => of(text, change));
}

/** What others that are loaded by then may see, and whose names the text does not tell, or which are the same again at the end. */
const changesAtLarge: readonly (readonly [change: RegExp, what: string, from: number])[] = [
  [/(?<![\w$.])process\.env\s*=(?![=>])/g, "process.env", 1],
  [
    /\bdelete\s+process\.env\[(?!\s*["'])|\bReflect\.deleteProperty\(\s*process\.env\b/g,
    "variables by computed names",
    1,
  ],
  [/(?<![\w$.])process\.env\[(?!\s*["'])[^\n;]*?\]\s*(?:\?\?|\|\||&&)?=(?![=>])/g, "variables by computed names", 2],
  [/\bError\.stackTraceLimit\s*=(?![=>])/g, "Error.stackTraceLimit", 2],
  [/\b(?:require\.cache|_cache)\s*\[[^\n;]*?\](?:\??\.exports)?\s*=(?![=>])/g, "modules that are loaded", 1],
];
const changedAtLarge = (text: string): string[] =>
  changesAtLarge.flatMap(([change, what, from]) => ([...text.matchAll(change)].length < from ? [] : [what]));

/** A part of what is built in, by its path; of the module system, in whatever is called so. */
const builtIn =
  "(?:Array|ArrayBuffer|BigInt|Boolean|Buffer|console|Date|Error|Function|Intl|JSON|Map|Math|Number|Object|Promise|Reflect|RegExp|Set|String|Symbol|URL|URLSearchParams|WeakMap|WeakSet)";
const ofModules = "(?:_load|_resolveFilename|_findPath|_nodeModulePaths|defaultMaxListeners)";
const partOfBuiltIn = new RegExp(
  String.raw`(?<![\w$.])(delete\s+)?(${builtIn}(?:\.\w+)+|\w+\.${ofModules})\b(\s*=(?![=>]))?`,
  "g",
);

/** Another one for a while: replaced and put back, or added and removed. */
function partsForAWhile(text: string): string[] {
  const changes = [...text.matchAll(partOfBuiltIn)].filter(([, removed, , set]) => (removed ?? set) !== undefined);
  return changes.flatMap(([, removed, path = ""], at) =>
    removed !== undefined || changes.slice(0, at).some(([, , before]) => before === path) ? [path] : [],
  );
}

const changesFetch = (text: string): string[] =>
  manyGlobals.test(text)
    ? globalsOfFetch.filter((name) => hasWord(text, name))
    : changed(text, global).filter((name) => globalsOfFetch.includes(name));

/** What is loaded after that is to be seen by it: nothing shows that it was called. */
const hooksModules = (text: string): boolean => {
  const whole = [...text.matchAll(wholeModule)].map(([, imported, required]) => imported ?? required ?? "");
  return hooksByName.test(text) || whole.some((name) => new RegExp(`\\b${name}\\.register(?:Hooks)?\\(`).test(text));
};
const hooksByName =
  /\{[^}]*\bregister(?:Hooks)?\b[^}]*\}\s*(?:from\s*|=\s*require\(\s*)["'](?:node:)?module["']|require\(\s*["'](?:node:)?module["']\s*\)\.register/;
const wholeModule =
  /\bimport\s+(?:\*\s*as\s+)?(\w+)[^"';]*\bfrom\s*["'](?:node:)?module["']|\b(\w+)\s*=\s*require\(\s*["'](?:node:)?module["']\s*\)/g;

/** @param own the text of each file of the user's own */
export function withChangesByText(record: RunRecord, own: readonly string[]): RunRecord {
  const together = (known: readonly string[], more: readonly string[]): string[] => [...new Set([...known, ...more])];
  // What one file sets another one may set back.
  const all = own.join("\n");
  const ofSettings = changedTwice(all, ofProcess).filter((name) => settings.includes(name));
  return {
    ...record,
    variables: together(record.variables, [...own.flatMap(changedVariables), ...changedTwice(all, variable)]),
    added: together(record.added, changedTwice(all, global)),
    replaced: together(record.replaced, [
      ...own.flatMap(changesFetch),
      ...changedAtLarge(all),
      ...partsForAWhile(all),
      ...(own.some(hooksModules) ? ["the loading of modules"] : []),
    ]),
    settings: together(
      record.settings ?? [],
      ofSettings.map((name) => `process.${name}`),
    ),
    hasMoved: record.hasMoved || hasWord(all, "chdir"),
  };
}
