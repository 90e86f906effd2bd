/** What is typed while `reload` has the terminal. */
import { isatty } from "node:tty";

const keys = {
  r: "restart",
  rs: "restart",
  b: "rebuild",
  p: "pause",
  c: "clear",
  e: "error",
  o: "open",
  q: "quit",
  "?": "help",
  h: "help",
} as const;
export type KeyName = (typeof keys)[keyof typeof keys];

/** What comes within so many milliseconds was not typed but pasted, or is one key that sends several characters. */
const togetherMs = 20;

/** One key, with Enter or without; anything else, such as pasted text, means nothing. */
function keyOf(text: string): KeyName | undefined {
  const word = text.replace(/[\r\n]+$/, "");
  return Object.entries(keys).find(([key]) => key === word)?.[1];
}

/** What the terminal makes signals of, while a program has not turned that off: a full-screen program that does not read its keys. */
const signals: Readonly<Record<string, NodeJS.Signals>> = {
  "\u0003": "SIGINT",
  "\u001a": "SIGTSTP",
  "\u001c": "SIGQUIT",
};

/** To all who would have it from the terminal. */
function raise(signal: NodeJS.Signals): void {
  process.kill(0, signal);
}

export interface Typing {
  pause(): void;
  resume(): void;
  close(): void;
}

/** Reads from now on; the modes of the terminal are somebody else's business. */
export function readKeys(pressed: (key: KeyName) => void): Typing {
  let text = "";
  let timer: NodeJS.Timeout | undefined;
  const judge = (): void => {
    const key = keyOf(text);
    const signal = signals[text];
    if (signal !== undefined) raise(signal);
    // Somebody who wants some room between the old lines and the new ones.
    if (/^[\r\n]+$/.test(text)) process.stderr.write("\n");
    text = "";
    if (key !== undefined) pressed(key);
  };
  const hear = (chunk: Buffer): void => {
    text += chunk.toString("latin1");
    clearTimeout(timer);
    timer = setTimeout(judge, togetherMs);
  };
  if (!isatty(0)) return { pause() {}, resume() {}, close() {} };
  const { stdin } = process;
  // The end of what is typed, or of the terminal, is not the end of anything else.
  stdin.on("data", hear).on("error", () => {});
  return {
    pause: () => void stdin.pause(),
    resume: () => void stdin.resume(),
    close() {
      clearTimeout(timer);
      stdin.off("data", hear).pause();
      stdin.unref();
    },
  };
}
