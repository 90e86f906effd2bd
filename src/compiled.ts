/**
 * What V8 has compiled of our own files is kept for the next start. From 22.1 on Node does so itself (`module.enableCompileCache`, where
 * `NODE_COMPILE_CACHE` and `NODE_DISABLE_COMPILE_CACHE` come from); for older ones it is done here, by V8's own means (`cachedData` of
 * `vm.Script`; docs/decisions/0005-cold-start.md).
 *
 * Nothing that goes wrong here is told: without it, everything is compiled as ever.
 */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import Module from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { Script } from "node:vm";

interface Compiler {
  _compile(this: NodeModule, content: string, filename: string): unknown;
}

/** A file of ours that nothing was kept of, or nothing that V8 takes. */
interface Fresh {
  readonly file: string;
  readonly script: Script;
}

/** Once everything is up: functions that a start needs are compiled by then, and V8 has not dropped them yet. */
const keepAfterMs = 2_000;
const oldMs = 30 * 24 * 3_600_000;

/** @returns to be called when a session has begun: what is worth keeping is the way to that */
export function keepCompiled(): () => void {
  const { enableCompileCache } = Module as { readonly enableCompileCache?: () => unknown };
  if (enableCompileCache !== undefined) {
    // It would make the directory of temporary files that is not there.
    if (process.env["NODE_COMPILE_CACHE"] !== undefined || existsSync(tmpdir())) enableCompileCache();
    return () => {};
  }
  const main = process.mainModule?.filename;
  const place = placeOf(process.env);
  if (main === undefined || place === undefined) return () => {};
  const fresh = compileFrom(dirname(main), place);
  const keep = (): void => write(place, fresh.splice(0));
  return () => {
    if (fresh.length === 0) return;
    setTimeout(keep, keepAfterMs).unref();
    process.once("exit", keep);
  };
}

/** The directory for this V8, in one that is this user's own. Others could put code into it else. */
function placeOf(env: NodeJS.ProcessEnv): string | undefined {
  if (env["NODE_DISABLE_COMPILE_CACHE"] === "1") return undefined;
  const given = env["NODE_COMPILE_CACHE"];
  const uid = process.getuid?.();
  if (given === undefined && uid === undefined) return undefined;
  return join(given ?? `/tmp/reload-${uid}`, `compiled-${process.version}-${process.arch}`);
}

/** From now on, what is loaded from `directory` is taken from `place`. @returns what was not to be had there; it grows */
function compileFrom(directory: string, place: string): Fresh[] {
  const fresh: Fresh[] = [];
  const isReadable = isOurs(dirname(place));
  const compiler = Module.prototype as unknown as Compiler;
  const compile = compiler._compile;
  const { _cache: loaded } = Module as unknown as { readonly _cache: Record<string, NodeModule> };
  const load = (filename: string, otherwise: () => unknown): unknown => {
    const known = loaded[filename];
    if (known !== undefined) return known.exports;
    let content: string;
    try {
      content = readFileSync(filename, "utf8");
    } catch {
      return otherwise();
    }
    const made = new Module(filename) as NodeModule;
    made.filename = filename;
    loaded[filename] = made;
    try {
      compiler._compile.call(made, content, filename);
      made.loaded = true;
      return made.exports;
    } catch (error) {
      delete loaded[filename];
      throw error;
    }
  };
  compiler._compile = function (content, filename) {
    if (dirname(filename) !== directory || imports(content)) return compile.call(this, content, filename);
    // The name has a hash of the content. It must not look like a source: the directory may be one that is watched.
    const file = join(place, `${basename(filename, ".js")}.v8`);
    const cachedData = isReadable ? read(file) : undefined;
    const script = new Script(Module.wrap(content), { filename, ...(cachedData && { cachedData }) });
    if (cachedData === undefined || script.cachedDataRejected === true) fresh.push({ file, script });
    // Our own files have one place each: Node would look for each in four steps, with a dozen calls to the system.
    const require = (id: string): unknown => {
      const asNode = (): unknown => this.require(id);
      return /^\.\/[^/]+\.js$/.test(id) ? load(join(directory, id), asNode) : asNode();
    };
    return script.runInThisContext().call(this.exports, this.exports, require, this, filename, directory);
  };
  return fresh;
}

function write(place: string, scripts: readonly Fresh[]): void {
  if (scripts.length === 0) return;
  try {
    const base = dirname(place);
    if (isMissing(base)) mkdirSync(base, { mode: 0o700 });
    if (!isOurs(base)) return;
    if (isMissing(place)) mkdirSync(place, { mode: 0o700 });
    for (const { file, script } of scripts) {
      const data = script.createCachedData();
      const beside = `${file}.${process.pid}`;
      try {
        writeFileSync(beside, Buffer.concat([checksum(data), data]), { mode: 0o600 });
        renameSync(beside, file);
      } catch (error) {
        rmSync(beside, { force: true });
        throw error;
      }
    }
    for (const name of readdirSync(place)) {
      const file = join(place, name);
      if (Date.now() - statSync(file).mtimeMs > oldMs) unlinkSync(file);
    }
  } catch {
    // A full disk, or one that may not be written: the next start compiles.
  }
}

/** What comes from a cache cannot (Node 20: "A dynamic import callback was not specified"); comments of libraries name types that way. */
const imports = (content: string): boolean => content.includes("import(") && /(?<!\{ ?)\bimport\(/.test(content);

/** What is there and whole: V8 itself looks at the length of the source, its own version and its flags alone. */
function read(file: string): Buffer | undefined {
  try {
    const kept = readFileSync(file);
    const data = kept.subarray(sumBytes);
    return checksum(data).equals(kept.subarray(0, sumBytes)) ? data : undefined;
  } catch {
    return undefined;
  }
}

const sumBytes = 8;

/** Of the length, and of a word in a hundred: a loss of power leaves a file cut off, or full of zeros. All of them would take longer than it brings. */
function checksum(data: Buffer): Buffer {
  let sum = data.length;
  for (let at = 0; at < data.length - 3; at += strideBytes) sum = (Math.imul(sum, 31) + data.readInt32LE(at)) | 0;
  const written = Buffer.alloc(sumBytes);
  written.writeInt32LE(data.length, 0);
  written.writeInt32LE(sum, 4);
  return written;
}

const strideBytes = 400;

/** Nobody else can write into it. */
function isOurs(directory: string): boolean {
  try {
    const stats = lstatSync(directory);
    const uid = process.getuid?.();
    return stats.isDirectory() && (uid === undefined || (stats.uid === uid && (stats.mode & 0o022) === 0));
  } catch {
    return false;
  }
}

const isMissing = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) === undefined;
