/** argv → a command → an exit code. What is heavy is imported behind the decision; nothing else ends the process. */
import { keys } from "./config/keys/flags.ts";
import { catchFaults, faultCode, hasFault } from "./faults.ts";
import { cut } from "./line/argv.ts";
import { readOptions } from "./line/options.ts";
import { backgroundIo, ownOutput, processIo } from "./line/process-io.ts";
import { version } from "./version.ts";

async function main(argv: readonly string[], begun: () => void): Promise<number> {
  const line = cut(argv, keys.takesNext);
  if (line.later !== undefined) {
    process.stderr.write(
      `error: reload ${line.later} is not available yet\n  to run a program of that name: reload -- ${line.later}\n`,
    );
    return 2;
  }
  if (line.isEmpty) {
    process.stderr.write("error: there is no COMMAND after --\n");
    return 2;
  }
  const options = await readOptions(line, keys, version);
  if (options.is === "answered") {
    process[options.stream].write(await shownOn(process[options.stream], options.text));
    return options.code;
  }
  if (line.command === undefined) {
    const { run } = await import("./commands/run.ts");
    if (options.background !== "inside") return run(options, processIo(version), begun);
    const io = backgroundIo(version);
    return run(options, io, () => {
      io.hush();
      begun();
    });
  }
  return (await import("./commands/own.ts")).own(line.command, options, processIo(version));
}

async function shownOn({ isTTY, columns }: NodeJS.WriteStream, text: string): Promise<string> {
  if (!isTTY || columns >= 60) return text;
  return (await import("./report/narrow.ts")).listBrokenFor(columns, text);
}

/** To a pipe Node writes when its reader reads; an exit before that would cut it off. Who does not read is not waited for without end. */
async function flushed(): Promise<void> {
  const written = [process.stdout, process.stderr]
    .filter((stream) => stream.writableLength > 0 && !stream.destroyed)
    .map((stream) => new Promise<void>((resolve) => stream.write("", () => resolve())));
  if (written.length === 0) return;
  const limit = new Promise<void>((resolve) => setTimeout(resolve, longestFlushMs));
  await Promise.race([Promise.all(written), limit]);
}

const longestFlushMs = 5_000;

ownOutput();
// `reload --help | head -1`: nobody reads any more, which is not a fault. Who runs programs hears of it as well, and ends them.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

async function end(asked: number): Promise<void> {
  // A fault on this way as well must not keep us alive.
  await flushed().catch(() => {});
  const code = hasFault() ? faultCode : asked;
  if (code === 129) {
    // After a hang-up Node 20 aborts in its own exit (nodejs/node#51519): the signal itself ends us as cleanly. PID 1 is immune to it.
    process.exitCode = code;
    process.kill(process.pid, "SIGHUP");
  } else process.exit(code);
}

/** @param begun is told when a session has begun */
export function startProgram(begun: () => void): void {
  catchFaults((line) => {
    if (line !== undefined) process.stderr.write(line);
    void end(faultCode);
  });
  // Not awaited here: what is published is CommonJS, which starts sooner (docs/decisions/0005-cold-start.md).
  void main(process.argv.slice(2), begun).then(end);
}
