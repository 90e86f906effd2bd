/** What is said of runs that end badly. */
import type { Problem } from "../core/problem.ts";
import type { Service } from "../core/types.ts";
import { printable, shortDuration } from "../report/words.ts";
import type { RunFact } from "./run.ts";

export const heldUp = ({ job, afterMs, by }: Omit<Extract<RunFact, { type: "heldUp" }>, "type">): Problem => ({
  code: "process/held-up",
  severity: "warning",
  message: `${job.service === "" ? "" : `${job.service}: `}run ${job.number} needed all of its ${shortDuration(afterMs)} to end, as one before: ${by}`,
  hint: "how long it may take: stop_timeout under [proc], or --proc.stop_timeout 500ms",
});

/** As the other causes of it are said: without what may be a secret. */
export const wasUnderWay = (request: string): string => `${printable(request)} was under way through the proxy`;

/** Whose it is, where there are several. */
export const saidOfService = (problem: Problem, service: Service): Problem =>
  service === "" ? problem : { ...problem, message: `${service}: ${problem.message}` };

export const terminalIsNobodys: Problem = {
  code: "process/terminal",
  severity: "warning",
  message: "what was killed had taken the terminal: Ctrl-C and the keys reach nobody now",
  hint: `to end reload, from another terminal: kill ${process.pid}`,
};
