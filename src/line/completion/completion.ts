/** What shells complete, from the tables of commands and options: static, so that a Tab starts nothing of ours. */
import { bashCompletion } from "./bash.ts";
import { fishCompletion } from "./fish.ts";
import { zshCompletion } from "./zsh.ts";

/** @param shell one of those that the table of commands names */
export function completion(shell: string): string {
  if (shell === "zsh") return zshCompletion();
  return shell === "fish" ? fishCompletion() : bashCompletion();
}
