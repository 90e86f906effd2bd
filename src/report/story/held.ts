/** What is told of files that a check holds back. */
import { heldOf, runsOf } from "../../core/house.ts";
import type { JobId } from "../../core/job.ts";
import { hasFailedWith, heldOnes } from "../../core/serving.ts";
import { isLive } from "../../core/slots.ts";
import type { Turn } from "../../core/turn.ts";
import type { HeldFile, Service } from "../../core/types.ts";
import { several } from "../words.ts";
import { isAtWork, remains } from "./standing.ts";
import { type Story, saying, storyLine, type Telling, type Told, untold } from "./story.ts";

/** A check has found files wrong: what is wrong comes first, then what becomes of it. */
export function tellHeld(
  story: Story,
  turn: Turn,
  { job, files, took }: { readonly job: JobId; readonly files: readonly HeldFile[]; readonly took: string },
  { colors, problem }: Telling,
  service: Service,
): Told {
  const isFailed = hasFailedWith(turn.before, turn.after, job) || turn.after.life.is !== "living";
  const held = isFailed ? files : heldOnes(turn.after, service, files);
  if (held.length === 0) return untold(story);
  const untoldYet = isFailed ? held : held.filter((file) => !isToldOf(turn, service, file));
  const wrong = uniqueTexts(untoldYet.flatMap(({ problems }) => problems.map(problem)));
  const remaining = colors.dim(remains(turn, service));
  if (isFailed) {
    const failed: Story = {
      ...story,
      phases: [...story.phases, colors.red(`${job.kind} failed after ${took}`)],
      isTold: true,
    };
    return saying(failed, "error", [...wrong, storyLine(colors.red("✖"), failed, remaining)].join("\n"));
  }
  const paths = held.map(({ path }) => path);
  const what = colors.red(`${several(paths)} ${paths.length === 1 ? "is" : "are"} held back`);
  const text = `${colors.red("✖")} ${what}${isLive(runsOf(turn.after, service).current) ? ` · ${remaining}` : ""}`;
  const changes = new Set([...story.changes].filter((path) => !paths.includes(path)));
  return saying(
    { ...story, changes, isTold: !isAtWork(turn.after, service) && changes.size === 0 },
    "error",
    [...wrong, text].join("\n"),
  );
}

/** A rule of the top is asked for each service that reads the file: what is wrong is said with the first of them. */
function isToldOf({ before, after }: Turn, service: Service, { path, problems }: HeldFile): boolean {
  const mark = heldOf(after, service).get(path)?.mark ?? 0;
  const said = JSON.stringify(problems);
  return [...before.held].some(([other, files]) => {
    const same = other === service ? undefined : files.get(path);
    return same !== undefined && same.mark >= mark && JSON.stringify(same.problems) === said;
  });
}

const uniqueTexts = (texts: readonly string[]): string[] => [...new Set(texts)];
