/** A pause: changes are collected and nothing is done about them. There is one, whoever asked for it, and it ends by itself. */
import { shortDuration } from "../report/words.ts";

export interface PausingParts {
  isPaused(): boolean;
  take(type: "paused" | "resumed"): void;
  /** Edits of the configuration have been collected as well: reads it again, and what they touch has been told when it resolves. */
  readConfiguration(): Promise<void>;
  /** Said where `reload` runs, so that nobody wonders there why nothing restarts. */
  say(text: string): void;
}

export interface Pausing {
  /** For so many milliseconds at most; asked again, the newest time counts. */
  pause(forMs: number, by: "key" | "command"): void;
  /** Resolves when it is so. */
  resume(): Promise<void>;
  isPaused(): boolean;
  close(): void;
}

export const usualPauseMs = 5 * 60_000;

export function createPausing({ isPaused, take, readConfiguration, say }: PausingParts): Pausing {
  let timer: NodeJS.Timeout | undefined;
  /** Each pause has a number of its own. */
  let newest = 0;
  let ending: { readonly of: number; readonly resumed: Promise<void> } | undefined;
  const end = async (): Promise<void> => {
    const mine = newest;
    // While it is still paused, so that everything that was collected is acted on at once.
    await readConfiguration();
    // Somebody has paused anew meanwhile.
    if (mine !== newest || !isPaused()) return;
    say("no longer paused");
    take("resumed");
  };
  const resume = async (): Promise<void> => {
    clearTimeout(timer);
    if (!isPaused()) return;
    if (ending?.of !== newest) ending = { of: newest, resumed: end() };
    await ending.resumed;
  };
  return {
    isPaused,
    resume,
    pause(forMs, by) {
      clearTimeout(timer);
      newest += 1;
      take("paused");
      const who = by === "key" ? "paused" : "paused by reload pause";
      say(`${who}: changes are collected until p or reload resume acts on them, ${shortDuration(forMs)} at most`);
      timer = setTimeout(() => void resume(), forMs).unref();
    },
    close: () => clearTimeout(timer),
  };
}
