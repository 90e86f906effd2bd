/** `[ui] notify`: the desktop is told that something has failed, and that it works again. */
import { basename } from "node:path";
import type { Plan } from "../core/types.ts";
import type { Note, Report } from "../report/moment.ts";
import { type Failing, failingAfter, noticeOf } from "../report/notices.ts";

export interface NoticeParts {
  isWanted(): boolean;
  plan(): Plan;
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  note(note: Note): void;
}

export function createNotices({ isWanted, plan, root, env, note }: NoticeParts): Report {
  let failing: Failing = new Map();
  let isToldOff = false;
  const show = async (text: string): Promise<void> => {
    const { notify } = await import("../adapters/system/notify.ts");
    const problem = await notify(`reload: ${basename(root)}`, text, env);
    if (problem === undefined || isToldOff) return;
    isToldOff = true;
    note({
      type: "warned",
      problem: {
        code: "session/no-notification",
        severity: "warning",
        message: `no notification is shown: ${problem}`,
        hint: "on Debian it comes with libnotify-bin; [ui] notify = false asks for none",
      },
    });
  };
  return (moment) => {
    const before = failing;
    failing = failingAfter(failing, moment, plan());
    const text = isWanted() ? noticeOf(before, failing) : undefined;
    // What cannot be shown is no reason for anything else to stop.
    if (text !== undefined) void show(text).catch(() => {});
  };
}
