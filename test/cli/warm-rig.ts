/** A program that is kept warm, whose runs each write what they found into a file. */
import { existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { resolve } from "node:path";
import { newProject, type Project } from "../rig/project.ts";
import { type Reload, reload } from "../rig/reload.ts";
import { until } from "../rig/until.ts";

export interface Kept extends AsyncDisposable {
  readonly project: Project;
  readonly program: Reload;
  /** What run `number` found. */
  answer(number: number): Promise<unknown>;
  /** Resolves when the standby for run `number` waits. */
  waits(number: number): Promise<void>;
  warmth(number: number): Promise<{ readonly warm: boolean; readonly reason?: string }>;
  save(): void;
  /** Saves until the reason for a cold start is this one, each time after a run has told this; run 1 has answered. */
  saysWhy(reason: string, after: "record" | "try-1"): Promise<void>;
}

export function keep(
  files: Readonly<Record<string, string>>,
  more: {
    args?: readonly string[];
    main?: string;
    links?: Readonly<Record<string, string>>;
    env?: (project: Project) => Readonly<Record<string, string>>;
    /** What begins a comment. */
    comment?: string;
  } = {},
): Kept {
  const main = more.main ?? "app.cjs";
  const project = newProject({ "package.json": "{}", ...files });
  mkdirSync(project.path("answers"));
  mkdirSync(project.path("temp"));
  for (const [link, target] of Object.entries(more.links ?? {}))
    symlinkSync(resolve(project.directory, target), project.path(link));
  const program = reload(
    [
      ...[
        "--warm",
        "--json=events",
        "--verbose",
        "-w",
        main,
        "--ready.exec",
        "test -e answers/$RELOAD_RUN || test -e ../answers/$RELOAD_RUN",
      ],
      ...(more.args ?? ["--", "node", main]),
    ],
    { cwd: project.directory, env: { TMPDIR: project.path("temp"), NODE_OPTIONS: undefined, ...more.env?.(project) } },
  );
  let saves = 0;
  const warmths = (): { readonly run: number; readonly warm: boolean; readonly reason?: string }[] =>
    project
      .read("events")
      .split("\n")
      .filter((line) => line.includes('"run-warmth"') && line.endsWith("}"))
      .map((line) => JSON.parse(line));
  return {
    project,
    program,
    answer: (number) =>
      until(
        `run ${number}`,
        () => {
          const text = project.read(`answers/${number}`);
          return text === "" ? undefined : [JSON.parse(text)];
        },
        program.seen,
      ).then(([answer]) => answer),
    waits: async (number) => {
      await until(
        `the standby for run ${number}`,
        () =>
          readdirSync(project.path("temp")).some((directory) =>
            existsSync(project.path(`temp/${directory}/run-${number}-held`)),
          ),
        program.seen,
      );
    },
    warmth: (number) =>
      until(`whether run ${number} was warm`, () => warmths().find(({ run }) => run === number), program.seen),
    save() {
      saves += 1;
      project.append(main, `\n${more.comment ?? "//"} ${saves}`);
    },
    async saysWhy(reason, after) {
      for (let run = 1; !program.stderr.includes(reason); run += 1) {
        const isTold = (): boolean =>
          readdirSync(project.path("temp")).some((directory) =>
            existsSync(project.path(`temp/${directory}/run-${run}-${after}`)),
          );
        await until(`the ${after} of run ${run}`, isTold, program.seen);
        this.save();
        await this.answer(run + 1);
        await this.warmth(run + 1);
      }
    },
    async [Symbol.asyncDispose]() {
      await program.stop();
      project[Symbol.dispose]();
    },
  };
}

/** Run 1 is cold; then `between`, a save, and what run 2 answers. */
export async function second(kept: Kept, between: () => void = () => {}): Promise<unknown> {
  await kept.answer(1);
  await kept.waits(2);
  between();
  kept.save();
  return kept.answer(2);
}
