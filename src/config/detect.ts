import type { Problem } from "../problem.ts";
export type Detection =
  | {
      readonly is: "found";
      readonly what: string;
      readonly settings: readonly { name: string; raw: unknown }[];
      readonly restartPatterns: readonly string[];
      readonly notes: readonly string[];
    }
  | { readonly is: "nothing"; readonly problem: Problem };
export function detect(_cwd: string, _env: NodeJS.ProcessEnv): Detection {
  return {
    is: "nothing",
    problem: {
      severity: "error",
      origin: "reload",
      message: "nothing to run here: no .reload.toml, no COMMAND, and no project that is known",
      hint: "reload init writes a .reload.toml",
    },
  };
}
