/** What to say of others that run for the same configuration file. */
import type { Holder } from "../adapters/lock/lock.ts";
import type { Problem } from "../core/problem.ts";

/** What is said of one that runs already begins so: `--background` waits for that one then. */
export const already = "already running for";

/** Of the one that stays in the background, between what is said before anything is started and what comes later. */
export const begunMark = "\0";

export const runsAlready = (holder: Holder, file: string): Problem => ({
  code: "session/already-running",
  severity: "error",
  origin: "reload",
  message: `${already} ${file} (${pidOf(holder)})`,
  hint: [
    `up for ${age(holder.upMs)}${holder.address === undefined ? "" : `, at ${holder.address}`}`,
    "talk to it: reload status, reload wait, reload restart",
    `end it: reload stop, or Ctrl-C in its terminal${holder.isElsewhere ? "" : `, or kill ${holder.pid}`}`,
    "or give this one another file: -c FILE",
  ].join("\n"),
});

export const runsBeside = (holder: Holder, file: string): string =>
  `also running for ${file}: ${pidOf(holder)}, ${holder.profile === undefined ? "without a profile" : `with --profile ${holder.profile}`}`;

export const mayRun = (holder: Holder, file: string): Problem => ({
  code: "session/no-lock",
  severity: "warning",
  message: `another reload for ${file} may be running: ${pidOf(holder)}, which cannot be seen from here`,
  hint: "if it runs, end one of them: both would build and start",
});

const pidOf = ({ pid, isElsewhere }: Holder): string => `pid ${pid}${isElsewhere ? " in another container" : ""}`;

/** As far as it matters: 40s, 12m, 3h 5m, 2d 4h. */
function age(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours}h ${minutes % 60}m` : `${Math.floor(hours / 24)}d ${hours % 24}h`;
}
