/** Programs that stay in front of what they start: they run it in a way of their own, or bring it secrets. */
import { peelEverywhere, peelOptions } from "./options.ts";
import { word } from "./shell.ts";
import type { Unwrap } from "./wrappers.ts";

/** Each with its options that take a word. */
const valuedOf: Readonly<Record<string, readonly string[]>> = {
  nice: ["-n", "--adjustment"],
  ionice: ["-c", "-n", "-p"],
  caffeinate: ["-t", "-w"],
  nohup: [],
  stdbuf: ["-i", "-o", "-e"],
  unbuffer: [],
  winpty: [],
  "dumb-init": ["-r", "--rewrite"],
  tini: ["-p", "-e"],
};

/** They read secrets or the like at each start. */
const secrets = [
  "doppler",
  "infisical",
  "op",
  "dotenvx",
  "vault",
  "aws-vault",
  "chamber",
  "sops",
  "with-env",
  "dotenv-flow",
];

/** They bring a program in some version, or with the variables of its directory. */
const versions: Readonly<
  Record<string, { readonly verbs: RegExp; readonly valued: readonly string[]; words?: number }>
> = {
  direnv: { verbs: /^exec$/, valued: [], words: 1 },
  volta: { verbs: /^run$/, valued: ["--node", "--npm", "--pnpm", "--yarn", "--env"] },
  fnm: { verbs: /^exec$/, valued: ["--using", "--fnm-dir", "--node-dist-mirror", "--log-level", "--arch"] },
  asdf: { verbs: /^exec$/, valued: [] },
};

export const fronts: Readonly<Record<string, Unwrap>> = Object.fromEntries([
  ...Object.entries(versions).map(([name, { verbs, valued, words = 0 }]) => [
    name,
    afterVerb(name, verbs, valued, words),
  ]),
  ...["mise", "rtx"].map((name) => [name, staying(name)]),
  ...Object.entries(valuedOf).map(([name, valued]) => [name, inFront(name, valued)]),
  ...secrets.map((name) => [name, staying(name)]),
]);

/** `nice -n 10 nodemon server.js`: it stays, with its options, and what it starts is looked at. */
function inFront(name: string, valued: readonly string[]): Unwrap {
  return (args) => {
    const { rest } = peelOptions(args, { values: valued, dropped: [] });
    return rest.length === 0
      ? undefined
      : { starts: rest, front: [word(name), ...args.slice(0, args.length - rest.length)] };
  };
}

/** `direnv exec . nodemon a.js`: the verb, its options and so many words of its own stay. */
function afterVerb(name: string, verb: RegExp, valued: readonly string[], own: number): Unwrap {
  return ([first, ...others]) => {
    if (first?.text === undefined || !verb.test(first.text)) return undefined;
    const starts = peelOptions(others, { values: valued, dropped: [] }).rest.slice(own);
    return starts.length === 0
      ? undefined
      : { starts, front: [word(name), first, ...others.slice(0, others.length - starts.length)] };
  };
}

function staying(name: string): Unwrap {
  return (args) => {
    const at = args.findIndex(({ text }) => text === "--");
    if (at >= 0)
      return at === args.length - 1
        ? undefined
        : { starts: args.slice(at + 1), front: [word(name), ...args.slice(0, at + 1)] };
    // `doppler run --command "tsx watch a.ts"`, a line for a shell.
    const { kept, dropped } = peelEverywhere(args, { values: ["--command"], dropped: ["--command"] });
    const [line] = dropped.get("--command") ?? [];
    return line === undefined ? undefined : { starts: line, front: [word(name), ...kept, word("--")] };
  };
}
