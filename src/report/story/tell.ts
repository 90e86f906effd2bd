/** The lines for the terminal: one per thing that happened. A fold over moments; pure, so that a session can be told again from its trace. */
import type { Turn } from "../../core/turn.ts";
import type { Service } from "../../core/types.ts";
import type { Moment } from "../moment.ts";
import { tellFact } from "./facts.ts";
import { tellNews } from "./news.ts";
import { tellNote } from "./notes.ts";
import { tellOrder } from "./orders.ts";
import type { Story, Telling, Told } from "./story.ts";

/** @param service whose story it is */
export function tell(story: Story, moment: Moment, telling: Telling, service: Service): Told {
  if (moment.type === "turn") return tellTurn(story, moment, telling, service);
  return tellNote(story, moment, telling);
}

function tellTurn(story: Story, turn: Turn, telling: Telling, service: Service): Told {
  const first = tellFact(story, turn, telling, service);
  const news = turn.news.flatMap((item) => tellNews(item, telling.colors));
  return turn.orders.reduce<Told>(
    (told, order) => {
      const next = tellOrder(told.story, order, turn, telling, service);
      return { story: next.story, lines: [...told.lines, ...next.lines] };
    },
    { story: first.story, lines: [...first.lines, ...news] },
  );
}
