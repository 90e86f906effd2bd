/** Loading a file of a package as the program would have it loaded: the same instance, whoever asks for it next. */
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { GateOrder, PackageFile } from "./order.ts";

/** Before anybody watches it. */
const make = writeFileSync;

/** As `node -r` finds them. */
export function loadLoaders({ loaders = [] }: GateOrder): void {
  const require = createRequire(join(process.cwd(), "x.cjs"));
  for (const name of loaders) require(name);
}

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
