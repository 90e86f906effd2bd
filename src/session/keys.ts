/** What the keys do. */
import type { KeyName } from "../adapters/terminal/keys.ts";
import { type Pausing, usualPauseMs } from "./pausing.ts";

export interface Deeds {
  ask(verb: "restart" | "rebuild"): void;
  /** Kills what is being stopped; `false`: nothing is. */
  hurry(): boolean;
  readonly pausing: Pausing;
  quit(code: number): void;
  lastError(): string | undefined;
  say(text: string): void;
  clear(): void;
  /** Of the proxies, by service. */
  urls(): ReadonlyMap<string, string>;
  /** `false`: there is nothing that could show it. */
  open(url: string): Promise<boolean>;
}

const help = [
  "r  restart (while something is being stopped: kill it now)",
  "b  build and restart",
  "p  pause: collect changes without acting on them; again: act",
  "c  clear the screen",
  "e  show the last error again",
  "o  open the address of the proxy (of several: each)",
  "q  quit (Ctrl-C too)",
  "?  this help",
  "What you type goes to the program with [proc] stdin = true; [ui] keys = false turns the keys off.",
].join("\n");

export function deedsOf(deeds: Deeds): (key: KeyName) => void {
  const { pausing } = deeds;
  const openAddresses = async (): Promise<void> => {
    const urls = deeds.urls();
    if (urls.size === 0) deeds.say("there is no address to open: [proxy] makes one");
    for (const [service, url] of urls)
      if (!(await deeds.open(url))) deeds.say(`${service === "" ? "" : `${service}: `}open ${url}`);
  };
  return (key) => {
    switch (key) {
      case "restart":
        if (!deeds.hurry()) deeds.ask("restart");
        return;
      case "rebuild":
        deeds.ask("rebuild");
        return;
      case "clear":
        deeds.clear();
        return;
      case "error":
        deeds.say(deeds.lastError() ?? "nothing has failed so far");
        return;
      case "quit":
        deeds.quit(0);
        return;
      case "help":
        deeds.say(help);
        return;
      case "pause":
        if (pausing.isPaused()) void pausing.resume();
        else pausing.pause(usualPauseMs, "key");
        return;
      case "open":
        void openAddresses();
    }
  };
}
