/** Commands of Node that may have a standby: a file, with options that are known, and tsx in front of it. */
import { isAbsolute, resolve } from "node:path";
import type { Shape, ShapePlace } from "./shape.ts";

const cold = (why: string): Shape => ({ is: "cold", why });

/** Variables that change what is loaded, or who looks on. */
function inEnvironment(env: NodeJS.ProcessEnv): string | undefined {
  for (const name of ["NODE_PATH", "NODE_V8_COVERAGE", "NODE_PENDING_DEPRECATION", "NODE_PRESERVE_SYMLINKS"])
    if (env[name] !== undefined && env[name] !== "") return `${name} is set`;
  const options = env["NODE_OPTIONS"]?.split(/\s+/).filter((word) => word !== "") ?? [];
  const foreign = options.find((word) => !isHarmless(word));
  return foreign === undefined ? undefined : `NODE_OPTIONS has ${foreign}`;
}

/** Options that only say how much or how it is told, or hold for every package in the same way. */
const isHarmless = (option: string): boolean =>
  /^--(?:conditions=[\w./-]+|max-old-space-size=\d+|max-semi-space-size=\d+|stack-trace-limit=\d+|enable-source-maps|trace-warnings|trace-deprecation|trace-uncaught|no-warnings|no-deprecation|experimental-strip-types|unhandled-rejections=\w+|dns-result-order=\w+|max-http-header-size=\d+|disable-warning=\w+|use-system-ca|use-openssl-ca|openssl-legacy-provider)$/.test(
    option,
  );

/** Packages that only set variables: what they set is seen as set by the user's own code. */
const preloads = ["dotenv/config"];
/** They make JavaScript of TypeScript in the moment in which a file is loaded, and are loaded in advance before the packages. */
const loaders = ["tsx/cjs"];

export function nodeShape(words: readonly string[], place: ShapePlace): Shape {
  const why = inEnvironment(place.env);
  if (why !== undefined) return cold(why);
  const before: string[] = [];
  const imports: string[] = [];
  const files: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const [word = "", next = ""] = words.slice(at, at + 2);
    const [option = "", value] = word.startsWith("--") ? word.split(/=(.*)/s) : [word];
    if (["-r", "--require", "--import", "--env-file", "--env-file-if-exists"].includes(option)) {
      const argument = value ?? next;
      if (value === undefined) at += 1;
      if (option.startsWith("--env-file")) {
        const file = resolve(place.cwd, argument);
        if (/^\s*(?:export\s+)?NODE_OPTIONS\b/m.test(place.text(file) ?? ""))
          return cold(`${argument} sets NODE_OPTIONS`);
        files.push(file);
        continue;
      }
      if (!(option === "--import" ? ["tsx"] : [...preloads, ...loaders]).includes(argument))
        return cold(`node ${option} ${argument} comes before the program`);
      (option === "--import" ? imports : before).push(argument);
      continue;
    }
    if (["-C", "--conditions"].includes(word)) {
      at += 1;
      continue;
    }
    if (word.startsWith("-")) {
      if (!isHarmless(word)) return cold(`node has ${word}`);
      continue;
    }
    return ofFile(word, { before, imports, files }, place);
  }
  return cold("node is given no file");
}

interface InFront {
  readonly before: readonly string[];
  readonly imports: readonly string[];
  readonly files: readonly string[];
}

function ofFile(word: string, { before, imports, files }: InFront, place: ShapePlace): Shape {
  const { cwd, env } = place;
  const main = mainOf(isAbsolute(word) ? word : resolve(cwd, word), place);
  const all = [...before, ...imports];
  const own = all.filter((name) => !preloads.includes(name));
  // It would read what the other one sets, or be there before it.
  if (own.length > 0 && all.length > 1) return cold(`${all.join(" and ")} come before the program`);
  if (own.length > 0 && env["TSX_TSCONFIG_PATH"] !== undefined) return cold("TSX_TSCONFIG_PATH is set");
  // `bin/www` is CommonJS by its name.
  const isPlain = own.length === 0 && /\/[^/.]+$/.test(main) && place.text(main) !== undefined;
  if (!isPlain && !(own.length > 0 ? /\.(?:[cm]?[jt]s|[jt]sx)$/ : /\.[cm]?[jt]s$/).test(main))
    return cold(`${word} is not a JavaScript file`);
  return { is: "node", main, loaders: own, loadedBy: imports.length > 0 ? "import" : "require", files };
}

/** What Node takes for it: `dist/main` is `dist/main.js` where nothing has the name as it is written, and a directory has a main file. */
function mainOf(file: string, { text }: ShapePlace): string {
  const named = /"main"\s*:\s*"([^"\\]+)"/.exec(text(`${file}/package.json`) ?? "")?.[1];
  const inside =
    named === undefined ? [] : [resolve(file, named), resolve(file, `${named}.js`), resolve(file, named, "index.js")];
  return [file, `${file}.js`, ...inside, `${file}/index.js`].find((each) => text(each) !== undefined) ?? file;
}

/** Its own command is a wrapper around `node --import tsx`. */
export function tsxShape(words: readonly string[], place: ShapePlace): Shape {
  const at = words.findIndex((word) => !word.startsWith("-"));
  if (words[at] === "watch") return cold("tsx watch brings a reloader of its own");
  const file = words.findIndex(
    (word) => !/^--(?:env-file(?:-if-exists)?=|enable-source-maps$|no-warnings$)/.test(word),
  );
  if (file < 0 || words[file]?.startsWith("-") === true) return cold(`tsx has ${words[file] ?? "no file"}`);
  return nodeShape([...words.slice(0, file), "--import", "tsx", ...words.slice(file)], place);
}
