import { expect, test } from "vitest";
import { ecosystemOf, starters } from "../../src/config/projects/kinds.ts";
import { runners } from "../../src/config/projects/scripts/runners.ts";
import { watchers } from "../../src/config/projects/scripts/watchers.ts";
import { wrappers } from "../../src/config/projects/scripts/wrappers.ts";
import { newProject } from "../rig/project.ts";

test("every program that starts another one is read as one; of the others the name says enough", async () => {
  using project = newProject();
  const all = [...Object.keys(runners), ...Object.keys(wrappers)];
  // Node is one with `--run` alone.
  for (const name of all.filter((each) => each !== "node")) expect(starters, name).toContain(name);
  for (const name of Object.keys(watchers)) {
    const known = await ecosystemOf([name, "app"], project.directory, {});
    expect(starters.has(name) || known !== undefined, name).toBe(true);
  }
});

test("COMMAND is of the kind that its program is of, behind whatever starts it", async () => {
  using project = newProject({
    "package.json": JSON.stringify({ scripts: { serve: "python app.py", web: "node web.js" } }),
  });
  const kindOf = async (...command: [string, ...string[]]): Promise<string | undefined> =>
    (await ecosystemOf(command, project.directory, {}))?.name;
  expect(await kindOf("npm", "run", "serve")).toBe("Python");
  expect(await kindOf("npm", "run", "web")).toBe("Node");
  expect(await kindOf("node", "--run", "serve")).toBe("Python");
  expect(await kindOf("node", "--run=web")).toBe("Node");
  expect(await kindOf("npm", "run", "missing")).toBe("Node");
  expect(await kindOf("nodemon", "--exec", "python", "app.py")).toBe("Python");
  expect(await kindOf("env", "A=1", "cargo", "run")).toBe("Rust");
  expect(await kindOf("sh", "-c", "go run .")).toBe("Go");
  expect(await kindOf("node", "--watch", "app.js")).toBe("Node");
  expect(await kindOf("time", "go", "run", ".")).toBe("Go");
  expect(await kindOf("direnv", "exec", ".", "cargo", "run")).toBe("Rust");
  expect(await kindOf("doppler", "run", "--", "go", "run", ".")).toBe("Go");
  expect(await kindOf("mise", "exec", "--", "python", "app.py")).toBe("Python");
  expect(await kindOf("./server")).toBeUndefined();
});
