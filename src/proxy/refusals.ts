/** Why there is no answer of the application. */
import type { RefusalAnswer } from "./answers.ts";
import type { TurnedAway } from "./room.ts";
import type { Served, Upstream } from "./served.ts";

export function whyAway(why: TurnedAway, { because, failures }: Served): RefusalAnswer {
  const [failure] = failures;
  const detail = failure === undefined ? because : `${failure.message}\n\n${plain(failure.output)}`.trimEnd();
  switch (why) {
    case "full":
      return { status: 503, title: "Too many requests wait", detail: because, retryAfter: 1 };
    case "late":
      return { status: 503, title: "Not ready yet", detail, retryAfter: 1 };
    case "nothing":
    case "gone": {
      // What ends by itself may do so long after the last change.
      const isOfChange = failure !== undefined && failure.stage !== "run";
      const title = isOfChange ? "Nothing runs: the last change failed" : "Nothing runs";
      return { status: 503, title, detail, retryAfter: 1 };
    }
  }
}

export const nothingListens = ({ run, port }: Upstream): RefusalAnswer => ({
  status: 502,
  title: "Bad gateway",
  detail: `nothing listens on port ${port}, where run ${run} is expected`,
  retryAfter: 1,
});

export const noAnswer = ({ run }: Upstream, error: Error): RefusalAnswer => ({
  status: 502,
  title: "Bad gateway",
  detail: `run ${run} gave no answer (${error.message})`,
});

export const speaksTls = ({ port }: Upstream): string =>
  `the program speaks TLS on port ${port}, and the proxy speaks to it without: give it a port without TLS, or open it directly`;

export const speaksNewer =
  "somebody speaks HTTP/2 without TLS, as gRPC does, and the proxy speaks HTTP/1.1: for that, ask the program at its own port";

/** Without control characters and their sequences: what was printed may have been meant for a terminal. */
const plain = (text: string): string =>
  text
    .replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|.)/g, "")
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "");
