/** Ready when it listens on some port: the kernel knows which. */
import { pause } from "../system/pause.ts";
import type { Probe } from "./probe.ts";
import { type Chosen, chosenOf, holderBefore, isNamed, portsOfRun } from "./run-ports.ts";
import { tcpProbe } from "./tcp.ts";

export interface Sought {
  /** The `PORT` that it was given. */
  readonly preferred: number;
  /** That port was free when it was chosen: whoever answers there is the run. */
  readonly isFree: boolean;
  /** What was found of the run before. */
  readonly earlier: Chosen | undefined;
  /** How long another port may be the only one until it counts, in milliseconds: a debugger's or a monitor's may be opened first. */
  readonly patienceMs: number;
  /** From then on it counts at once, in milliseconds since the first question: there is no time left to be patient. */
  readonly patientForMs: number;
  found(chosen: Chosen): void;
}

/** Where the run before had several, the one where it was asked is waited for: another one may be opened first, long before it. */
const earlierPatienceMs = 1_000;

/** @param pid the leader of the group; elsewhere than on Linux only the port that it was given is known */
export function listeningProbe(pid: number | undefined, sought: Sought): Probe {
  const { preferred, isFree, earlier, patienceMs, patientForMs, found } = sought;
  const given = tcpProbe(undefined, preferred, () => false);
  let began: number | undefined;
  let since: number | undefined;
  return {
    open: given.open,
    pauseShare: given.pauseShare,
    async ask(over) {
      began ??= performance.now();
      let refusal = await given.ask(over);
      if (over.aborted) return refusal;
      if (refusal === undefined && !isFree && pid !== undefined) {
        const other = holderBefore(pid, preferred);
        if (other !== undefined) refusal = `PORT ${preferred} is taken by ${other}`;
      }
      if (refusal === undefined) {
        found({ port: preferred, isClear: true, others: [] });
        return undefined;
      }
      if (pid === undefined) return refusal;
      const { askable, elsewhere } = portsOfRun(pid);
      const chosen = chosenOf(askable, earlier?.port);
      if (chosen === undefined)
        return elsewhere[0] === undefined
          ? refusal
          : `it listens on ${elsewhere[0]}, but neither at 127.0.0.1 nor at ::1, where it is asked`;
      const now = performance.now();
      since ??= now;
      const isSecond = earlier !== undefined && earlier.others.length > 0 && chosen.port !== earlier.port;
      const neededMs = isSecond ? Math.max(patienceMs, earlierPatienceMs) : patienceMs;
      if (now - since < neededMs && now - began < patientForMs)
        return `it listens on ${chosen.port}, not on PORT ${preferred}`;
      found(chosen);
      return undefined;
    },
  };
}

const firstPauseMs = 100;
/** What a program opens so long after the first port belongs to what it does, and not to how it begins. */
const followedMs = 10_000;

/**
 * A program may open the port that is meant after another one, and has been found at that. Looks again, less and less often, and
 * tells whatever differs from `first`; a port without a name of its own gives way to one that has one, and each to `PORT`.
 */
export async function followPorts(pid: number, first: Chosen, { preferred, found }: Sought, over: AbortSignal) {
  let last = first;
  const began = performance.now();
  for (let pauseMs = firstPauseMs; performance.now() - began < followedMs; pauseMs *= 1.5) {
    await pause(pauseMs, over);
    if (over.aborted) return;
    const { askable } = portsOfRun(pid);
    const chosen = askable.includes(preferred)
      ? { port: preferred, isClear: true, others: [] }
      : chosenOf(askable, isNamed(last.port) ? last.port : undefined);
    if (chosen === undefined || textOf(chosen) === textOf(last)) continue;
    last = chosen;
    found(chosen);
    if (chosen.port === preferred) return;
  }
}

const textOf = ({ port, others }: Chosen): string => [port, ...others].join(" ");
