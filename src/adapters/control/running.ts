/** Asks a `reload` that runs. One that is suspended (Ctrl-Z) takes a question, and never answers: that is told in its place. */
import { statOf } from "../system/proc.ts";
import { askSession, type FinalAnswer, type Question } from "./channel.ts";

/** Nobody looks at a process that answers at once. */
const firstLookMs = 300;

/** Resolves with the end; `undefined` where nobody answers any more. */
export async function askRunning(
  { pid, socket }: { readonly pid: number; readonly socket: string },
  question: Question,
  part: (value: unknown) => void = () => {},
  over?: AbortSignal,
): Promise<FinalAnswer | undefined> {
  const enough = new AbortController();
  let suspended: FinalAnswer | undefined;
  const look = setInterval(() => {
    // `t` is a debugger's: it goes on.
    if (statOf(pid)?.state !== "T") return;
    if (isEnd(question)) return void process.kill(pid, "SIGCONT");
    const text = `the reload that runs here (pid ${pid}) is suspended: fg in its terminal, or kill -CONT ${pid}, lets it go on`;
    suspended = { type: "end", code: 2, text, value: null };
    enough.abort();
  }, firstLookMs);
  try {
    const ending = await askSession(
      socket,
      question,
      part,
      over === undefined ? enough.signal : AbortSignal.any([over, enough.signal]),
    );
    return ending ?? suspended;
  } finally {
    clearInterval(look);
  }
}

/** Of all of it. What is to end is let go on. */
const isEnd = ({ verb, names }: Question): boolean => verb === "stop" && names.length === 0;
