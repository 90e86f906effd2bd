/** The terminal of `reload`: its modes and its screen are what every program finds, and what the user gets back; its keys. */
import { type KeyName, readKeys, type Typing } from "./keys.ts";
import { isForeground, isOurs, keyModes, readModes, setModes, setModesNow, shellModes } from "./modes.ts";
import { resetScreen } from "./screen.ts";

export interface TerminalParts {
  /** The keys are wanted, as the configuration has it at the moment. */
  hasKeys(): boolean;
  pressed(key: KeyName): void;
  /** The modes to be restored in case of need, as `stty` reads them. */
  found(modes: string): void;
}

export interface Terminal {
  /** To be called when the first program is on its way: it must not wait for this. */
  begin(): void;
  /** After each run, before the next: as it was found, whatever the program did to it. `undefined`: nothing to wait for, as `now`. */
  restore(when?: "now"): Promise<void> | undefined;
  /** The keys may be wanted, or may not be wanted any more. */
  review(): void;
  /** Ctrl-Z: the shell gets it as it was found. */
  suspend(): void;
  /** At the end. Its modes Node restores by itself, unless it is ended by a signal. */
  close(isEndedBySignal: boolean): void;
}

/** How soon after `fg` the keys work, in milliseconds: nothing tells a running job that it has come to the foreground. */
const foregroundMs = 500;

export function takeTerminal(parts: TerminalParts): Terminal {
  let found: string | undefined;
  let typing: Typing | undefined;
  let areKeysOn = false;
  let isOver = false;
  let waiting: NodeJS.Timeout | undefined;
  if (isOurs()) parts.found(shellModes);

  const modes = (): readonly string[] => [found ?? shellModes, ...(areKeysOn ? keyModes : [])];
  const review = (): void => {
    clearTimeout(waiting);
    if (isOver || found === undefined) return;
    const areWanted = parts.hasKeys();
    if (areWanted && !isOurs()) waiting = setTimeout(review, foregroundMs).unref();
    if ((areWanted && isOurs()) === areKeysOn) return;
    areKeysOn = !areKeysOn;
    void setModes(modes());
    if (areKeysOn) {
      typing ??= readKeys(parts.pressed);
      typing.resume();
    } else typing?.pause();
  };

  return {
    begin() {
      void readModes().then((text) => {
        found = text ?? shellModes;
        if (text !== undefined) parts.found(text);
        review();
      });
    },
    restore(when) {
      review();
      if (!isForeground()) return undefined;
      resetScreen();
      if (when === "now") return void setModesNow(modes());
      return isOurs() ? setModes(modes()) : undefined;
    },
    review,
    suspend() {
      if (!areKeysOn) return;
      typing?.pause();
      areKeysOn = false;
      setModesNow(modes());
    },
    close(isEndedBySignal) {
      isOver = true;
      clearTimeout(waiting);
      typing?.close();
      areKeysOn = false;
      resetScreen();
      if (isEndedBySignal && found !== undefined) setModesNow(modes());
    },
  };
}
