/** Which files make the program of an ecosystem, and to which one the program of a command belongs. */
import { basename } from "node:path";
import { barePackage, localProgram, readPackage } from "./scripts/package.ts";

export interface Ecosystem {
  /** `Node` */
  readonly name: string;
  readonly files: readonly string[];
  readonly excluded: readonly string[];
}

export const node: Ecosystem = {
  name: "Node",
  files: [".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".tsx", ".json", "!*.test.*", "!*.spec.*", "!*.e2e-spec.*"],
  excluded: ["__tests__"],
};
/** Templates are read anew by Python's servers themselves. */
export const python: Ecosystem = {
  name: "Python",
  files: [".py", "pyproject.toml", "!test_*.py", "!*_test.py", "!conftest.py"],
  excluded: ["/tests"],
};
export const go: Ecosystem = {
  name: "Go",
  files: [".go", ".mod", ".sum", ".tpl", ".tmpl", ".html", "!*_test.go"],
  excluded: ["testdata", "vendor"],
};
export const rust: Ecosystem = {
  name: "Rust",
  files: [".rs", ".toml", "Cargo.lock", ".html"],
  excluded: ["target", "/tests", "/examples", "/benches"],
};
export const deno: Ecosystem = {
  name: "Deno",
  files: [".ts", ".tsx", ".mts", ".js", ".jsx", ".mjs", ".json", ".jsonc", "!*_test.*", "!*.test.*"],
  excluded: [],
};
const ruby: Ecosystem = {
  name: "Ruby",
  files: [".rb", ".ru", ".erb", ".haml", ".slim", ".yml", "Gemfile", "Gemfile.lock", "!*_spec.rb", "!*_test.rb"],
  excluded: ["/spec", "/test"],
};
const php: Ecosystem = { name: "PHP", files: [".php", "composer.json", "!*Test.php"], excluded: ["/vendor", "/tests"] };

/** Patterns of the ecosystem that is listed whole, as `reload init` writes it: some of them are for what may come. */
export function usualIn(listed: readonly unknown[]): ReadonlySet<unknown> {
  const whole = [node, python, go, rust, deno].filter(({ files }) =>
    files.every((pattern) => listed.includes(pattern)),
  );
  return new Set(whole.flatMap(({ files, excluded }) => [...files, ...excluded, ".env", ".env.local"]));
}

const programs: readonly (readonly [Ecosystem, readonly string[]])[] = [
  [
    node,
    "node nodejs tsx ts-node ts-node-dev tsnd node-dev nodemon esno vite-node babel-node swc-node swc-node-dev npm pnpm yarn bun npx pnpx bunx nest fastify sails strapi".split(
      " ",
    ),
  ],
  [
    python,
    "python python3 py uvicorn flask fastapi gunicorn hypercorn granian daphne quart litestar sanic django-admin celery dramatiq waitress-serve streamlit poetry pipenv pdm uv uvx hatch".split(
      " ",
    ),
  ],
  [go, ["go", "dlv"]],
  [rust, ["cargo"]],
  [deno, ["deno"]],
  [ruby, ["ruby", "rails", "rackup", "puma", "bundle", "rake"]],
  [php, ["php", "artisan", "composer", "symfony"]],
];

/** They stay in front of what they start, behind a verb and words of their own: `direnv exec . cargo run`. */
const fronts: ReadonlySet<string> = new Set(
  "direnv volta fnm asdf mise rtx doppler infisical op dotenvx vault aws-vault chamber sops with-env dotenv-flow".split(
    " ",
  ),
);

/** They start another program, of whatever kind. To read what they are told takes 8 ms of a start, which no other program pays. */
export const starters: ReadonlySet<string> = new Set([
  ...fronts,
  ..."npm pnpm yarn bun run-s run-p npm-run-all npm-run-all2 concurrently conc cross-env cross-env-shell dotenv env-cmd env exec command npx pnpx bunx sh bash zsh nice ionice caffeinate nohup stdbuf unbuffer winpty dumb-init tini make just npm-watch nodemon tsup tsdown tsc-watch supervisor node-supervisor onchange chokidar watchexec foreman forego nf honcho overmind hivemind".split(
    " ",
  ),
]);

/** `undefined`: it is not known, and every file counts. A script of a package and a line for a shell are looked into. */
export async function ecosystemOf(
  command: readonly [string, ...string[]],
  directory: string,
  env: NodeJS.ProcessEnv,
): Promise<Ecosystem | undefined> {
  const isStarter = starters.has(programName(command[0])) || command[1]?.startsWith("--run") === true;
  return isStarter
    ? ((await byReading(command, directory, env)) ?? ecosystemOfWords(command, directory))
    : ecosystemOfWords(command, directory);
}

async function byReading(
  command: readonly [string, ...string[]],
  directory: string,
  env: NodeJS.ProcessEnv,
): Promise<Ecosystem | undefined> {
  const { quote } = await import("./scripts/shell.ts");
  const { readShell } = await import("./scripts/unwrap.ts");
  const found = readPackage(directory, env);
  const pkg = found === undefined || found === "broken" ? barePackage(directory, {}, env) : found;
  const reading = readShell(command.map(quote).join(" "), pkg);
  const words = reading.is === "program" ? reading.program.words.map(({ text, raw }) => text ?? raw) : [];
  return ecosystemOfWords(words, directory);
}

/** What is named counts: `cargo run --example web`, `cargo test`. */
const cargoWith = (args: readonly string[]): Ecosystem => {
  const named = [
    ...(args.some((each) => /^--examples?(?:=|$)/.test(each)) ? ["/examples"] : []),
    ...(args.some((each) => /^(?:t|test|nextest|--tests?)(?:=|$)/.test(each)) ? ["/tests"] : []),
    ...(args.some((each) => /^(?:bench|--bench(?:es)?)(?:=|$)/.test(each)) ? ["/benches"] : []),
  ];
  return named.length === 0 ? rust : { ...rust, excluded: rust.excluded.filter((each) => !named.includes(each)) };
};

const programName = (program: string): string => basename(program).replace(/\.(?:exe|cmd)$/, "");

/** The first of the words that is a known program. */
function firstOf(words: readonly string[], directory: string): Ecosystem | undefined {
  for (let at = 0; at < words.length; at += 1) {
    const found = ecosystemOfWords(words.slice(at), directory);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The same for words that are those of the program itself. */
export function ecosystemOfWords([program, ...args]: readonly string[], directory: string): Ecosystem | undefined {
  if (program === undefined) return undefined;
  const name = programName(program).replace(/^(python3?|pip3?|ruby|php)[\d.]+$/, "$1");
  const known = programs.find(([, names]) => names.includes(name))?.[0];
  if (known === rust) return cargoWith(args);
  if (known !== undefined) return known;
  if (/(?:^|[\\/])\.?venv[\\/]/.test(program) || name.endsWith(".py")) return python;
  if (/(?:^|[\\/])node_modules[\\/]/.test(program) || /\.[mc]?[jt]s$/.test(name)) return node;
  if (!/[\\/]/.test(program) && localProgram(directory, name) !== undefined) return node;
  if (/(?:^|[\\/])target[\\/](?:[\w-]+[\\/])?debug[\\/]/.test(program)) return rust;
  if (fronts.has(name)) return firstOf(args, directory);
  // `time node a.js` and the like.
  return ["time", "nice", "caffeinate", "sudo", "exec"].includes(name) ? ecosystemOfWords(args, directory) : undefined;
}
