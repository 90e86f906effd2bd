/** Where in a source an error was thrown, when only its output was run: found out when somebody asks, since Node's own way takes time from each start. */
import { SourceMap } from "node:module";

const embedded = /\/\/# sourceMappingURL=data:application\/json;base64,(\S+)\s*$/;

/** @param codeOf what was run for a file; `undefined`: the file itself */
export function mapStacks(codeOf: (file: string) => string | undefined): void {
  const maps = new Map<string, SourceMap | undefined>();
  const mapOf = (file: string): SourceMap | undefined => {
    if (!maps.has(file)) maps.set(file, readMap(codeOf(file)));
    return maps.get(file);
  };
  Error.prepareStackTrace = (error: Error, frames: readonly NodeJS.CallSite[]) =>
    [headOf(error), ...frames.map((frame) => `    at ${placed(frame, mapOf)}`)].join("\n");
}

function readMap(code: string | undefined): SourceMap | undefined {
  const text = embedded.exec(code ?? "")?.[1];
  try {
    return text === undefined ? undefined : new SourceMap(JSON.parse(Buffer.from(text, "base64").toString("utf8")));
  } catch {
    return undefined;
  }
}

function placed(frame: NodeJS.CallSite, mapOf: (file: string) => SourceMap | undefined): string {
  const text = String(frame);
  const [file, line, column] = [frame.getFileName(), frame.getLineNumber(), frame.getColumnNumber()];
  if (typeof file !== "string" || line === null || column === null) return text;
  // Node counts from 0 here, and from 1 there.
  const entry = mapOf(file)?.findEntry(line - 1, column - 1);
  return entry === undefined || !("originalLine" in entry)
    ? text
    : text.replace(`:${line}:${column}`, `:${entry.originalLine + 1}:${entry.originalColumn + 1}`);
}

function headOf(error: Error): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return "Error";
  }
}
