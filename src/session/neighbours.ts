/** What to say of others that run for the same configuration file. */
import type { Holder } from "../adapters/lock/lock.ts";
import type { Problem } from "../core/problem.ts";

/** What is said of one that runs already begins so: `--background` waits for that one then. */
export const already = "already running for";

/** Of the one that stays in the background, between what is said before anything is started and what comes later. */
export const begunMark = "\0";

export const runsAlready = ({ pid, address, upMs }: Holder, file: string): Problem => ({
  code: "session/already-running",
  severity: "error",
  origin: "reload",
  message: `${already} ${file} (pid ${pid})`,
  hint: [
    `up for ${age(upMs)}${address === undefined ? "" : `, at ${address}`}`,
    "talk to it: reload status, reload wait, reload restart",
    `end it: reload stop, or Ctrl-C in its terminal, or kill ${pid}`,
    "or give this one another file: -c FILE",
  ].join("\n"),
});

export const runsBeside = ({ pid, profile }: Holder, file: string): string =>
  `also running for ${file}: pid ${pid}, ${profile === undefined ? "without a profile" : `with --profile ${profile}`}`;

/** As far as it matters: 40s, 12m, 3h 5m, 2d 4h. */
function age(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours}h ${minutes % 60}m` : `${Math.floor(hours / 24)}d ${hours % 24}h`;
}
