/** A program of Python that is kept warm. */
import { execFileSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { needs } from "../rig/needs.ts";
import { type Kept, keep } from "./warm-rig.ts";

export const hasPython = process.platform === "linux" && needs("python3");
/** Itself, not a shim that looks for it each time. */
export const realPython = hasPython
  ? execFileSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).trim()
  : "python3";

/** Writes what it answers into a file, and stays. */
export const tail = `
_json, _os, _time = __import__("json"), __import__("os"), __import__("time")
def _write(answer):
    file = "answers/" + _os.environ["RELOAD_RUN"]
    with open(file + "~", "w") as stream: _json.dump(answer, stream)
    _os.replace(file + "~", file)
_write(answer)
while True: _time.sleep(1)
`;

export const site = "lib/site-packages";
export const inSite = (name: string, text: string): Record<string, string> => ({
  [`${site}/${name}/__init__.py`]: text,
});

export const keepPython = (
  files: Readonly<Record<string, string>>,
  args: readonly string[] = [realPython, "app.py"],
): Kept =>
  keep(files, {
    main: "app.py",
    args: ["--", ...args],
    env(project) {
      if (project.has("bin/uvicorn")) chmodSync(project.path("bin/uvicorn"), 0o755);
      return { PYTHONPATH: project.path(site), PYTHONDONTWRITEBYTECODE: "1" };
    },
    comment: "#",
  });
