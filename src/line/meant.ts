/** Commands by the names that they have elsewhere (npm, docker compose, pm2, systemctl, git, foreman), and by slips of the finger. */
import { nearest } from "../config/check/suggest.ts";
import { commandTable } from "./commands.ts";

const elsewhere: Readonly<Record<string, string>> = {
  "reload status": "ps ls list info state stat st top show health",
  "reload stop": "kill down quit exit halt end shutdown terminate off stopall",
  "reload restart": "rs reboot bounce reset relaunch rerun respawn",
  "reload logs": "log tail output journal stdout",
  "reload wait": "ready await block sync until",
  "reload url": "open address port link browse",
  "reload pause": "freeze suspend hold",
  "reload resume": "continue unpause thaw unfreeze",
  "reload versions": "history",
  "reload rollback": "revert undo back",
  "reload config": "check validate lint verify settings conf cfg",
  "reload explain": "why matches",
  "reload doctor": "diagnose diag troubleshoot",
  "reload init": "new create setup generate bootstrap",
  "reload completion": "completions complete autocomplete",
  "reload --background": "background bg daemon daemonize detach",
  "reload --once": "once smoke",
  reload: "up run dev serve exec begin launch monitor",
};

const meanings = new Map(
  Object.entries(elsewhere).flatMap(([line, words]) => words.split(" ").map((word) => [word, line] as const)),
);

/** What to write for the words that stand where a command may stand. */
export function commandMeant([word = "", ...rest]: readonly string[]): string | undefined {
  const meant = elsewhereMeant(word.toLowerCase(), rest);
  if (meant !== undefined) return meant;
  const near = nearest(
    word,
    commandTable.map(({ name }) => name),
  );
  return near === undefined ? undefined : `reload ${near}`;
}

/** A name that another tool gives it. */
export function elsewhereMeant(word: string, rest: readonly string[]): string | undefined {
  const meant = meanings.get(word);
  if (meant === undefined || rest.length === 0) return meant;
  if (rest.some((word) => word.startsWith("-")))
    return meant === "reload" && rest.some((word) => /^(-d|--detach|--daemon)$/.test(word))
      ? "reload --background"
      : meant;
  return `${meant} ${rest.join(" ")}`;
}
