/** What is told of what the machine has found out. */
import type { News } from "../../core/types.ts";
import type { Colors } from "../colour.ts";
import { printable } from "../words.ts";
import type { Line } from "./story.ts";

export function tellNews(news: News, colors: Colors): Line[] {
  switch (news.type) {
    case "muted": {
      const verb = news.paths.length === 1 ? "changes" : "change";
      const what = `${news.paths.map(printable).join(", ")} ${verb} with every build; not building for it again`;
      return [
        { level: "warn", text: looping(colors, what, `the ${news.by} writes`, news.paths, "; else save it once more") },
      ];
    }
    case "restless": {
      const what = `${printable(news.path)} has called for many starts in a row, and nothing else has`;
      return [{ level: "warn", text: looping(colors, what, "the program writes", [news.path]) }];
    }
    case "rolledBack":
      return [{ level: "error", text: `${colors.red("✖")} run ${news.run} serves again` }];
    case "waiting":
      return [{ level: "warn", text: `${colors.yellow("▲")} waits for ${news.after.join(", ")}, which failed` }];
  }
}

function looping(colors: Colors, what: string, who: string, paths: readonly string[], more = ""): string {
  const list = paths.map((path) => JSON.stringify(path)).join(", ");
  const advice = `if ${who} ${paths.length === 1 ? "it" : "them"}: exclude_files = [${list}] under [watch]${more}`;
  return `${colors.yellow("▲")} ${what}\n  ${colors.dim(advice)}`;
}
