/** The events of what the machine has found out. */
import type { News } from "../../core/types.ts";
import type { JsonEvent } from "../events.ts";
import { makerName } from "../work-name.ts";
import { serviceField } from "./fields.ts";

export function newsOf(news: News): JsonEvent[] {
  switch (news.type) {
    case "muted":
      return [{ event: "loop", paths: news.paths, ignored: true, ...serviceField(news.service) }];
    case "circular":
      return [
        {
          event: "loop",
          paths: news.paths,
          ignored: true,
          circle: news.circle.map((maker) => makerName(maker, "")),
          ...serviceField(news.service),
        },
      ];
    case "hooked":
      return [
        {
          event: "loop",
          paths: news.paths,
          ignored: false,
          circle: [makerName(news.by, "")],
          ...serviceField(news.service),
        },
      ];
    case "restless":
      return [{ event: "loop", paths: [news.path], ignored: false, ...serviceField(news.service) }];
    case "waiting":
      return [{ event: "service-waiting", service: news.service, after: news.after }];
    case "rolledBack":
      return [];
  }
}
