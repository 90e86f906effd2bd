/** How a `reload` is talked to: one question as a line of JSON, answers as lines of JSON, over a socket that is the user's alone. */
import { chmodSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { reasonOf } from "../../core/errors.ts";

export interface Question {
  readonly verb: string;
  readonly names: readonly string[];
  readonly options: Readonly<Record<string, string | number | boolean>>;
}

/** What comes before the end: something to be printed, whenever it is there. */
export interface AnswerPart {
  readonly type: "part";
  readonly value: unknown;
}

export interface FinalAnswer {
  readonly type: "end";
  /** The exit code of the command. */
  readonly code: number;
  /** For people. */
  readonly text: string;
  /** For programs. */
  readonly value: unknown;
}

/** Answers a question; `gone` is aborted when nobody waits for the answer any more. */
export type Answerer = (question: Question, part: (value: unknown) => void, gone: AbortSignal) => Promise<FinalAnswer>;

const longestQuestion = 64 * 1024;
/** Who does not read is not waited for without end. */
const longestFlushMs = 500;

/** Rejects with the error of the system. */
export async function listenForQuestions(path: string, answer: Answerer): Promise<{ close(): Promise<void> }> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    serve(socket, answer);
  });
  // Its name is new: what is there was left by nobody who lives.
  rmSync(path, { force: true });
  await listening(server, path);
  server.on("error", () => {});
  try {
    chmodSync(path, 0o600);
  } catch (error) {
    // What others may be able to open is not kept.
    server.close();
    throw error;
  }
  // It is there for others, and keeps nobody alive.
  server.unref();
  return {
    async close() {
      server.close();
      // An answer that is on its way is let out.
      await new Promise((resolve) => setImmediate(resolve));
      const limit = new Promise((resolve) => setTimeout(resolve, longestFlushMs).unref());
      const closed = [...open].map((socket) => new Promise((resolve) => socket.once("close", resolve)));
      for (const socket of open) socket.destroySoon();
      await Promise.race([Promise.all(closed), limit]);
    },
  };
}

const listening = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });

function serve(socket: Socket, answer: Answerer): void {
  const gone = new AbortController();
  let asked = "";
  const send = (value: AnswerPart | FinalAnswer): void => {
    if (!socket.destroyed) socket.write(`${JSON.stringify(value)}\n`);
  };
  const hear = (chunk: Buffer): void => {
    asked += chunk.toString("utf8");
    const end = asked.indexOf("\n");
    if (end < 0) {
      if (asked.length > longestQuestion) socket.destroy();
      return;
    }
    socket.off("data", hear);
    socket.resume();
    const question = questionOf(asked.slice(0, end));
    if (question === undefined) {
      send({ type: "end", code: 2, text: "the question was not understood", value: null });
      socket.end();
      return;
    }
    void answer(question, (value) => send({ type: "part", value }), gone.signal)
      .catch((error: unknown): FinalAnswer => {
        return { type: "end", code: 70, text: `reload could not answer: ${reasonOf(error)}`, value: null };
      })
      .then((ending) => {
        send(ending);
        socket.end();
      });
  };
  socket.on("data", hear);
  socket.on("error", () => socket.destroy());
  socket.on("close", () => gone.abort());
}

function questionOf(line: string): Question | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null || !("verb" in value) || typeof value.verb !== "string")
      return undefined;
    const names =
      "names" in value && Array.isArray(value.names) ? value.names.filter((name) => typeof name === "string") : [];
    const options =
      "options" in value && typeof value.options === "object" && value.options !== null ? value.options : {};
    return { verb: value.verb, names, options: { ...options } };
  } catch {
    return undefined;
  }
}

/** Resolves with the end; `undefined` where nobody answers any more. */
export function askSession(
  path: string,
  question: Question,
  part: (value: unknown) => void = () => {},
  over?: AbortSignal,
): Promise<FinalAnswer | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    let ending: FinalAnswer | undefined;
    const lines = createInterface({ input: socket });
    // Readline passes errors of its input on.
    lines.on("error", () => {});
    lines.on("line", (line) => {
      const value = answerOf(line);
      if (value?.type === "part") part(value.value);
      else if (value?.type === "end") ending = value;
    });
    lines.on("close", () => {
      socket.destroy();
      resolve(ending);
    });
    socket.on("error", () => lines.close());
    // One that is destroyed has no end, and readline waits for that.
    socket.on("close", () => lines.close());
    over?.addEventListener("abort", () => socket.destroy());
    socket.write(`${JSON.stringify(question)}\n`);
  });
}

function answerOf(line: string): AnswerPart | FinalAnswer | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null || !("type" in value)) return undefined;
    if (value.type === "part" && "value" in value) return { type: "part", value: value.value };
    if (value.type !== "end" || !("code" in value) || typeof value.code !== "number") return undefined;
    const text = "text" in value && typeof value.text === "string" ? value.text : "";
    return { type: "end", code: value.code, text, value: "value" in value ? value.value : null };
  } catch {
    return undefined;
  }
}
