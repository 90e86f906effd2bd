/** What nodemon runs: `exec`, or what `execMap` says for the ending of the script, or Node. */

interface Setting {
  readonly name: string;
  readonly raw: unknown;
}

const textsIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === "string") : typeof value === "string" ? [value] : [];

/** @param main what nodemon runs when it is told nothing else: `main` of the package.json */
export function commandSettings(config: Readonly<Record<string, unknown>>, main: string | undefined): Setting[] {
  const exec = typeof config["exec"] === "string" ? config["exec"] : undefined;
  // Beside `exec` the script of the file is left out, as nodemon does.
  const script = exec !== undefined ? undefined : typeof config["script"] === "string" ? config["script"] : main;
  if (exec === undefined && script === undefined) return [];
  const nodeArgs = textsIn(config["nodeArgs"]);
  const runner = exec ?? mapped(config["execMap"], script ?? "") ?? runnerOf(script ?? "");
  const hasPlace = runner.includes("{{filename}}");
  const words = [
    runner.replaceAll("{{filename}}", script ?? "").replaceAll("{{pwd}}", "."),
    ...nodeArgs,
    ...(script === undefined || hasPlace ? [] : [script]),
  ];
  const { build, run } = apart(words.join(" "));
  const args = textsIn(config["args"]);
  return [
    ...(build === undefined ? [] : [{ name: "build.cmd", raw: build }]),
    { name: "proc.cmd", raw: run },
    ...(args.length === 0 ? [] : [{ name: "proc.args", raw: args }]),
  ];
}

const runnerOf = (script: string): string =>
  /\.[mc]?tsx?$/.test(script)
    ? "npx ts-node"
    : /\.py$/.test(script)
      ? "python"
      : /\.rb$/.test(script)
        ? "ruby"
        : "node";

function mapped(execMap: unknown, script: string): string | undefined {
  const ending = /\.([^./]+)$/.exec(script)?.[1];
  if (ending === undefined || typeof execMap !== "object" || execMap === null) return undefined;
  const runner: unknown = Object.entries(execMap).find(([name]) => name.replace(/^\./, "") === ending)?.[1];
  return typeof runner === "string" ? runner : undefined;
}

/** `npm run build && node dist/server.js` is a build and a run: what stands before the last `&&`, unless it is there for the shell that runs the rest. */
function apart(command: string): { readonly build: string | undefined; readonly run: string } {
  const whole = { build: undefined, run: command };
  const plain = command.replaceAll(/"(?:[^"\\]|\\.)*"|'[^']*'/g, (text) => "_".repeat(text.length));
  if (/[;|()\n]|(?<!&)&(?!&)/.test(plain)) return whole;
  const at = plain.lastIndexOf("&&");
  if (at < 0) return whole;
  const build = command.slice(0, at).trim();
  const run = command.slice(at + 2).trim();
  const isForTheShell = build
    .split("&&")
    .some((part) => /^(?:cd|export|source|\.|set|unset|alias|umask|ulimit|pushd)(?:\s|$)|^\w+=\S*$/.test(part.trim()));
  return build === "" || run === "" || isForTheShell ? whole : { build, run };
}
