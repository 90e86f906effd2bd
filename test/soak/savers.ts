/** How editors and people save: in place, through other files, slowly, by other programs, again and again. */
import { execFileSync } from "node:child_process";
import {
  closeSync,
  copyFileSync,
  cpSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Chance } from "./chance.ts";

export interface Saving {
  /** Absolute. */
  readonly file: string;
  /** A directory on the same file system that is not watched. */
  readonly outside: string;
  /** Something else each time. */
  text(): string;
  readonly chance: Chance;
}

type Saver = (saving: Saving) => void | Promise<void>;

const inPlace = ({ file, text }: Saving, then: (file: number) => void = () => {}): void => {
  const opened = openSync(file, "w");
  writeSync(opened, text());
  then(opened);
  closeSync(opened);
};

export const savers: Readonly<Record<string, Saver>> = {
  "in place": (saving) => inPlace(saving),
  "appended to": ({ file, text }) => writeFileSync(file, text(), { flag: "a" }),
  async "renamed over"({ file, text, chance }) {
    const name = chance.one([".x.swp1", "x.tmp", "4913", `${basename(file)}~`, `${basename(file)}.123`]);
    const other = join(dirname(file), name);
    writeFileSync(other, text());
    await setTimeout(chance.one([0, 5, 30]));
    renameSync(other, file);
  },
  "moved in from outside"({ file, outside, text }) {
    writeFileSync(join(outside, "moved"), text());
    renameSync(join(outside, "moved"), file);
  },
  "with a backup, as vim does"(saving) {
    renameSync(saving.file, `${saving.file}~`);
    inPlace(saving, fsyncSync);
    rmSync(`${saving.file}~`);
  },
  "through two renames, as JetBrains' editors do"({ file, text }) {
    writeFileSync(`${file}___jb_tmp___`, text());
    renameSync(file, `${file}___jb_old___`);
    renameSync(`${file}___jb_tmp___`, file);
    rmSync(`${file}___jb_old___`);
  },
  "with a copy beside it, as Emacs does"({ file, text }) {
    copyFileSync(file, `${file}~`);
    writeFileSync(file, text());
  },
  async slowly({ file, text, chance }) {
    const opened = openSync(file, "w");
    await setTimeout(chance.one([1, 10, 60, 200]));
    writeSync(opened, text());
    await setTimeout(chance.one([0, 10, 100]));
    writeSync(opened, text());
    closeSync(opened);
  },
  async "kept open"({ file, text, chance }) {
    const opened = openSync(file, "r+");
    ftruncateSync(opened, 0);
    writeSync(opened, text());
    await setTimeout(chance.one([700, 1_200]));
    writeSync(opened, text());
    closeSync(opened);
  },
  async "removed and made again"({ file, text, chance }) {
    rmSync(file);
    await setTimeout(chance.one([0, 5, 40]));
    writeFileSync(file, text());
  },
  "with the same size and time"({ file, text }) {
    const { size, atime, mtime } = statSync(file);
    const content = readFileSync(file);
    if (size === 0) return writeFileSync(file, text());
    content[0] = content[0] === 65 ? 66 : 65;
    writeFileSync(file, content);
    utimesSync(file, atime, mtime);
  },
  emptied: ({ file, text }) => (statSync(file).size === 0 ? writeFileSync(file, text()) : truncateSync(file, 0)),
  async twice({ file, text, chance }) {
    writeFileSync(file, text());
    await setTimeout(chance.one([5, 30, 120, 400]));
    writeFileSync(file, text());
  },
  async "with the directory"({ file, text, chance }) {
    const directory = dirname(file);
    renameSync(directory, `${directory}.old`);
    await setTimeout(chance.one([0, 10, 80]));
    cpSync(`${directory}.old`, directory, { recursive: true });
    writeFileSync(file, text());
    rmSync(`${directory}.old`, { recursive: true });
  },
  "by a shell, slowly": ({ file, text, chance }) =>
    void execFileSync("sh", [
      "-c",
      'exec 3>"$1"; sleep "$2"; echo "$3 $$" >&3',
      "sh",
      file,
      chance.one(["0", "0.02", "0.6"]),
      text(),
    ]),
  "by sed"({ file, text }) {
    if (statSync(file).size === 0) return writeFileSync(file, text());
    execFileSync("sed", ["-i", `$a ${text().trim()}`, file]);
  },
  "by cp -p"({ file, outside, text }) {
    writeFileSync(join(outside, "copied"), text());
    execFileSync("cp", ["-p", join(outside, "copied"), file]);
  },
  "by tar"({ file, outside, text }) {
    writeFileSync(join(outside, basename(file)), text());
    const line = 'tar -C "$1" -cf - -- "$2" | tar -C "$3" -xf -';
    execFileSync("sh", ["-c", line, "sh", outside, basename(file), dirname(file)]);
  },
};
