/** Which ES module is being evaluated: those that it imports are loaded before it, and it is not on their stack. */
import { fileURLToPath } from "node:url";

const mostFrames = 200;

/** Of the call that is under way, the outermost ES module, by its path; `undefined`: none. */
export function evaluated(): string | undefined {
  const { stackTraceLimit } = Error;
  const prepare = Reflect.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  try {
    Error.stackTraceLimit = mostFrames;
    Error.prepareStackTrace = (_, frames) => frames.map((frame) => frame.getFileName());
    const files: unknown = new Error().stack;
    const url: unknown = Array.isArray(files)
      ? files.findLast((file) => typeof file === "string" && file.startsWith("file:"))
      : undefined;
    return typeof url === "string" ? fileURLToPath(url) : undefined;
  } catch {
    // Somebody has sealed them.
    return undefined;
  } finally {
    Reflect.set(Error, "stackTraceLimit", stackTraceLimit);
    // As it was, also where it was not there.
    if (prepare === undefined) Reflect.deleteProperty(Error, "prepareStackTrace");
    else Reflect.defineProperty(Error, "prepareStackTrace", prepare);
  }
}
