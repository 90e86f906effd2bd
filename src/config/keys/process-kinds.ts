/** Kinds of values that have to do with processes: commands, signals, and where they can be asked. */
import { constants } from "node:os";
import type { Command } from "../../core/command.ts";
import { nearest } from "../check/suggest.ts";
import { shown } from "../write/write.ts";
import { addressHint, urlHint } from "./hints.ts";
import { bad, good, type Kind, type SchemaNode, strings, wants, withoutNul } from "./kinds.ts";

const commandList: SchemaNode = {
  type: "array",
  items: [{ type: "string", minLength: 1 }],
  additionalItems: { type: "string" },
};

/** `""` and `[]` mean none, so that a layer can take a command back. */
export const command: Kind<Command | undefined> = {
  name: "command",
  schema: { anyOf: [{ type: "string" }, commandList] },
  decode(value) {
    if (typeof value === "string") return value.trim() === "" ? good(undefined) : withoutNul(value);
    if (!Array.isArray(value)) return wants(value, "a command: a string for the shell, or a list of words");
    const words = strings.decode(value);
    if (!words.ok) return words;
    const [program, ...args] = words.value;
    if (program === undefined) return good(undefined);
    return program === ""
      ? bad("the first word of a command cannot be empty", undefined, [0])
      : good([program, ...args] as const);
  },
};

/** Several commands, one after the other: in hooks and rules a list of texts is several lines for the shell, a list of lists several lists of words. */
export const commands: Kind<readonly Command[]> = {
  name: "commands",
  schema: {
    anyOf: [{ type: "string" }, { type: "array", items: { anyOf: [{ type: "string" }, commandList] } }],
  },
  decode(value) {
    if (typeof value === "string") return listOf([command.decode(value)]);
    if (!Array.isArray(value)) return wants(value, "a command, or a list of commands");
    return listOf(value.map((entry) => command.decode(entry)));
  },
};

function listOf(all: readonly ReturnType<typeof command.decode>[]): ReturnType<typeof commands.decode> {
  const faults = all.flatMap((one, index) =>
    one.ok ? [] : one.faults.map((fault) => ({ ...fault, path: all.length > 1 ? [index, ...fault.path] : fault.path })),
  );
  if (faults.length > 0) return { ok: false, faults };
  return good(all.flatMap((one) => (one.ok && one.value !== undefined ? [one.value] : [])));
}

const isSignal = (name: string): name is NodeJS.Signals => Object.hasOwn(constants.signals, name);

export const signal: Kind<NodeJS.Signals> = {
  name: "signal",
  // Which signals exist differs from system to system; the schema knows those that all of them have, and the form of the others.
  schema: { type: "string", pattern: "^SIG[A-Z0-9]+$" },
  decode(value) {
    if (typeof value !== "string") {
      const name = Object.entries(constants.signals).find(([, number]) => number === value)?.[0];
      return wants(value, "the name of a signal", name && `did you mean "${name}"?`);
    }
    if (isSignal(value)) return good(value);
    const name = value.toUpperCase().startsWith("SIG") ? value.toUpperCase() : `SIG${value.toUpperCase()}`;
    const names = Object.keys(constants.signals).map((known) => known.slice(3));
    const near = isSignal(name) ? name.slice(3) : nearest(name.slice(3), names);
    return bad(`${shown(value)} is not a signal on this system`, near && `did you mean "SIG${near}"?`);
  },
};

export interface Address {
  /** `undefined`: this machine. */
  readonly host: string | undefined;
  readonly port: number;
}

const isPort = (port: number): boolean => Number.isInteger(port) && port >= 1 && port <= 65_535;

/** A port, `"host:port"` or `"auto"`. */
export const address: Kind<Address | "auto"> = {
  name: 'port, "host:port" or "auto"',
  schema: {
    anyOf: [
      { const: "auto" },
      { type: "integer", minimum: 1, maximum: 65_535 },
      { type: "string", pattern: "^(?:(?:[^\\s:/]+|\\[[0-9A-Fa-f:.]+\\]):)?[0-9]{1,5}$" },
    ],
  },
  decode(value) {
    if (value === "auto") return good("auto");
    if (typeof value === "number") return isPort(value) ? good({ host: undefined, port: value }) : bad(noPort(value));
    if (typeof value !== "string") return wants(value, 'a port, "host:port" or "auto"');
    const parts = /^(?:([^\s:/]+|\[[0-9A-Fa-f:.]+\]):)?([0-9]{1,5})$/.exec(value);
    if (parts === null) return bad(`${shown(value)} is not a port, "host:port" or "auto"`, addressHint(value));
    const port = Number(parts[2]);
    return isPort(port) ? good({ host: parts[1]?.replace(/^\[|\]$/g, ""), port }) : bad(noPort(value));
  },
};

const noPort = (value: unknown): string => `${shown(value)} is not a port (1 to 65535)`;

/** A URL, or a path that is asked for at the run's own port. */
export const urlOrPath: Kind<string> = {
  name: 'URL or "/path"',
  schema: { type: "string", pattern: "^(?:/|https?://[^\\s/])\\S*$" },
  decode(value) {
    if (typeof value !== "string") return wants(value, 'a URL or "/path"', urlHint(value));
    if (!/^(?:\/|https?:\/\/[^\s/])\S*$/i.test(value))
      return bad(`${shown(value)} is neither an http(s) URL nor a path that begins with /`, urlHint(value));
    return value.startsWith("/") || URL.canParse(value) ? good(value) : bad(`${shown(value)} is not a URL`);
  },
};
