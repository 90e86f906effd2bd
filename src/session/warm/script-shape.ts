/** Package managers that start a script or a program which is installed here: they print a line or two in front of it, and do nothing else. */
import { join } from "node:path";
import { aboveOf } from "../../adapters/warm/stamps.ts";
import type { ShapePlace } from "./shape.ts";

export type Inner =
  | { readonly why: string }
  /** `line`: the text of the script that the first of the words names, before the others; `undefined`: the words are the command. */
  | { readonly line: string | undefined; readonly words: readonly string[] };

export const isPackageManager = (name: string): boolean => ["npm", "pnpm", "yarn"].includes(name);

/** Names that mean a script and nothing else to pnpm and yarn. */
const isName = (word: string | undefined): word is string =>
  word !== undefined && /^(?:dev|develop|serve|server|start|watch)(?:[:-][\w:-]+)?$/.test(word);

/** `npm run dev`: a script that is one simple command, with nothing before or after it. */
export function scriptInShape(name: string, words: readonly string[], place: ShapePlace): Inner {
  const rest = words.indexOf("--");
  const passed = name === "npm" && rest >= 0 ? words.slice(rest + 1) : [];
  const plain = (passed.length > 0 ? words.slice(0, rest) : words).filter(
    (word) => word !== "-s" && word !== "--silent",
  );
  const [first, second] = plain;
  if (name === "pnpm" && first === "exec") return binInShape("pnpm exec", plain.slice(1), place);
  const isRun = first === "run" || first === "run-script";
  const script = isRun ? second : first === "start" || (name !== "npm" && isName(first)) ? first : undefined;
  if (script === undefined || plain.length > (isRun ? 2 : 1))
    return { why: `${name} ${words.join(" ")} is not known to be a mere wrapper` };
  const above = aboveOf(place.cwd).flatMap((directory) => [join(directory, ".pnp.cjs"), join(directory, ".pnp.js")]);
  const hook = above.find((file) => place.text(file) !== undefined);
  if (hook !== undefined) return { why: `${hook} stands in front of the module system` };
  const line = place.script(script);
  if (line === undefined) return { why: `there is no script ${script} in the package.json of the working directory` };
  if (place.script(`pre${script}`) !== undefined) return { why: `pre${script} works in front of the program` };
  return { line, words: [script, ...passed] };
}

/** `npx tsx app.ts`: nothing is fetched where the program is here. */
export function binInShape(name: string, words: readonly string[], place: ShapePlace): Inner {
  const [program] = words;
  if (program === undefined || program.startsWith("-") || !place.bin(program))
    return { why: `${name} ${words.join(" ")} is not known to be a mere wrapper` };
  return { line: undefined, words };
}

/**
 * npm and pnpm put their setting `node-options` in the place of `NODE_OPTIONS` for what they start: nothing of ours gets through.
 * @returns what has it
 */
export function nodeOptionsSetting({ cwd, env, text }: ShapePlace): string | undefined {
  const variable = Object.keys(env).find((name) => /^npm_config_node[-_]options$/i.test(name) && env[name] !== "");
  const { HOME: home, npm_config_userconfig: named, NPM_CONFIG_USERCONFIG: other } = env;
  const ofUser = named ?? other ?? (home === undefined ? undefined : join(home, ".npmrc"));
  const files = [
    ...aboveOf(cwd).map((directory) => join(directory, ".npmrc")),
    ...(ofUser === undefined ? [] : [ofUser]),
  ];
  const workspaces = aboveOf(cwd).map((directory) => join(directory, "pnpm-workspace.yaml"));
  return (
    variable ??
    files.find((file) => /^[ \t]*node-options[ \t]*=[ \t]*\S/m.test(text(file) ?? "")) ??
    workspaces.find((file) => /^nodeOptions[ \t]*:[ \t]*\S/m.test(text(file) ?? ""))
  );
}
