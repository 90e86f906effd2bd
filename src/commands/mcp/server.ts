/** `reload mcp`: a server of the Model Context Protocol on stdio, JSON-RPC 2.0 with one message per line. */
import { createInterface } from "node:readline";
import { reasonOf } from "../../core/errors.ts";
import type { Given } from "../../line/given.ts";
import type { Io } from "../../session/io.ts";
import { describeTools, toolNamed, wrongArguments } from "./tools.ts";

/** Of the protocol; the newest first. What differs between them is nothing that is used here. */
const protocols = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];
const instructions =
  "reload watches this project, builds it and restarts the program after every edit. Call wait after you have edited files: it returns when everything that was written runs, or with the error of the build.";

type Id = string | number;
interface Answer {
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

const refused = (code: number, message: string): Answer => ({ error: { code, message } });

/** Resolves with the exit code when nobody asks any more. */
export async function serveMcp(given: Given, io: Io): Promise<number> {
  if (io.input === undefined) return 0;
  const open = new Map<Id, AbortController>();
  const answers = new Set<Promise<void>>();
  const lines = createInterface({ input: io.input() });
  let code = 0;
  const unlisten = io.listen({
    quit(asked) {
      code = asked;
      lines.close();
    },
    pause() {},
    resized() {},
    passOn() {},
  });
  const send = (id: Id | null, answer: Answer): void =>
    void io.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, ...answer })}\n`);

  const take = async (line: string): Promise<void> => {
    const message = parsed(line);
    if (message === undefined) return send(null, refused(-32700, "this is not a JSON object"));
    const { id, method, params } = message;
    if (method === "notifications/cancelled") open.get(idOf(params["requestId"]) ?? "")?.abort();
    if (id === undefined) return;
    if (method === undefined) return send(id, refused(-32600, "there is no method"));
    const over = new AbortController();
    open.set(id, over);
    const answer = await answerTo(method, params, over.signal).catch((error: unknown) =>
      refused(-32603, reasonOf(error)),
    );
    open.delete(id);
    // Who has cancelled a request expects no answer.
    if (!over.signal.aborted) send(id, answer);
  };

  const answerTo = async (method: string, params: Params, over: AbortSignal): Promise<Answer> => {
    switch (method) {
      case "initialize": {
        const asked = params["protocolVersion"];
        return {
          result: {
            protocolVersion: protocols.find((known) => known === asked) ?? protocols[0],
            capabilities: { tools: {} },
            serverInfo: { name: "reload", version: io.version() },
            instructions,
          },
        };
      }
      case "ping":
        return { result: {} };
      case "tools/list":
        return { result: { tools: describeTools() } };
      case "tools/call": {
        const tool = toolNamed(params["name"]);
        if (tool === undefined) return refused(-32602, `there is no tool ${String(params["name"])}`);
        const words = isObject(params["arguments"]) ? params["arguments"] : {};
        const wrong = wrongArguments(tool, words);
        return wrong === undefined ? { result: await tool.call(words, { given, io, over }) } : refused(-32602, wrong);
      }
      default:
        return refused(-32601, `there is no method ${method}`);
    }
  };

  lines.on("line", (line) => {
    if (line.trim() === "") return;
    const answer = take(line).finally(() => answers.delete(answer));
    answers.add(answer);
  });
  await new Promise<void>((resolve) => lines.once("close", resolve));
  for (const over of open.values()) over.abort();
  await Promise.all(answers);
  unlisten();
  return code;
}

type Params = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Params =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const idOf = (value: unknown): Id | undefined =>
  typeof value === "string" || typeof value === "number" ? value : undefined;

function parsed(
  line: string,
): { readonly id: Id | undefined; readonly method: string | undefined; readonly params: Params } | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (!isObject(value)) return undefined;
    const { id, method, params } = value;
    return {
      id: idOf(id),
      method: typeof method === "string" ? method : undefined,
      params: isObject(params) ? params : {},
    };
  } catch {
    return undefined;
  }
}
