/** Starts a tool in a project, saves, and asks the server until the saved word comes back; counts who was turned away meanwhile. */
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { plainWords } from "./process.ts";

export interface Driven {
  /** From the save to the answer that has it, in milliseconds; one for each save. */
  readonly savesMs: readonly number[];
  /** Requests that found no server, one every 10 ms, in all saves together. */
  readonly refused: number;
  /** Requests that a server took and did not answer: it ended with them, or did not answer in time. */
  readonly broken: number;
  /** The words of the process that listened. */
  readonly words: readonly string[];
  /** Processes that were alive after it had been ended. */
  readonly left: number;
}

export interface Drive {
  readonly command: readonly string[];
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  readonly port: number;
  /** Relative to the directory. */
  readonly edited: string;
  readonly saves: number;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

const deadlineMs = 120_000;
const mark = (): string => `projects-${process.pid}-${Date.now()}`;

/** Throws what the tool printed, where the server does not answer in time. */
export async function drive({ command, directory, env, port, edited, saves }: Drive): Promise<Driven> {
  const id = mark();
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    cwd: directory,
    env: { ...env, RELOAD_PROJECTS: id },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  child.on("error", (error) => {
    output += error.message;
  });
  let last = "";
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  try {
    const file = join(directory, edited);
    const lost = { refused: 0, broken: 0 };
    const until = async (version: number): Promise<void> => {
      for (const endMs = Date.now() + deadlineMs; Date.now() < endMs; ) {
        const answer = await ask(port);
        if (answer.is === "answer") last = answer.text;
        else lost[answer.is] += 1;
        if (answer.is === "answer" && answer.text.includes(`version ${version}`)) return;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      throw new Error(`${command.join(" ")} did not answer with version ${version}:\n${output}`);
    };
    const first = Number(/version (\d+)/.exec(readFileSync(file, "utf8"))?.[1] ?? 0);
    await until(first);
    Object.assign(lost, { refused: 0, broken: 0 });
    const words = spokenIn(last) ?? wordsOf(port, id).map((word) => word.replace(`${directory}/`, ""));
    const savesMs: number[] = [];
    for (let save = 1; save <= saves; save += 1) {
      // Watchers look at times of files, some in seconds; and what has just started must be at rest.
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      const text = readFileSync(file, "utf8").replace(/version \d+/, `version ${first + save}`);
      const atMs = performance.now();
      writeFileSync(file, text);
      await until(first + save);
      savesMs.push(performance.now() - atMs);
    }
    return { savesMs, ...lost, words, left: await end(child, ended, id) };
  } finally {
    await end(child, ended, id);
  }
}

type Asked = { readonly is: "answer"; readonly text: string } | { readonly is: "refused" | "broken" };

const ask = (port: number): Promise<Asked> =>
  new Promise((resolve) => {
    const outgoing = request({ port, host: "127.0.0.1", path: "/", agent: false, timeout: 5_000 }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      answer.on("end", () => resolve({ is: "answer", text })).on("error", () => resolve({ is: "broken" }));
    });
    outgoing
      .on("error", (error) => resolve({ is: "code" in error && error.code === "ECONNREFUSED" ? "refused" : "broken" }))
      .on("timeout", () => outgoing.destroy());
    outgoing.end();
  });

/** Processes that carry the mark of this drive in their environment. */
function carriers(id: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "utf8").includes(`RELOAD_PROJECTS=${id}`);
      } catch {
        return false;
      }
    });
}

/** What a Python program says of its own words: its process shows those of the reloader. Switches of reloaders, and a socket that is handed on, are no difference. */
function spokenIn(answer: string): readonly string[] | undefined {
  const said = /\| (\[.*\])"?$/.exec(answer)?.[1];
  const words = said === undefined ? undefined : [...said.matchAll(/'([^']*)'/g)].map(([, word = ""]) => word);
  return words?.filter(
    (word, at) =>
      !["--reload", "--noreload", "--no-reload", "--fd"].includes(word) && (at === 0 || words[at - 1] !== "--fd"),
  );
}

function wordsOf(port: number, id: string): readonly string[] {
  const inodes = new Set(
    ["tcp", "tcp6"].flatMap((name) =>
      readFileSync(`/proc/net/${name}`, "utf8")
        .split("\n")
        .map((line) => line.trim().split(/\s+/))
        .filter(
          (columns) =>
            columns[3] === "0A" && columns[1]?.endsWith(`:${port.toString(16).toUpperCase().padStart(4, "0")}`),
        )
        .map((columns) => columns[9]),
    ),
  );
  // Where several hold it, the youngest serves.
  const owner = carriers(id).findLast((pid) =>
    readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return inodes.has(/^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1]);
      } catch {
        return false;
      }
    }),
  );
  if (owner === undefined) return [];
  return plainWords(readFileSync(`/proc/${owner}/cmdline`, "utf8").split("\0").slice(0, -1));
}

/** As Ctrl-C does it; how many outlive it by two seconds. They are ended then as well. */
async function end(child: ChildProcess, ended: Promise<void>, id: string): Promise<number> {
  if (child.pid === undefined) return 0;
  try {
    process.kill(-child.pid, "SIGINT");
  } catch {
    // It has ended.
  }
  await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 6_000))]);
  for (const endMs = Date.now() + 2_000; Date.now() < endMs && carriers(id).length > 0; )
    await new Promise((resolve) => setTimeout(resolve, 50));
  const left = carriers(id);
  for (const pid of left) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended.
    }
  }
  return left.length;
}
