/** What others get wrong, each with the thread that tells of it, over five formats. */
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { ConfigError, LiveConfig } from "../../src/live/types.ts";
import { newProject } from "../rig/project.ts";
import { until } from "../rig/until.ts";
import { formats, openLive, type Settings, schema, settings, timing } from "./formats.ts";

const withLevel = (level: string): Settings => ({ ...settings, log: { ...settings.log, level } });

/** One edit after the other: when the later one is in force, whatever the earlier one does has been done. */
async function inForce(config: LiveConfig<Settings>, port: number): Promise<void> {
  await until(`port ${port} in force`, () => config.get("port") === port);
}

describe.each(formats)("$format", ({ file, text }) => {
  const open = (path: string): Promise<LiveConfig<Settings>> => openLive<Settings>({ files: path, schema }, timing);

  test("1. one save is one call (viper#609, aspnet/Logging#874)", async () => {
    using project = newProject({ [file]: text(settings) });
    await using config = await open(project.path(file));
    const calls: string[] = [];
    config.on("log.level", (now, before, version) => calls.push(`${before} → ${now} in ${version}`));

    project.write(file, text(withLevel("debug")));
    await until("a call", () => calls.length > 0);
    project.replace(file, text({ ...withLevel("debug"), port: 1 }));
    await inForce(config, 1);
    project.replace(file, text({ ...withLevel("warn"), port: 2 }));
    await inForce(config, 2);

    expect(calls).toEqual(["info → debug in 2", "debug → warn in 4"]);
  });

  test("2. what did not change is not told (dotnet/extensions#2671)", async () => {
    using project = newProject({ [file]: text(settings) });
    await using config = await open(project.path(file));
    const calls: string[] = [];
    for (const key of ["port", "rate", "log", "db.url"]) config.on(key, () => calls.push(key));

    project.replace(file, text({ ...settings, port: 1 }));
    await inForce(config, 1);
    // Other text, same values.
    project.replace(file, `${text({ ...settings, port: 1 })}\n\n`);
    await config.refresh();

    expect(calls).toEqual(["port"]);
    expect(config.version).toBe(2);
  });

  test("3. calls come in the order in which they were asked for, and see all of the version (dotnet/runtime#119883)", async () => {
    using project = newProject({ [file]: text(settings), [`local.${file}`]: text({ rate: 1 }) });
    await using config = await openLive<Settings>(
      { files: [project.path(file), { path: project.path(`local.${file}`), format: formatOf(file) }], schema },
      timing,
    );
    const seen: unknown[] = [];
    const see = (key: string) => () =>
      seen.push([key, config.get("port"), config.get("rate"), config.get("log.level")]);
    for (const key of ["rate", "log.level", "*", "port", "rate"]) config.on(key, see(key));

    project.replace(file, text({ ...withLevel("warn"), port: 9 }));
    project.replace(`local.${file}`, text({ rate: 7 }));
    await inForce(config, 9);

    const all = [9, 7, "warn"];
    expect(seen).toEqual(["rate", "log.level", "*", "port", "rate"].map((key) => [key, ...all]));
  });

  test("4. a mistake is told to who listens, at its place; without a listener nothing dies (dotnet/runtime#44381)", async () => {
    using project = newProject({ [file]: text(settings) });
    await using config = await open(project.path(file));
    const warnings: Error[] = [];
    const warned = (warning: Error): void => void warnings.push(warning);
    process.on("warning", warned);
    try {
      project.replace(file, text({ ...settings, port: 70000 }));
      await until("a warning", () =>
        warnings.some(({ message }) => message.includes("port must be an integer from 1 to 65535")),
      );
    } finally {
      process.off("warning", warned);
    }
    const errors: ConfigError[] = [];
    config.on("error", (error) => errors.push(error));
    project.replace(file, text({ ...settings, port: 80000 }));
    await until("an error", () => errors.length > 0);

    const problem = errors[0]?.problems[0];
    expect(problem?.code).toBe("schema/not-met");
    const line = project.read(file).split("\n")[(problem?.line ?? 0) - 1];
    expect(line?.slice((problem?.column ?? 0) - 1).replace(/^"/, "")).toMatch(/^80000/);
    expect(problem?.message).toContain(`${file}:${problem?.line}:${problem?.column}: `);
  });

  test("5, 6. what is refused is never visible, and the last good version stays (slskdN#270, carapace#418)", async () => {
    using project = newProject({ [file]: text(settings) });
    await using config = await open(project.path(file));
    const seen = new Set<unknown>();
    let isRefused = false;
    config.on("*", () => seen.add(config.get("port")));
    config.on("error", () => {
      seen.add(config.get("port"));
      isRefused = true;
    });
    const before = config.snapshot;

    project.replace(file, text({ ...settings, port: 70000 }));
    await until("the refusal", () => {
      seen.add(config.get("port"));
      return isRefused;
    });

    expect([...seen]).toEqual([8080]);
    expect(config.snapshot).toBe(before);
    expect(config.versions).toHaveLength(1);
  });

  test("7. a key that was removed is told, and is gone (koanf#77)", async () => {
    using project = newProject({ [file]: text(settings) });
    await using config = await open(project.path(file));
    const calls: unknown[] = [];
    config.on("rate", (now, before) => calls.push([now, before]));

    const { rate: _, ...rest } = settings;
    project.replace(file, text(rest));
    await until("a call", () => calls.length > 0);

    expect(calls).toEqual([[undefined, 2.5]]);
    expect(config.get("rate")).toBeUndefined();
    expect(Object.keys(config.snapshot)).not.toContain("rate");
  });

  test("8. a rename, a link that is swapped, delete and make again: still followed (koanf, viper#284)", async () => {
    using project = newProject({ [`v1/${file}`]: text(settings), [`v2/${file}`]: text({ ...settings, port: 2 }) });
    symlinkSync("v1", project.path("..data"));
    symlinkSync(`..data/${file}`, project.path(file));
    await using config = await open(project.path(file));

    symlinkSync("v2", project.path("..new"));
    renameSync(project.path("..new"), project.path("..data"));
    await inForce(config, 2);
    rmSync(project.path(file));
    writeFileSync(project.path(file), text({ ...settings, port: 3 }));
    await inForce(config, 3);
    for (const port of [4, 5, 6]) {
      project.replace(file, text({ ...settings, port }));
      await inForce(config, port);
    }
    mkdirSync(project.path("aside"));
    renameSync(project.path(file), project.path(`aside/${file}`));
    renameSync(project.path(`aside/${file}`), project.path(file));
    project.write(file, text({ ...settings, port: 7 }));
    await inForce(config, 7);
  });

  test("9. a snapshot is frozen, and stays as it was (axonhub#1997, viper#1199)", async () => {
    using project = newProject({ [file]: text(settings) });
    await using config = await open(project.path(file));
    const before = config.snapshot;
    expect(() => Object.assign(before.log, { level: "error" })).toThrow(TypeError);
    expect(() => Object.assign(before, { port: 1 })).toThrow(TypeError);
    expect([before, before.log, before.db, config.versions, config.versions[0]].every(Object.isFrozen)).toBe(true);

    project.replace(file, text({ ...withLevel("debug"), port: 5 }));
    await inForce(config, 5);

    expect(before).toEqual(settings);
    expect(config.versions.map(({ snapshot }) => snapshot.port)).toEqual([8080, 5]);
  });

  test("10. what cannot be read takes nothing away: the next good save is followed (apollo-mcp-server#718)", async () => {
    using project = newProject({ [file]: text(settings) });
    await using config = await open(project.path(file));
    const errors: string[] = [];
    config.on("error", ({ code }) => errors.push(code));

    for (const broken of ['{"port: 1\n', "a: [\n", '= "']) project.replace(file, broken);
    await until("a refusal", () => errors.length > 0);
    expect(config.get("port")).toBe(8080);
    project.replace(file, text({ ...settings, port: 5 }));
    await inForce(config, 5);
  });

  test("11. the message says all that is wrong, where, and what is allowed (data-api-builder#2468)", async () => {
    using project = newProject({ [file]: text({ ...settings, prot: 1, log: { level: "inof" }, rate: 0 }) });
    const error = await open(project.path(file)).then(
      () => undefined,
      (thrown: ConfigError) => thrown,
    );
    const said = error?.problems.map(({ message, hint }) => `${message} | ${hint}`).sort() ?? [];
    expect(said).toHaveLength(3);
    expect(said.join("\n")).toMatch(
      /:\d+:\d+: level must be "debug", "info", "warn" or "error" \| did you mean "info"\?/,
    );
    expect(said.join("\n")).toMatch(/:\d+:\d+: rate must be a number greater than 0 \|/);
    expect(said.join("\n")).toMatch(/:\d+:\d+: unknown key prot \| did you mean port\?/);
    expect(error?.code).toBe("schema/not-met");
  });

  test("12. what the environment and the program say stays over a reload (rover#2357)", async () => {
    using project = newProject({ [file]: text(settings) });
    process.env["LIVETEST_DB_URL"] = "postgres://elsewhere/app";
    try {
      await using config = await openLive<Settings>(
        {
          files: project.path(file),
          schema,
          env: "LIVETEST_",
          overrides: { "log.level": "error" },
        },
        timing,
      );
      expect(config.get("db.url")).toBe("postgres://elsewhere/app");
      project.replace(file, text({ ...settings, port: 5 }));
      await inForce(config, 5);
      expect(config.get("db.url")).toBe("postgres://elsewhere/app");
      expect(config.get("log.level")).toBe("error");
    } finally {
      delete process.env["LIVETEST_DB_URL"];
    }
  });
});

function formatOf(file: string): "json" | "yaml" | "toml" | "properties" | "env" {
  if (file.endsWith(".json")) return "json";
  if (file.endsWith(".yaml")) return "yaml";
  if (file.endsWith(".toml")) return "toml";
  return file.endsWith(".properties") ? "properties" : "env";
}
