/** What stands in the tables of tasks beside and around a command. */

const places = [
  ["tool", "pdm", "scripts"],
  ["tool", "poe", "tasks"],
  ["tool", "taskipy", "tasks"],
  ["tool", "hatch", "envs", "default", "scripts"],
  ["tool", "hatch", "envs", "dev", "scripts"],
  ["tool", "rye", "scripts"],
];

/** Which file has tables of tasks, how that is seen at a glance, and where they are in it. */
export const taskFiles = [
  { file: "pyproject.toml", has: /^\[tool\.(?:pdm|poe|taskipy|hatch|rye)\b/m, paths: places },
  { file: "Pipfile", has: /^\[scripts\]/m, paths: [["scripts"]] },
  {
    file: "hatch.toml",
    has: /^\[envs\.(?:default|dev)\.scripts\]/m,
    paths: [
      ["envs", "default", "scripts"],
      ["envs", "dev", "scripts"],
    ],
  },
];

type TaskTable = Readonly<Record<string, unknown>>;

export const tableOf = (value: unknown): TaskTable =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};

/** Variables and files of them that stand beside the command: of pdm (also under `_`, for all) and of poe. */
export function surroundings(own: TaskTable, ofAll: TaskTable): { env: Record<string, string>; envFiles: string[] } {
  const tables = [ofAll, own];
  const strings = (value: unknown): [string, string][] =>
    Object.entries(tableOf(value)).flatMap(([name, each]): [string, string][] =>
      typeof each === "string" ? [[name, each]] : [],
    );
  const files = tables.flatMap((table) => [table["env_file"], table["envfile"]].flat());
  return {
    env: Object.fromEntries(tables.flatMap((table) => strings(table["env"]))),
    envFiles: files.flatMap((file) => {
      const name = typeof file === "string" ? file : tableOf(file)["override"];
      return typeof name === "string" ? [name] : [];
    }),
  };
}

export function lineIn(value: unknown): string | undefined {
  const { cmd, shell } = { cmd: tableOf(value)["cmd"], shell: tableOf(value)["shell"] };
  const own = cmd ?? shell ?? value;
  if (Array.isArray(own)) return own.every((word) => typeof word === "string") ? own.join(" ") : undefined;
  return typeof own === "string" ? own : undefined;
}
