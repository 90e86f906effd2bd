/** A file with five different mistakes, and what `reload config` says of it: for a test, and for the documentation. */
import { showConfig } from "../../src/commands/config.ts";
import { palette } from "../../src/report/colour.ts";
import { newProject } from "../rig/project.ts";

export const fiveMistakes = `root = "."

[build]
  cdm = "go build -o ./tmp/main ."

[bild]
  timeout = "1m"

[proc]
  cmd = "./tmp/main"
  stop_signal = "TERM"

[watch]
  debounce = "fast"
  include_files = [".go", 5]
`;

export async function output(): Promise<string> {
  using project = newProject({ ".reload.toml": fiveMistakes });
  let text = "";
  const stream = {
    colors: palette(false),
    write(more: string) {
      text += more;
    },
  };
  const request = { cwd: project.directory, env: {}, flags: [] };
  await showConfig({ request, json: false, quiet: false, stdout: stream, stderr: stream });
  return text;
}
