/** Loading a file of a package as the program would have it loaded: the same instance, whoever asks for it next. */
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { PackageFile } from "./order.ts";

/** Before anybody watches it. */
const make = writeFileSync;

export type Load = (entry: PackageFile) => void;

/** @param scratch the beginning of names of files that may be made */
export function loader(require: NodeJS.Require, scratch: string): Load {
  let count = 0;
  return ({ file, is }) => {
    if (is !== "imported") {
      require(file);
      return;
    }
    // So that the loader of ES modules knows it as well.
    count += 1;
    const wrapper = `${scratch}-${count}.mjs`;
    make(wrapper, `import ${JSON.stringify(pathToFileURL(file).href)};\n`);
    require(wrapper);
    // Nobody is to find it among the program's modules.
    delete require.cache[wrapper];
  };
}
