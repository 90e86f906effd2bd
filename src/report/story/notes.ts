/** What is told of what happened beside the machine. */
import type { Colors } from "../colour.ts";
import type { Moment } from "../moment.ts";
import { cause, plural, printable, several, shortDuration } from "../words.ts";
import { type Story, saying, storyLine, type Telling, type Told, untold } from "./story.ts";

export function tellNote(story: Story, note: Exclude<Moment, { type: "turn" }>, telling: Telling): Told {
  const { colors } = telling;
  switch (note.type) {
    case "opened":
      return { story, lines: note.remarks.map((text) => ({ level: "info", text: colors.dim(text) })) };
    case "watching":
      return saying(
        story,
        "debug",
        colors.dim(
          `watching ${plural(note.directories, "directory")}, ${plural(note.files, "file")} (${note.source}, ${shortDuration(note.elapsedMs)})`,
        ),
      );
    case "unchanged":
      return saying(story, "debug", colors.dim(`${several(note.paths)} saved unchanged; ignored`));
    case "jobStarted": {
      const { kind, number } = note.job;
      if (kind !== "run" || telling.checked(note.job.service) || story.isTold)
        return saying(story, "debug", colors.dim(`${kind} ${number} is pid ${note.pid}`));
      const told: Story = { ...story, isTold: true, phases: [...story.phases, "running"] };
      return saying(told, "info", storyLine(colors.green("●"), told, `run ${number}`));
    }
    case "left":
      return saying(
        story,
        "warn",
        `${colors.yellow("▲")} run ${note.job.number} left behind: ${note.processes.map(named).join(", ")}; ended before the next start`,
      );
    case "stopWaiting":
      return saying(
        story,
        "info",
        `waiting for pid ${note.pid} (${note.signal}, ${shortDuration(note.leftMs)} left${keyHint(telling)})`,
      );
    case "drainWaiting": {
      const { requests, oldest, leftMs } = note;
      const what = requests === 1 ? printable(oldest) : `${plural(requests, "request")}, first ${printable(oldest)}`;
      return saying(story, "info", `waiting for ${what} (${shortDuration(leftMs)} left${keyHint(telling)})`);
    }
    case "forced":
      return saying(
        story,
        "warn",
        `${colors.yellow("▲")} pid ${note.pid} did not end within ${shortDuration(note.afterMs)} of ${note.signal}: killed`,
      );
    case "swept":
      return saying(
        story,
        "info",
        colors.dim(`ended processes that had left the group: ${note.processes.map(named).join(", ")}`),
      );
    case "notReady":
      return saying(story, "warn", `${colors.yellow("▲")} run ${note.job.number}: ${note.reason}`);
    case "configured":
      return tellConfigured(story, note, colors);
    case "warmth": {
      const saved = note.savedMs === undefined ? "" : `: ${shortDuration(note.savedMs)} of its start were saved`;
      if (note.isWarm) return saying(story, "debug", `run ${note.job.number} was let in${saved}`);
      return saying(
        story,
        note.isNews ? "info" : "debug",
        colors.dim(`warm: run ${note.job.number} starts cold: ${printable(note.reason ?? "")}`),
      );
    }
    case "said":
      return saying(story, "info", note.text);
    case "warned":
      return saying(story, note.problem.severity === "error" ? "error" : "warn", telling.problem(note.problem));
    case "signalled":
      return saying(
        story,
        "info",
        `${colors.green("●")} ${cause(new Set(note.paths))} → ${note.signals.join(", ")} sent to run ${note.job.number}`,
      );
    case "refreshed":
    case "output":
      return untold(story);
  }
}

function tellConfigured(story: Story, note: Extract<Moment, { type: "configured" }>, colors: Colors): Told {
  const { version, summary } = note;
  switch (note.is) {
    case "applied":
      return saying(story, "info", `${colors.cyan("●")} configuration ${version}: ${printable(summary)}`);
    case "refused":
      return saying(story, "error", `${colors.red("✖")} configuration not changed · version ${version} stays`);
    case "gone":
      return saying(story, "warn", `${colors.yellow("▲")} the configuration is gone · version ${version} stays`);
    case "restored":
      return saying(story, "info", `${colors.cyan("●")} configuration ${version} again, as it is in force`);
  }
}

const keyHint = (telling: Telling): string => (telling.hasKeys() ? "; r kills now" : "");

const named = ({ pid, command }: { pid: number; command: string }): string => `${pid} (${printable(command)})`;
