/** Somebody to ask, until an answer has begun: who waits, who is asked again, and when it is given up. */
import type { RefusalAnswer } from "./answers.ts";
import type { Departure } from "./departure.ts";
import type { ExchangeOutcome } from "./exchange.ts";
import type { Lines } from "./lines.ts";
import { noAnswer, nothingListens, speaksTls, whyAway } from "./refusals.ts";
import type { Room } from "./room.ts";
import type { Served, Upstream } from "./served.ts";

/** While nobody listens although a run is expected there, it is asked again so often. */
const firstPauseMs = 10;
const longestPauseMs = 100;
/** A run that refuses for so long is not going to listen there. */
const redialMs = 10_000;
/** So long it may take until it is known that a run has ended. */
const leavingMs = 1_000;

export interface DialParts {
  readonly room: Room;
  readonly lines: Lines;
  served(): Served;
  /** `[proxy] hold`, in milliseconds. */
  holdMs(): number;
  warn(text: string): void;
}

export interface Call {
  /** May be sent again: nothing is changed by it, and it has no body. */
  readonly isRepeatable: boolean;
  readonly client: Departure;
  ask(upstream: Upstream): Promise<ExchangeOutcome>;
}

export function createDial({ room, lines, served, holdMs, warn }: DialParts) {
  const questions = new Map<number, Promise<boolean>>();

  const isTls = async (upstream: Upstream): Promise<boolean> => {
    const { isTls: asks } = await import("./tls.ts");
    const question = questions.get(upstream.run) ?? asks(lines.hostsOf(upstream), upstream.port);
    questions.set(upstream.run, question);
    if (await question) warn(speaksTls(upstream));
    return question;
  };

  /** A run that gives no answer is about to end, as a rule, and another one may be asked. The same one is not asked twice. */
  const hasLeft = async ({ run }: Upstream, client: Departure): Promise<boolean> => {
    const end = performance.now() + leavingMs;
    for (let leftMs = leavingMs; leftMs > 0 && !client.isGone; leftMs = end - performance.now()) {
      if (served().upstream?.run !== run) return true;
      await room.next(leftMs, client.signal);
    }
    return served().upstream?.run !== run;
  };

  return {
    /** Returns what the client is to be told; nothing where it has an answer, or has gone. */
    async call({ isRepeatable, client, ask }: Call): Promise<RefusalAnswer | undefined> {
      const sinceMs = performance.now();
      let refusedSinceMs: number | undefined;
      for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
        const entered = await room.enter(sinceMs, client);
        if (entered.is === "away") return whyAway(entered.why, served());
        const { upstream } = entered;
        // Another one may have taken over between the two: then this one waits for nobody any more.
        if (served().upstream?.run !== upstream.run) continue;
        const outcome = await ask(upstream);
        if (outcome.is === "answered" || outcome.is === "gone") return undefined;
        if (outcome.is === "let go") {
          if (isRepeatable && (await hasLeft(upstream, client))) continue;
          return noAnswer(upstream, new Error("it had to end"));
        }
        if (outcome.is === "broken") {
          // A connection that was open already has carried an answer before.
          if (isRepeatable && outcome.wasIdle) continue;
          const tls = isTls(upstream);
          // Where another run takes over there is nothing to be learned of this one.
          const left = isRepeatable && hasLeft(upstream, client);
          if (left !== false && (await Promise.race([left, tls.then((is) => !is && left)]))) continue;
          if (await tls) return { status: 502, title: "Bad gateway", detail: speaksTls(upstream) };
          return noAnswer(upstream, outcome.error);
        }
        refusedSinceMs ??= performance.now();
        const isInVain = performance.now() - refusedSinceMs >= redialMs && served().upstream?.port === upstream.port;
        if (isInVain || performance.now() - sinceMs >= holdMs()) return nothingListens(upstream);
        await room.next(pauseMs, client.signal);
      }
    },
    forget: (run: number): void => void questions.delete(run),
  };
}
