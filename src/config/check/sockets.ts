/** Whether what `[sockets]` asks for can be: who hands descriptors on, and what can still be asked of a port that is open already. */
import { resolve } from "node:path";
import type { Config } from "../keys/keys.ts";
import type { SocketPlace } from "../keys/network-kinds.ts";
import { barePackage, readPackage } from "../projects/scripts/package.ts";
import { lineOfProgram } from "../projects/scripts/program.ts";
import { readLine, type Word, word } from "../projects/scripts/shell.ts";
import { readShell } from "../projects/scripts/unwrap.ts";
import { shown } from "../write/write.ts";
import type { KeyComplaint } from "./checks.ts";

interface Surroundings {
  /** The `PORT` of the process. */
  readonly port: number | undefined;
  /** Absolute: where commands run. */
  readonly commandDirectory: string;
  readonly env: NodeJS.ProcessEnv;
}

/** They start other programs by Node, which marks every descriptor that it was given as one that is not handed on. */
const keepers = new Set(
  "npm pnpm yarn npx pnpx bunx tsx nest next nodemon ts-node-dev tsnd concurrently turbo nx lerna wireit".split(" "),
);

export function checkSockets(config: Config, surroundings: Surroundings): readonly KeyComplaint[] {
  if (process.platform === "win32")
    return [
      {
        key: "sockets.listen",
        message: "sockets.listen: Windows hands no sockets on to programs",
        hint: "leave it out there: the program opens its port by itself",
      },
    ];
  return [...checkTwice(config), ...checkCommand(config, surroundings), ...checkReadiness(config, surroundings)];
}

function checkTwice({ sockets: { listen } }: Config): KeyComplaint[] {
  const texts = listen.map((place) => JSON.stringify(place));
  return listen.flatMap((_, at) =>
    texts.indexOf(texts[at] ?? "") === at
      ? []
      : [{ key: "sockets.listen", part: [at], message: "sockets.listen: the same address twice" }],
  );
}

function checkCommand({ proc }: Config, { commandDirectory, env }: Surroundings): KeyComplaint[] {
  const { cmd } = proc;
  if (cmd === undefined) return [];
  const line = typeof cmd === "string" ? cmd : cmd.map((each) => word(each).raw).join(" ");
  const keeper = keeperIn(line);
  if (keeper === undefined) return [];
  const directory = resolve(commandDirectory, proc.cwd ?? ".");
  const inside = insideOf(line, directory, env);
  return [
    {
      key: "proc.cmd",
      message: `proc.cmd: ${keeper} does not hand the sockets of [sockets] on to the program that it starts`,
      hint:
        inside === undefined
          ? "give the program itself, as node dist/main.js"
          : `give the program itself: cmd = ${shown(inside)}`,
    },
  ];
}

/** The first of these that stands where a program does, behind what only sets variables. */
function keeperIn(line: string): string | undefined {
  const last = readLine(line)?.steps.findLast(({ joint }) => joint !== "|");
  const words = last?.command.words ?? [];
  const first = words.find(({ text = "" }) => !isFront(text));
  const name = nameOf(first);
  return name !== undefined && keepers.has(name) ? name : undefined;
}

const isFront = (text: string): boolean => /^(?:exec|env|cross-env|command|nohup)$|^\w+=/.test(text);
const nameOf = (word: Word | undefined): string | undefined => word?.text?.replace(/^.*\//, "").replace(/\.cmd$/, "");

/** What they come to in the end, if that can be told; never one of them again. */
function insideOf(line: string, directory: string, env: NodeJS.ProcessEnv): string | undefined {
  const found = readPackage(directory, env);
  const pkg = found === undefined || found === "broken" ? barePackage(directory, {}, env) : found;
  const reading = readShell(line, pkg);
  if (reading.is !== "program") return undefined;
  const { program } = reading;
  // What tsx is, without the process between, or that of npx: an importer in the program itself.
  const at = program.words.findIndex(({ text = "" }) => text !== "npx" && !text.startsWith("-"));
  const words =
    nameOf(program.words[at]) === "tsx"
      ? [word("node"), word("--import"), word("tsx"), ...program.words.slice(at + 1)]
      : program.words;
  const known = Object.entries(program.env).map(([variable, value]) => ({ name: variable, value: word(value) }));
  const command = lineOfProgram({ ...program, assignments: [...known, ...program.assignments], words });
  return keeperIn(command) === undefined ? command : undefined;
}

/** The kernel takes connections from the first moment on, whoever runs; and of two runs nobody knows which one answers. */
function checkReadiness({ ready, proc, sockets }: Config, { port }: Surroundings): KeyComplaint[] {
  const isOurs = (port: number | undefined): boolean =>
    sockets.listen.some((place: SocketPlace) => place.is === "port" && place.port === port);
  const tcp = ready.tcp === "auto" ? port : ready.tcp?.port;
  if (tcp !== undefined && isOurs(tcp))
    return [
      {
        key: "ready.tcp",
        message: `ready.tcp: port ${tcp} is one of [sockets], and takes connections whether the program is ready or not`,
        hint: "ask it something: [ready] http, log or exec",
      },
    ];
  if (ready.http === undefined || proc.swap !== "start-first") return [];
  const http = ready.http.startsWith("/") ? port : portOf(ready.http);
  if (http === undefined || !isOurs(http)) return [];
  return [
    {
      key: "ready.http",
      message: `ready.http: with swap = "start-first" two runs listen on port ${http}, and the old one may answer`,
      hint: "let the new one say it: [ready] log or exec",
    },
  ];
}

function portOf(url: string): number | undefined {
  if (!URL.canParse(url)) return undefined;
  const { port, protocol } = new URL(url);
  return port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
}
