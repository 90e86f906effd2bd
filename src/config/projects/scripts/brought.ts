/** `node node_modules/nodemon/bin/nodemon.js server.js`: a program that a dependency brought, called by its file. */
import { type Word, word } from "./shell.ts";

/** Its words, under the name by which it is known; `undefined`: it is not called so. */
export function broughtBy([node, file, ...args]: readonly Word[]): readonly Word[] | undefined {
  if (node?.text !== "node") return undefined;
  const [, bin, owner, path = ""] =
    /(?:^|\/)node_modules\/(?:\.bin\/([\w-]+)|((?:@[\w.-]+\/)?[\w.-]+)\/(.+))$/.exec(file?.text ?? "") ?? [];
  const name = bin ?? (owner === undefined ? undefined : nameIn(owner, path));
  return name === undefined ? undefined : [word(name), ...args];
}

/** `bin/nodemon.js` is called nodemon, `dist/cli.mjs` of tsx tsx, `bin/nest.js` of @nestjs/cli nest. */
function nameIn(owner: string, path: string): string {
  const last = path.replace(/^.*\//, "").replace(/\.[mc]?js$/, "");
  return /^(?:cli|bin|index|main|cmd)(?:[-.]\w+)?$/.test(last) ? owner.replace(/^@[^/]+\//, "") : last;
}
