/** Ready when a line of the output matches, as it would be read: without escape sequences. */
import { StringDecoder } from "node:string_decoder";
import { stripVTControlCharacters } from "node:util";
import type { Probe, Streams } from "./probe.ts";

/** A line that never ends is matched as far as this, in characters. */
const longestLine = 64 * 1024;

/** Listens from now on. */
export function logProbe(streams: Streams, pattern: Pick<RegExp, "test" | "source">): Probe {
  let matched = (): void => {};
  const match = new Promise<void>((resolve) => {
    matched = resolve;
  });
  const readers = [streams.stdout, streams.stderr].map((stream) => {
    const decoder = new StringDecoder("utf8");
    let rest = "";
    const read = (chunk: Buffer): void => {
      const lines = (rest + decoder.write(chunk)).split(/\r?\n/);
      // A prompt without a newline counts as well, and so does each state of a line that is drawn again.
      const isThere = lines.some((line) =>
        line.split("\r").some((state) => pattern.test(stripVTControlCharacters(state))),
      );
      rest = (lines.pop() ?? "").slice(-longestLine);
      if (!isThere) return;
      for (const stop of readers) stop();
      matched();
    };
    stream?.on("data", read);
    return () => void stream?.off("data", read);
  });
  const refusal = `log: no line matched /${pattern.source}/`;
  return {
    open: refusal,
    pauseShare: 0,
    ask: (over) =>
      new Promise((resolve) => {
        over.addEventListener("abort", () => resolve(refusal), { once: true });
        void match.then(() => resolve(undefined));
      }),
  };
}
