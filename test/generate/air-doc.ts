/** `docs/from-air.md`: every key of air's, and every deliberate difference. */
import { type AirKey, airKeys } from "../../src/config/air/keys.ts";
import { inline } from "../../src/config/write/write.ts";

export function airDoc(): string {
  const sections = [...new Set(airKeys.map(sectionOf))];
  return `${[
    intro,
    "## Every key\n",
    ...sections.flatMap((section) => [
      section === "" ? "### At the top\n" : `### \`[${section}]\`\n`,
      tableOf(airKeys.filter((key) => sectionOf(key) === section)),
    ]),
    `\`[build.windows]\`, \`[build.darwin]\` and \`[build.linux]\` can set ${airKeys
      .filter(({ perSystem }) => perSystem)
      .map(({ name }) => `\`${leafOf(name)}\``)
      .join(", ")}, as in air.`,
    differences,
    moving,
  ].join("\n\n")}\n`.replaceAll(/\n{3,}/g, "\n\n");
}

const sectionOf = ({ name }: AirKey): string => (name.includes(".") ? name.slice(0, name.indexOf(".")) : "");
const leafOf = (name: string): string => name.slice(name.lastIndexOf(".") + 1);

function tableOf(keys: readonly AirKey[]): string {
  const rows = keys.map((key) => {
    const cells = [
      `\`${leafOf(key.name)}\``,
      key.default === undefined ? "none" : `\`${inline(key.default)}\``,
      key.becomes === undefined ? "" : `\`${key.becomes}\``,
      key.here,
    ];
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  return ["| air | its default | here | meaning |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

const intro = `<!-- Made from the table of air's keys (src/config/air/keys.ts) by \`npm run generate\`. -->

# Coming from air

\`reload\` reads an \`.air.toml\` (also \`.config/air.toml\`, and any other with \`-c FILE\`; by its keys it is known as air's) and does what air 1.67 does, better where air is known to
fail. Nothing has to be changed. \`reload config\` shows what each key became; \`reload init --from .air.toml\` writes the same as a \`.reload.toml\`.

Commands run in the working directory; where the file was found further up, in the directory of the file. Words after \`--\` are appended to the program's arguments. Flags, variables (\`RELOAD_…\`) and profiles go by \`reload\`'s own
keys. A key that air does not know is a warning with a suggestion (air says nothing); a wrong type is an error, as in air.`;

const differences = `## What differs on purpose

| air | here | why |
| --- | --- | --- |
| a build that fails: the old program is ended and started again (\`stop_on_error = false\`) | the running process is left alone; \`stop_on_error = true\` still ends it | the last good one keeps serving |
| kills at once (\`send_interrupt = false\`) | SIGTERM, and what is left after 500 ms is killed | programs can close what they have open |
| waits 5 s at most for the process to end, whatever \`kill_delay\` says, and then starts the next one beside it | waits as long as \`kill_delay\` says, kills the whole tree, then starts | two runs at once fight over a port |
| \`delay = 1000\` waits a second | means \`"auto"\`: 5 to 60 ms, and until git has finished | air writes it into every file; nobody chose it |
| \`delay = 0\` is its default, 1000 | no wait at all | a zero is a value |
| a change during a build starts a second build beside it | cancels the first, whole tree, and builds again | never two builds at once |
| \`exclude_regex\` sees the absolute path | the path from \`root\` | a directory above the project named \`tests\` switched everything off |
| \`exclude_regex\` is RE2 | JavaScript: what is RE2's alone is translated, or is an error that says what to write | |
| \`entrypoint = ["a", "b c"]\` goes through the shell, in pieces | is run as it is | the list has said where words end |
| words after \`--\` go through the shell, in pieces | arrive unchanged | |
| \`tmp_dir = "."\` with \`clean_on_exit\` removes the project | is not taken, with a warning; only a directory that \`reload\` made is removed | |
| only the exact paths of \`exclude_dir\` | \`.git\`, \`node_modules\` at any depth, caches and the like besides | 220 nested \`node_modules\` were watched |
| \`rerun\` starts again after \`rerun_delay\`, for ever | with a pause that doubles from 0.5 s to 8 s | a crash loop stays readable |
| \`follow_symlink\` needs \`exclude_unchanged\`, one level deep | works by itself, at any depth | |
| \`poll = false\`: no events, no restart | polls by itself where events cannot work | |
| \`env_files\` are read with each build | are watched: an edit restarts | |
| an env file of a wrong form stops the load | what can be read of it is | |
| the configuration is read once | is watched: a valid edit applies at once | |
| Windows: PowerShell | \`cmd\` | one shell for every configuration; \`cmd = "powershell -NoProfile -Command …"\` where it has to be |
| exit code 0, always | [the exit codes](../README.md) of \`reload\` | |`;

const moving = `## Moving for good

\`\`\`sh
reload init --from .air.toml
\`\`\`

writes a \`.reload.toml\` that means the same and lists what had no counterpart. With both files in place, \`.reload.toml\` is the one that counts. \`reload init --from nodemon.json\` (or \`package.json\`, for its \`nodemonConfig\`) does it for nodemon.`;
