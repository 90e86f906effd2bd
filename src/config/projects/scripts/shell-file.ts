/** `sh dev.sh`, `./dev.sh`: what stands in it, where that is no more than a list of commands. */
import { dirname } from "node:path";
import { textOf } from "../project.ts";
import { quote } from "./shell.ts";

const beginning = /^#!.*\b(?:ba|da|z)?sh\b/;

/** As one line for a shell; `undefined`: there is no such file, or it asks for the words that it is given. */
export function shellFile(directory: string, file: string): string | undefined {
  const text = textOf(directory, file);
  if (text === undefined || (!beginning.test(text) && !/\.(?:sh|bash)$/.test(file))) return undefined;
  if (/\$\{?(?:[@*#0-9]|BASH_SOURCE)/.test(text.replaceAll(ownPlace, ""))) return undefined;
  const lines = text
    .replaceAll(/\\\r?\n/g, " ")
    .split(/\r?\n/)
    .map((line) =>
      line
        .trim()
        .replace(/\s#[^'"]*$/, "")
        .replace(ownPlace, (_, further = "") => `cd ${quote(`${dirname(file)}${further}`)}`),
    )
    .filter((line) => line !== "" && !line.startsWith("#") && !/^set (?:[-+][eux]+|[-+]o pipefail)(?: |$)/.test(line));
  return lines.length === 0 ? undefined : lines.join("\n").replaceAll(/(&&|\|\||[|&;])\n/g, "$1 ");
}

/** `cd "$(dirname "$0")"`, with or without a way from there. */
const ownPlace =
  /^cd (?:--? )?"?\$\(dirname (?:-- )?"?(?:\$0|\$\{?BASH_SOURCE(?:\[0\])?\}?)"?\)(\/[\w./-]*)?"?(?=$|[ ;&])/gm;
