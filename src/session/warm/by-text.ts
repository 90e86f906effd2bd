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

/** For a while: once, and back. */
const changedTwice = (text: string, change: RegExp): string[] =>
  changed(text, change).filter((name, at, all) => all.indexOf(name) < at);

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
  const ofSettings = own.flatMap((text) => changedTwice(text, ofProcess)).filter((name) => settings.includes(name));
  return {
    ...record,
    variables: together(
      record.variables,
      own.flatMap((text) => changedTwice(text, variable)),
    ),
    added: together(
      record.added,
      own.flatMap((text) => changedTwice(text, global)),
    ),
    replaced: together(record.replaced, [
      ...own.flatMap(changesFetch),
      ...(own.some(hooksModules) ? ["the loading of modules"] : []),
    ]),
    settings: together(
      record.settings ?? [],
      ofSettings.map((name) => `process.${name}`),
    ),
    hasMoved: record.hasMoved || own.some((text) => text.split(/\bprocess\.chdir\(/).length > 2),
  };
}
