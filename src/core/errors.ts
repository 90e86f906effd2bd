/** What the system refused, in words: a message names the cause, never a call or a number. */
const missingPart = "a part of reload itself is missing, as after npm ci; end it and start it again";

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EAGAIN: "the system has no more to give (ulimit -u)",
  EDQUOT: "the disk quota is used up",
  EEXIST: "it exists already",
  EFBIG: "the file would be too large (ulimit -f)",
  EIO: "the device does not work",
  EISDIR: "it is a directory",
  ELOOP: "links lead in a circle",
  EMFILE: "no free file descriptor (ulimit -n)",
  ENAMETOOLONG: "the name is too long",
  ENFILE: "the system has no free file descriptor",
  ENOENT: "no such file or directory",
  ENOMEM: "out of memory",
  ENOSPC: "no space left on the device",
  ENOTDIR: "a part of the path is not a directory",
  EPERM: "operation not permitted",
  ENXIO: "nobody reads it",
  EPIPE: "nobody reads it",
  ERR_MODULE_NOT_FOUND: missingPart,
  EROFS: "the file system is read-only",
  MODULE_NOT_FOUND: missingPart,
};

/** The code of an error of the system (`ENOSPC`); nothing for any other. */
export function systemCode(error: unknown): string | undefined {
  const code = typeof error === "object" && error !== null ? Reflect.get(error, "code") : undefined;
  return typeof code === "string" ? code : undefined;
}

/**
 * A module of ours that is loaded late, if it is all there: while a package is replaced, files of it are empty or end in the middle.
 * @param name one of its exports; @throws as where it is missing
 */
export async function wholePart<M extends object>(loading: Promise<M>, name: keyof M & string): Promise<M> {
  try {
    const module = await loading;
    if (name in module) return module;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw Object.assign(new Error(missingPart), { code: "MODULE_NOT_FOUND" });
}

/** Why it failed, to stand after a colon. */
export function reasonOf(error: unknown): string {
  const reason = reasons[systemCode(error) ?? ""];
  if (reason !== undefined) return reason;
  // A second line would be the beginning of a stack, or a list of modules.
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0] ?? "";
}
