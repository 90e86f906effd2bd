/** What the command line gives: options, keys of the configuration, or an answer at once. */
import type { ColorMode } from "../report/colour.ts";

/** A key of the configuration, given on the command line. */
export interface Flag {
  readonly name: string;
  /** TOML if that parses to the key's type, else the text itself. */
  readonly text: string;
  /** As it was written: `-b`, `--build.cmd`. */
  readonly spelled: string;
  /** `add` to what the layers below say, instead of taking its place. */
  readonly mode: "replace" | "add";
}

export interface Given {
  readonly is: "given";
  readonly flags: readonly Flag[];
  readonly config: string | undefined;
  readonly cwd: string | undefined;
  readonly profile: string | undefined;
  readonly once: boolean;
  /** `--for`, as it was written. */
  readonly for: string | undefined;
  readonly postpone: boolean;
  readonly only: readonly string[];
  /** `true`: to stdout. */
  readonly json: string | true | undefined;
  readonly trace: string | undefined;
  readonly color: ColorMode;
  readonly quiet: boolean;
  /** `init --from FILE` */
  readonly from: string | undefined;
  /** `init --agents` */
  readonly agents: boolean;
  /** `init --force` */
  readonly force: boolean;
  /** `--pid`, as it was written. */
  readonly pid: string | undefined;
  /** `--timeout`, as it was written. */
  readonly timeout: string | undefined;
  /** `inside`: this is the one that stays. */
  readonly background: boolean | "inside";
  /** `logs --follow` */
  readonly follow: boolean;
  /** `logs --lines`, as it was written. */
  readonly lines: string | undefined;
  /** `logs --run`, as it was written. */
  readonly run: string | undefined;
  /** `logs --build` */
  readonly ofBuilds: boolean;
  readonly verbose: boolean;
  /** What stands behind a command of ours and is not an option. */
  readonly words: readonly string[];
  /** `wait -- CMD`: what stands behind the dashes of a command of ours. */
  readonly behind: readonly string[];
  /** COMMAND and all that follows. */
  readonly rest: readonly string[];
}

/** Asked for a text, or wrong: there is nothing left to do but to print it. */
export interface Answered {
  readonly is: "answered";
  readonly stream: "stdout" | "stderr";
  readonly text: string;
  readonly code: 0 | 2;
}

/** What is known about the keys of the configuration. */
export interface Keys {
  has(name: string): boolean;
  /** A switch may stand without a value. */
  isSwitch(name: string): boolean;
  /** Whether the word behind a key is its value: that of a switch only if it is `true` or `false`. */
  takesNext(name: string, next: string | undefined): boolean;
  /** The nearest name, for a typing error. */
  nearest(name: string): string | undefined;
  /** What can be set instead, for the name of a table. */
  meant(name: string): string | undefined;
}

export const answeredWrong = (message: string, hint?: string): Answered => ({
  is: "answered",
  stream: "stderr",
  text: `error: ${message}\n${hint === undefined ? "" : `  ${hint}\n`}`,
  code: 2,
});

export const answeredText = (text: string): Answered => ({ is: "answered", stream: "stdout", text, code: 0 });
