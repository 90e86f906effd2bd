import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { ConfigRequest } from "../../src/config/layers/load.ts";
import { type ConfigNews, type KeptConfig, keepConfig } from "../../src/config/store/live.ts";
import { newProject, type Project } from "../rig/project.ts";
import { until } from "../rig/until.ts";
import { flag, type Given, good, loadIn, nowhere } from "./loading.ts";

interface Kept extends Disposable {
  readonly live: KeptConfig;
  readonly news: ConfigNews[];
  /** Waits for the next piece of news that nobody has waited for. */
  next(): Promise<ConfigNews>;
  quiet(): void;
}

async function keep(
  project: Project,
  given: Given = {},
  fast: { restMs?: number; rereadAfterMs?: number; pollMs?: number } = {},
): Promise<Kept> {
  const request: ConfigRequest = { cwd: project.directory, flags: [], ...given, env: { ...nowhere, ...given.env } };
  const loaded = good(await loadIn(project, given));
  const news: ConfigNews[] = [];
  const live = keepConfig({
    request,
    loaded,
    tell: (each) => news.push(each),
    restMs: 20,
    rereadAfterMs: 60,
    ...fast,
  });
  live.follow();
  // The first look has read what the files hold: from here on every edit is one.
  await live.store.check();
  let heard = 0;
  return {
    live,
    news,
    async next() {
      const each = await until(
        "news of the configuration",
        () => news[heard],
        () => JSON.stringify(live.store.current.value.config),
      );
      heard += 1;
      return each;
    },
    quiet: () => expect(news.slice(heard)).toEqual([]),
    [Symbol.dispose]: live.close,
  };
}

const text = (debounce: string, more = ""): string => `[watch]\ndebounce = ${debounce}\n[proc]\ncmd = "x"\n${more}`;

describe("an edit of the configuration while it is in use", () => {
  test("names what changed and what that touches", async () => {
    using project = newProject({ ".reload.toml": text("5") });
    using kept = await keep(project);
    project.write(".reload.toml", text('"20ms"'));
    expect(await kept.next()).toMatchObject({
      is: "applied",
      version: 2,
      loaded: { config: { watch: { debounce: 20 } } },
      edit: { changed: ["watch.debounce"], touches: new Set(), summary: 'watch.debounce 5 → "20ms"' },
    });
    project.write(".reload.toml", `${text("7")}args = ["a"]\n`);
    expect(await kept.next()).toMatchObject({
      edit: {
        changed: ["watch.debounce", "proc.args"],
        touches: new Set(["restart"]),
        summary: 'watch.debounce "20ms" → 7; proc.args [] → ["a"]; restarts',
      },
    });
    project.write(".reload.toml", `${text("7")}args = ["a"]\n[build]\ncmd = "make"\n`);
    expect(await kept.next()).toMatchObject({
      edit: { touches: new Set(["rebuild"]), summary: 'build.cmd (not set) → "make"; builds and restarts' },
    });
  });

  test.each<[string, (project: Project, content: string) => void]>([
    ["in place", (project, content) => project.write(".reload.toml", content)],
    ["by rename", (project, content) => project.replace(".reload.toml", content)],
    [
      "after it was deleted",
      (project, content) => {
        rmSync(project.path(".reload.toml"));
        project.write(".reload.toml", content);
      },
    ],
    [
      "as vim does: rename away, create, remove the backup",
      (project, content) => {
        renameSync(project.path(".reload.toml"), project.path(".reload.toml~"));
        project.write(".reload.toml", content);
        rmSync(project.path(".reload.toml~"));
      },
    ],
  ])("is seen when it is saved %s, again and again", async (_, save) => {
    using project = newProject({ ".reload.toml": text("0") });
    using kept = await keep(project);
    for (let round = 1; round <= 4; round += 1) {
      save(project, text(String(round)));
      expect(await kept.next()).toMatchObject({ is: "applied", loaded: { config: { watch: { debounce: round } } } });
    }
    kept.quiet();
  });

  test("is seen where links are swapped, as Kubernetes does", async () => {
    using project = newProject({ "conf/..1/reload.toml": text("1") });
    symlinkSync("..1", project.path("conf/..data"));
    symlinkSync("..data/reload.toml", project.path("conf/reload.toml"));
    using kept = await keep(project, { configFile: "conf/reload.toml" });
    for (let round = 2; round <= 4; round += 1) {
      project.write(`conf/..${round}/reload.toml`, text(String(round)));
      symlinkSync(`..${round}`, project.path("conf/..data_tmp"));
      renameSync(project.path("conf/..data_tmp"), project.path("conf/..data"));
      rmSync(project.path(`conf/..${round - 1}`), { recursive: true });
      expect(await kept.next()).toMatchObject({ is: "applied", loaded: { config: { watch: { debounce: round } } } });
    }
  });

  test("is seen in the file that a link leads to, in another directory", async () => {
    using project = newProject({ "shared/dev.toml": text("1"), "app/x": "" });
    symlinkSync("../shared/dev.toml", project.path("app/.reload.toml"));
    using kept = await keep(project, { cwd: project.path("app") });
    project.write("shared/dev.toml", text("2"));
    expect(await kept.next()).toMatchObject({ is: "applied" });
    project.replace("shared/dev.toml", text("3"));
    expect(await kept.next()).toMatchObject({ is: "applied", loaded: { config: { watch: { debounce: 3 } } } });
  });

  test("is seen when its whole directory was removed and made again", async () => {
    using project = newProject({ "conf/dev.toml": text("1") });
    using kept = await keep(project, { configFile: "conf/dev.toml" });
    rmSync(project.path("conf"), { recursive: true });
    expect(await kept.next()).toMatchObject({ is: "gone", version: 1 });
    mkdirSync(project.path("conf"));
    project.write("conf/dev.toml", text("2"));
    expect(await kept.next()).toMatchObject({ is: "applied", version: 2 });
  });

  test("names the files whose texts differ, and none that said the same before", async () => {
    using project = newProject({ ".reload.toml": `env_files = [".env"]\n${text("1")}`, ".env": "A=1\n" });
    using kept = await keep(project);
    project.write(".reload.toml", `env_files = [".env"]\n${text("1")}# the same\n`);
    await kept.live.store.check();
    project.write(".env", "A=2\n");
    expect(await kept.next()).toMatchObject({ is: "applied", sources: [".env"] });
    project.write(".reload.toml", `env_files = [".env", "more.env"]\n${text("1")}`);
    expect(await kept.next()).toMatchObject({ is: "applied", sources: [".reload.toml"] });
  });

  test("that is wrong changes nothing, is told once with its place, and the next good one applies", async () => {
    using project = newProject({ ".reload.toml": text("1") });
    using kept = await keep(project);
    project.write(".reload.toml", text('"fast"', "[bild]\n"));
    expect(await kept.next()).toMatchObject({
      is: "refused",
      version: 1,
      problems: [{ place: { line: 2 } }, { place: { line: 5 } }],
    });
    expect(kept.live.store.current.value.config.watch.debounce).toBe(1);
    project.write(".reload.toml", text("1"));
    expect(await kept.next()).toEqual({ is: "restored", version: 1 });
    project.write(".reload.toml", text("2"));
    expect(await kept.next()).toMatchObject({ is: "applied", version: 2 });
    kept.quiet();
  });

  test("that takes a mistake back is told at once: the text that is in force may be shorter, and is whole", async () => {
    using project = newProject({ ".reload.toml": text("1") });
    // For ever, as far as this test is concerned.
    using kept = await keep(project, {}, { rereadAfterMs: 10_000_000 });
    project.write(".reload.toml", text("1", "[bild]\n"));
    expect(await kept.next()).toMatchObject({ is: "refused" });
    project.write(".reload.toml", text("1"));
    expect(await kept.next()).toEqual({ is: "restored", version: 1 });
    kept.quiet();
  });

  test("that is half-written is not taken, and no word is lost about it", async () => {
    using project = newProject({ ".reload.toml": text("1") });
    using kept = await keep(project, {}, { rereadAfterMs: 10_000 });
    writeFileSync(project.path(".reload.toml"), '[watch]\ndebounce = 2\n[proc]\ncmd = "x');
    const whole = text("2");
    // The look is waiting for the rest by now, or will find the whole file at once: both are right.
    project.write(".reload.toml", whole);
    expect(await kept.next()).toMatchObject({ is: "applied", loaded: { config: { watch: { debounce: 2 } } } });
    kept.quiet();
  });

  test("keeps what flags and variables say", async () => {
    using project = newProject({ ".reload.toml": text("1") });
    using kept = await keep(project, { env: { RELOAD_WATCH_DEBOUNCE: "77" } });
    project.write(".reload.toml", text("2", '[log]\nlevel = "debug"\n'));
    expect(await kept.next()).toMatchObject({
      edit: { changed: ["log.level"] },
      loaded: { config: { watch: { debounce: 77 } } },
    });
  });

  test("does not let another file take its place", async () => {
    using project = newProject({ "reload.toml": text("1"), "sub/x": "" });
    using kept = await keep(project);
    project.write(".reload.toml", text("9"));
    project.write("reload.toml", text("2"));
    expect(await kept.next()).toMatchObject({ is: "applied", loaded: { config: { watch: { debounce: 2 } } } });
    rmSync(project.path("reload.toml"));
    expect(await kept.next()).toMatchObject({ is: "gone" });
  });

  test("is one of the profile as well", async () => {
    using project = newProject({ ".reload.toml": text("1"), ".reload.dev.toml": "" });
    using kept = await keep(project, { profile: "dev" });
    project.write(".reload.dev.toml", "[watch]\ndebounce = 3\n");
    expect(await kept.next()).toMatchObject({ is: "applied", edit: { changed: ["watch.debounce"] } });
  });

  test("is the first one, where there was no file", async () => {
    using project = newProject();
    using kept = await keep(project, { command: ["x"] });
    project.write(".reload.toml", text("3"));
    expect(await kept.next()).toMatchObject({
      is: "applied",
      loaded: { kind: "reload", config: { proc: { cmd: ["x"] }, watch: { debounce: 3 } } },
    });
  });

  test("is not missed while others write into the same directory without rest", async () => {
    using project = newProject({ ".reload.toml": text("1") });
    using kept = await keep(project);
    let count = 0;
    const writer = setInterval(() => project.write("app.log", `${count++}`), 2);
    try {
      project.write(".reload.toml", text("2"));
      expect(await kept.next()).toMatchObject({ is: "applied" });
    } finally {
      clearInterval(writer);
    }
  });
});

describe("an edit of an env file", () => {
  test("restarts, and names the variables without their values; removed ones vanish", async () => {
    using project = newProject({
      ".reload.toml": `env_files = [".env", ".env.local"]\n${text("1")}`,
      ".env": "TOKEN=old\nGONE=1\nSAME=1\n",
    });
    using kept = await keep(project);
    project.write(".env", "TOKEN=hunter2\nSAME=1\nNEW=x\n");
    const edited = await kept.next();
    expect(edited).toMatchObject({
      is: "applied",
      edit: { touches: new Set(["restart"]), summary: "env_files: TOKEN; env_files: NEW; env_files: GONE; restarts" },
      loaded: { fileEnv: { TOKEN: "hunter2", SAME: "1", NEW: "x" } },
    });
    expect(edited.is === "applied" && edited.edit.summary).not.toContain("hunter2");
    expect(edited.is === "applied" && edited.loaded.fileEnv).not.toHaveProperty("GONE");
    project.write(".env.local", "SAME=2\n");
    expect(await kept.next()).toMatchObject({ edit: { changed: ["env_files: SAME"] } });
    kept.quiet();
  });
});

test.each<[string, (path: string) => void]>([
  ["a directory", (path) => mkdirSync(path)],
  ["a link to itself", (path) => symlinkSync(".env", path)],
  ["no UTF-8", (path) => writeFileSync(path, Buffer.from([0x41, 0x3d, 0xff, 0xfe, 10]))],
])("an env file that is %s for a while keeps the values that it had, with a warning", async (_, spoil) => {
  using project = newProject({ ".reload.toml": `env_files = [".env"]\n${text("1")}`, ".env": "A=1\n" });
  using kept = await keep(project);
  for (let spoilt = 1; spoilt <= 2; spoilt += 1) {
    rmSync(project.path(".env"), { recursive: true });
    spoil(project.path(".env"));
    expect(await kept.next()).toMatchObject({
      is: "noted",
      warnings: [
        { severity: "warning", origin: ".env", message: expect.stringMatching(/; the values that it had stay$/) },
      ],
    });
    rmSync(project.path(".env"), { recursive: true });
    project.write(".env", `A=1${"1".repeat(spoilt)}\n`);
    expect(await kept.next()).toMatchObject({ is: "applied", edit: { changed: ["env_files: A"] } });
  }
  kept.quiet();
});

describe("an edit of an env file, while the configuration cannot be read,", () => {
  const file = (more = ""): string => `env_files = [".env"]\n${text("1", more)}`;

  test.each<[string, "refused" | "gone", (project: Project) => void]>([
    ["because it is no TOML", "refused", (project) => project.write(".reload.toml", `${file()}[bild`)],
    ["because a key is wrong", "refused", (project) => project.write(".reload.toml", file("[bild]\n"))],
    ["because it was deleted", "gone", (project) => rmSync(project.path(".reload.toml"))],
  ])("%s counts all the same", async (_, is, spoil) => {
    using project = newProject({ ".reload.toml": file(), ".env": "A=1\n" });
    using kept = await keep(project);
    spoil(project);
    expect(await kept.next()).toMatchObject({ is, version: 1 });
    for (const [version, value] of [
      [2, "two"],
      [3, "three"],
    ] as const) {
      project.write(".env", `A=${value}\n`);
      expect(await kept.next()).toMatchObject({
        is: "applied",
        version,
        edit: { changed: ["env_files: A"] },
        loaded: { fileEnv: { A: value }, config: { watch: { debounce: 1 } } },
      });
    }
    project.write(".reload.toml", file());
    expect(await kept.next()).toMatchObject({ is: "restored", version: 3 });
    kept.quiet();
  });

  test("is told beside what is wrong when both are saved at once", async () => {
    using project = newProject({ ".reload.toml": file(), ".env": "A=1\n" });
    using kept = await keep(project);
    project.write(".env", "A=2\n");
    project.write(".reload.toml", file("[bild]\n"));
    expect([await kept.next(), await kept.next()].map(({ is }) => is).sort()).toEqual(["applied", "refused"]);
    expect(kept.live.store.current.value.fileEnv).toEqual({ A: "2" });
    kept.quiet();
  });

  test("counts where the first file that appears is wrong", async () => {
    using project = newProject({ ".env": "A=1\n" });
    using kept = await keep(project, { command: ["x"], flags: [flag("env_files", ".env")] });
    project.write(".reload.toml", "[bild]\n");
    expect(await kept.next()).toMatchObject({ is: "refused" });
    project.write(".env", "A=2\n");
    expect(await kept.next()).toMatchObject({ is: "applied", loaded: { fileEnv: { A: "2" } } });
  });
});

describe("200 edits at random", () => {
  /** The same edits in every run. */
  function dice(seed: number): (below: number) => number {
    let state = seed;
    return (below) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
  }

  const broken = [
    "[watch",
    "[watch]\ndebounce = fast\n",
    text('"fast"'),
    text("1", "[bild]\n"),
    text("1", "ful = 1\n"),
    "",
    "\u0000",
    'tmp_dir = "."\n',
  ];

  test("after each, what is in force is the last valid text", { timeout: 120_000 }, async () => {
    using project = newProject({ ".reload.toml": text("0"), "real/a.toml": "", "real/b.toml": "" });
    using kept = await keep(project, {}, { restMs: 3, rereadAfterMs: 15, pollMs: 250 });
    const roll = dice(5);
    const file = project.path(".reload.toml");
    const saves: readonly ((content: string) => void)[] = [
      (content) => writeFileSync(file, content),
      (content) => project.replace(".reload.toml", content),
      (content) => {
        rmSync(file);
        writeFileSync(file, content);
      },
      (content) => {
        writeFileSync(file, content.slice(0, content.length / 2));
        writeFileSync(file, content);
      },
      (content) => {
        const name = `real/${["a", "b"][roll(2)]}.toml`;
        project.write(name, content);
        symlinkSync(name, project.path("link"));
        renameSync(project.path("link"), file);
      },
    ];
    let lastGood = 0;
    let wasGood = true;
    for (let edit = 1; edit <= 200; edit += 1) {
      const isGood = roll(3) > 0;
      const content = isGood ? text(String(edit)) : `${broken[roll(broken.length)]}# ${edit}`;
      if (isGood) lastGood = edit;
      const before = kept.news.length;
      saves[roll(saves.length)]?.(content);
      // It is seen when news of it came: for a good text that it is in force, for a bad one that it is refused.
      await until(
        `edit ${edit} is judged`,
        () => {
          const { debounce } = kept.live.store.current.value.config.watch;
          return isGood ? debounce === edit : kept.news.slice(before).some(({ is }) => is === "refused");
        },
        () =>
          JSON.stringify(
            { content, wasGood, current: kept.live.store.current.value.config.watch, news: kept.news.slice(before) },
            undefined,
            1,
          ),
      );
      expect(kept.live.store.current.value.config.watch.debounce).toBe(lastGood);
      wasGood = isGood;
    }
    const numbers = kept.live.store.versions.map(({ number }) => number);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });
});
