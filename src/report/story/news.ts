/** What is told of what the machine has found out. */
import type { News } from "../../core/types.ts";
import type { Colors } from "../colour.ts";
import { printable, several } from "../words.ts";
import { makerName } from "../work-name.ts";
import type { Line } from "./story.ts";

export function tellNews(news: News, colors: Colors): Line[] {
  switch (news.type) {
    case "muted": {
      const verb = news.paths.length === 1 ? "changes" : "change";
      const what = `${news.paths.map(printable).join(", ")} ${verb} with every build; not building for it again`;
      const { kind, label } = news.by;
      const more = `; else save it once more${label === undefined ? "" : ` (${makerName(news.by, news.service)})`}`;
      return [{ level: "warn", text: looping(colors, what, `the ${kind} writes`, news.paths, more) }];
    }
    case "circular":
      return [{ level: "warn", text: circling(colors, news) }];
    case "hooked": {
      const by = makerName(news.by, news.service);
      const verb = news.paths.length === 1 ? "changes" : "change";
      const what = `${news.paths.map(printable).join(", ")} ${verb} whenever ${by} runs, and has it run again`;
      return [{ level: "warn", text: looping(colors, what, "the hook writes", news.paths) }];
    }
    case "restless": {
      const { path, pattern } = news;
      const called = "called for many starts in a row, and nothing else has";
      if (pattern === undefined) {
        return [
          { level: "warn", text: looping(colors, `${printable(path)} has ${called}`, "the program writes", [path]) },
        ];
      }
      const what = `${printable(path)} and others with other names have ${called}`;
      const key = pattern.endsWith("/") ? "exclude_dirs" : "exclude_files";
      return [
        {
          level: "warn",
          text: leavingOut(colors, what, "if the program writes them", key, [pattern.replace(/\/$/, "")]),
        },
      ];
    }
    case "rolledBack":
      return [{ level: "error", text: `${colors.red("✖")} run ${news.run} serves again` }];
    case "waiting":
      return [{ level: "warn", text: `${colors.yellow("▲")} waits for ${news.after.join(", ")}, which failed` }];
  }
}

/** Jobs that start each other: which, by what, and where that is mended. */
function circling(colors: Colors, { service, circle, by, again, paths }: Extract<News, { type: "circular" }>): string {
  const names = [...new Set(circle.map((maker) => makerName(maker, service)))];
  const writer = by === undefined ? undefined : makerName(by, service);
  const rule = again === undefined ? undefined : makerName(again, service);
  const list = several(paths);
  const verb = paths.length === 1 ? "changes" : "change";
  const who = writer === undefined || names.length === 1 ? "" : `${names.join(" and ")} start each other: `;
  const when = writer === undefined || names.length === 1 ? `${names[0] ?? "it"} has run` : `${writer} runs`;
  const what = `${who}${list} ${verb} whenever ${when}; ${rule === undefined ? "nothing is done about it again" : `${rule} is not run for it again`}`;
  if (rule === undefined) return looping(colors, what, `${writer ?? "it"} writes`, paths, "; else save it once more");
  const taken = paths.map((path) => JSON.stringify(`!${path}`)).join(", ");
  const advice = `if ${writer ?? "a rule"} writes ${paths.length === 1 ? "it" : "them"}: add ${taken} to match of ${rule}; else save it once more`;
  return `${colors.yellow("▲")} ${what}\n  ${colors.dim(advice)}`;
}

function looping(colors: Colors, what: string, who: string, paths: readonly string[], more = ""): string {
  const it = paths.length === 1 ? "it" : "them";
  return leavingOut(colors, what, `if ${who} ${it}`, "exclude_files", paths, more);
}

function leavingOut(
  colors: Colors,
  what: string,
  where: string,
  key: "exclude_files" | "exclude_dirs",
  patterns: readonly string[],
  more = "",
): string {
  const list = patterns.map((pattern) => JSON.stringify(pattern)).join(", ");
  return `${colors.yellow("▲")} ${what}\n  ${colors.dim(`${where}: ${key} = [${list}] under [watch]${more}`)}`;
}
