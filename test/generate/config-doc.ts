/** `docs/config.md`: the table of keys for people. */

import { allKeys, type NamedKey, sections, type Touch, variableOf } from "../../src/config/keys/keys.ts";
import { serviceKeys } from "../../src/config/keys/service-keys.ts";
import { fileNames } from "../../src/config/layers/discover.ts";
import { reservedVariables } from "../../src/config/layers/given.ts";
import { inline } from "../../src/config/write/write.ts";
import { builtInIgnores } from "../../src/matchers/built-ins.ts";

/** @param mistakes what `reload config` prints for the file with mistakes */
export function configDoc(mistakes: { readonly file: string; readonly output: string }): string {
  const all = [...allKeys().values()];
  const parts = sections().filter((section) => all.some((key) => key.section === section));
  return `${[
    intro,
    "## Keys\n\nA change of a key while `reload` runs counts at once. The last column says what has to be done for it; where there is nothing, the next build, stop or start asks for the new value.",
    "### At the top\n",
    tableOf(all.filter(({ section }) => section === "")),
    ...parts.flatMap((section) => [`### \`[${section}]\`\n`, tableOf(all.filter((key) => key.section === section))]),
    services(),
    neverWatched(),
    kinds,
    layers(),
    whileRunning,
    `## Mistakes\n\nA mistake is an error, all of them are told at once, the exit code is 2, and nothing is started. This file has five:\n\n\`\`\`toml\n${mistakes.file.trimEnd()}\n\`\`\`\n\n\`reload config\` says:\n\n\`\`\`text\n${mistakes.output.trimEnd()}\n\`\`\``,
  ].join("\n\n")}\n`.replaceAll(/\n{3,}/g, "\n\n");
}

function tableOf(keys: readonly NamedKey[]): string {
  const rows = keys.map((key) =>
    [
      `\`${key.leaf}\``,
      key.kind.name,
      key.default === undefined ? "none" : `\`${inline(key.default)}\``,
      key.means,
      touchText(key.touches),
    ]
      .map((cell) => cell.replaceAll("|", "\\|"))
      .join(" | "),
  );
  return [
    "| key | kind | default | meaning | a change |",
    "| --- | --- | --- | --- | --- |",
    ...rows.map((row) => `| ${row} |`),
  ].join("\n");
}

function touchText(touches: readonly Touch[]): string {
  const text = { watch: "aims the watcher anew", restart: "restarts", rebuild: "builds and restarts", rules: "" };
  return touches.map((touch) => text[touch]).join(", ");
}

const intro = `<!-- Made from the table of keys (src/config/keys/keys.ts) by \`npm run generate\`. -->

# The configuration

\`reload\` needs no configuration where it knows the project (\`reload init\` shows what it found), and none with a command (\`reload -- ./server\`).
Everything else stands in one file:

\`\`\`toml
root = "."
tmp_dir = "tmp"
[build]
  cmd = "go build -o ./tmp/main ."
[proc]
  cmd = "./tmp/main"
[watch]
  include_files = [".go"]
  exclude_dirs = ["tmp", "vendor"]
\`\`\`

It is the nearest one that is found from the working directory upwards, up to the directory with \`.git\`: ${fileNames.map((name) => `\`${name}\``).join(", ")}, in this order
in each directory. It is never looked for in the home directory, in \`/\`, or in a directory of another user (for root, e.g. in a container: of another user than
the one who owns the working directory). \`-c FILE\` names one. Files of air are read as [from-air.md](from-air.md) says.

\`reload config\` checks it and prints every value that is in force with where it comes from, as TOML that could be saved; \`--json\` for programs, \`-q\` for scripts.`;

const kinds = `## Kinds of values

- A **duration** is \`"500ms"\`, \`"2s"\`, \`"1m30s"\`, or a whole number of milliseconds.
- A **command** is a string, which the shell runs (\`sh -c\`, on Windows \`cmd /d /s /c\`), or a list of words, which is run as it is. \`""\` and \`[]\` are no command: so a profile can take one back.
- A **path** is relative to \`root\`; one from a flag or a variable is relative to the working directory.
- In a **table of strings**, numbers and booleans stand for their text, as it is written: \`PORT = 3000\`, \`VERSION = 1.10\`.
- \`0\`, \`false\`, \`""\` and \`[]\` are values like any other, in every layer.`;

function services(): string {
  const only = [...serviceKeys().values()].filter((key) => !allKeys().has(key.name));
  return `### \`[service.NAME]\`

Several programs in one project. NAME begins with a small letter and consists of small letters, digits and \`-\`.

\`\`\`toml
[watch]
exclude_dirs = ["node_modules"]
[service.db]
watch = false
proc.cmd = "docker compose up postgres"
ready.tcp = 5432
[service.api]
root = "api"
after = ["db"]
build.cmd = "go build -o ../tmp/api ."
proc.cmd = "../tmp/api"
[service.worker]
root = "worker"
proc.cmd = "python worker.py"
\`\`\`

${tableOf(only)}

- A service has \`root\` (relative to that of the top), \`env_files\`, \`watch\`, \`build\`, \`proc\`, \`ready\`, \`proxy\`, \`sockets\`, \`hooks\` (without \`at_end\`) and \`rule\`, all as above.
- **For all**: \`tmp_dir\`, \`clean_on_exit\`, \`[ui]\`, \`[log]\` and \`at_end\`, which stand at the top alone.
- **Defaults**, which a service overrides key by key: \`env_files\`, \`[watch]\` (its patterns begin at the \`root\` of the service), \`[hooks]\`, \`[ready] timeout\`, and \`[proc]\` without \`cmd\` and \`args\`. Files that the top names in \`env_files\` and \`matcher\` are where the top says.
- **Shared**: \`[build]\` at the top is one build for all services that have none of their own, and \`[[rule]]\` at the top is asked after those of a service. What is shared is carried out once, at the top, when everybody who needs it has done what comes before (a \`before_build\` of one of them), and fails for all; what it prints begins with \`(build)\`, \`(rule)\`.
- \`[proc] cmd\` and \`args\`, a check of \`[ready]\`, \`[proxy]\` and \`[sockets]\` at the top beside a service are errors: nobody knows which one they are for.
- \`--service.api.proc.cmd VALUE\` and \`${variableOf("service.api.proc.cmd")}\` (with \`_\` for \`-\`) set a key of a service that the file declares. Flags and variables of the top win over what files say of single services.
- \`--only NAME\` (repeatable) picks services, with what they are \`after\`. A COMMAND and \`-b\` are for one that is picked; \`-w\`, \`-e\` and \`-i\` are for all.
- Two services on one port (\`ready.tcp\`, \`ready.http\`, \`PORT\`, \`proxy\`, \`sockets\`) are an error, and so are a circle in \`after\` and a service that has neither \`[build] cmd\` nor \`[proc] cmd\` of its own.`;
}

function neverWatched(): string {
  const lines = builtInIgnores.map(({ kind, directories, files }) => {
    const all = [...directories.map((name) => `${name}/`), ...files];
    return `- **${kind}**: ${all.map((name) => `\`${name}\``).join(", ")}`;
  });
  const intro =
    'Built in, as gitignore patterns at any depth, with or without a `.gitignore`. `exclude_dirs = ["!node_modules"]` or `exclude_files = ["!*.log"]` takes one back.';
  return `## What is never watched\n\n${intro}\n\n${lines.join("\n")}`;
}

function layers(): string {
  return `## Layers

Later ones win: defaults < file < profile < environment < flags < COMMAND.

- **Profile**: \`--profile NAME\` or \`RELOAD_PROFILE\` lays \`.reload.NAME.toml\`, beside the file, over it (or the file's own name with NAME in it: \`dev.ci.toml\` over \`dev.toml\`).
- **Environment**: \`${variableOf("watch.debounce")}\` for \`[watch] debounce\`, \`${variableOf("tmp_dir")}\` for \`tmp_dir\`. One that is unknown but near to a known one is a warning. ${reservedVariables.map((name) => `\`${name}\``).join(", ")} mean something else.
- **Flags**: every key is one, \`--watch.debounce 20ms\`.
- Node itself looks for \`--env-file\` among the words of every program that it runs, up to a \`--\`, and ends with \`node: FILE: not found\` and code 9 if there is no such file, before the program is asked. So \`reload --env-file FILE\` needs the file to be there; \`env_files = ["FILE"]\` and \`--env_files FILE\` wait for it. For a COMMAND with such a flag of its own: \`reload -- COMMAND\`.
- A value in the environment or a flag is TOML if that is of the key's kind, else the text itself. A table is written \`{ A = "1" }\` and laid over the one below; \`-E KEY=VALUE\` sets one variable. \`[[rule]]\` and new services come from files only.
- Tables of strings add to each other, name by name; everything else replaces what was there. Of a flag that takes a list, the second adds to the first.`;
}

const whileRunning = `## While it runs

The files that were read, and those that could be (a profile, \`env_files\`), are watched. A valid edit is taken as one step: what changed is named, and only what it touches
restarts. An invalid one changes nothing: the error is shown and the last good version stays in force, as it does when the file is deleted. A file that is empty or no TOML is looked at once more
after 200 ms: it may be half-written. Versions are numbered. The values of \`env_files\` are never printed, only the names of those that changed.`;
