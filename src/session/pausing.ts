/** A pause: changes are collected and nothing is done about them. There is one, whoever asked for it, and it ends by itself. */
import { shortDuration } from "../report/words.ts";

export interface PausingParts {
  isPaused(): boolean;
  take(type: "paused" | "resumed"): void;
  /** Said where `reload` runs, so that nobody wonders there why nothing restarts. */
  say(text: string): void;
}

export interface Pausing {
  /** For so many milliseconds at most; asked again, the newest time counts. */
  pause(forMs: number, by: "key" | "command"): void;
  resume(): void;
  isPaused(): boolean;
  close(): void;
}

export const usualPauseMs = 5 * 60_000;

export function createPausing({ isPaused, take, say }: PausingParts): Pausing {
  let timer: NodeJS.Timeout | undefined;
  const resume = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (!isPaused()) return;
    say("no longer paused");
    take("resumed");
  };
  return {
    isPaused,
    resume,
    pause(forMs, by) {
      clearTimeout(timer);
      take("paused");
      const who = by === "key" ? "paused" : "paused by reload pause";
      say(`${who}: changes are collected until p or reload resume acts on them, ${shortDuration(forMs)} at most`);
      timer = setTimeout(resume, forMs).unref();
    },
    close: () => clearTimeout(timer),
  };
}
