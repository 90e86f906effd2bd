import { describe, expect, test } from "vitest";
import { translateAir } from "../../src/config/air/air.ts";
import { goDurationMs, killDelayMs } from "../../src/config/air/go-duration.ts";
import { type AirKey, airKeys } from "../../src/config/air/keys.ts";
import { allKeys, type Config } from "../../src/config/keys/keys.ts";
import { originsOf } from "../../src/config/layers/origins.ts";
import { parseToml } from "../../src/config/text/toml.ts";
import { inline } from "../../src/config/write/write.ts";
import { newProject } from "../rig/project.ts";
import { complaints, flag, type Given, good, loadIn, nowhere } from "./loading.ts";

async function airFile(text: string, given: Given = {}): Promise<ReturnType<typeof good>> {
  using project = newProject({ ".air.toml": text, "web/x": "" });
  return good(await loadIn(project, given));
}

async function wrong(text: string): Promise<string> {
  using project = newProject({ ".air.toml": text });
  return complaints(await loadIn(project));
}

const build = (text: string): string => `[build]\n${text}\n`;

describe("an .air.toml with nothing in it", () => {
  test("means what air's defaults mean", async () => {
    const loaded = await airFile("");
    expect(loaded.kind).toBe("air");
    expect(loaded.config).toMatchObject({
      root: ".",
      tmp_dir: "tmp",
      clean_on_exit: false,
      env_files: [],
      build: { cmd: "go build -o ./tmp/main .", on_fail: "keep" },
      proc: { cmd: "./tmp/main", args: [], stop_signal: "SIGTERM", stop_timeout: 500, on_exit: "wait" },
      watch: {
        include_dirs: ["."],
        include_files: [".go", ".tpl", ".tmpl", ".html"],
        exclude_dirs: ["/assets", "/tmp", "/vendor", "/testdata", ".*"],
        exclude_files: [],
        exclude_regex: ["_test.go"],
        gitignore: false,
        ignore_unchanged: false,
        follow_symlinks: false,
        debounce: "auto",
        poll: "auto",
      },
      ui: { clear: false },
      log: { level: "info", time: false },
    });
    expect(loaded.warnings).toEqual([]);
  });
});

/** What each key of air's comes to, one value at a time. */
const meanings: readonly [key: string, written: string, expected: (config: Config) => unknown, value: unknown][] = [
  ["root", '"web"', ({ root }) => root, "web"],
  ["root", '""', ({ root }) => root, "."],
  ["tmp_dir", '".air"', ({ tmp_dir }) => tmp_dir, ".air"],
  ["tmp_dir", '".air"', ({ build: { cmd } }) => cmd, "go build -o ./.air/main ."],
  ["tmp_dir", '".air"', ({ proc }) => proc.cmd, "./.air/main"],
  ["tmp_dir", '".air"', ({ watch }) => watch.exclude_dirs, ["/assets", "/.air", "/vendor", "/testdata", ".*"]],
  [
    "testdata_dir",
    '"fixtures"',
    ({ watch }) => watch.exclude_dirs,
    ["/assets", "/tmp", "/vendor", "/testdata", "/fixtures", ".*"],
  ],
  ["env_files", '[".env", ".env.local"]', ({ env_files }) => env_files, [".env", ".env.local"]],
  ["build.cmd", '"make build && echo \\"$HOME\\""', ({ build: { cmd } }) => cmd, 'make build && echo "$HOME"'],
  ["build.cmd", '""', ({ build: { cmd } }) => cmd, "go build -o ./tmp/main ."],
  ["build.bin", '"./bin/server"', ({ proc }) => proc.cmd, "./bin/server"],
  ["build.bin", '"bin/server"', ({ proc }) => proc.cmd, "bin/server"],
  ["build.bin", '"server"', ({ proc }) => proc.cmd, "./server"],
  ["build.bin", '"./tmp/app web --port 3000"', ({ proc }) => proc.cmd, "./tmp/app web --port 3000"],
  ["build.bin", '"/usr/local/bin/run.sh"', ({ proc }) => proc.cmd, "/usr/local/bin/run.sh"],
  ["build.bin", '""', ({ proc }) => proc.cmd, "./tmp/main"],
  ["build.pre_cmd", '["killall app", "", "x | y"]', ({ hooks }) => hooks.before_build, ["killall app", "x | y"]],
  ["build.post_cmd", '["rm -f x", " "]', ({ hooks }) => hooks.at_end, ["rm -f x"]],
  ["build.full_bin", '"APP_ENV=dev ./tmp/main"', ({ proc }) => proc.cmd, "APP_ENV=dev ./tmp/main"],
  ["build.full_bin", '""', ({ proc }) => proc.cmd, "./tmp/main"],
  ["build.entrypoint", '"./tmp/server"', ({ proc }) => proc.cmd, ["./tmp/server"]],
  ["build.entrypoint", '["./tmp/app", "a b", "$HOME"]', ({ proc }) => proc.cmd, ["./tmp/app", "a b", "$HOME"]],
  ["build.entrypoint", '["tmp/app"]', ({ proc }) => proc.cmd, ["./tmp/app"]],
  ["build.entrypoint", "[]", ({ proc }) => proc.cmd, "./tmp/main"],
  [
    "build.args_bin",
    `["server", "-c", "/\${CONF:-x.json}"]`,
    ({ proc }) => proc.cmd,
    `./tmp/main server -c /\${CONF:-x.json}`,
  ],
  ["build.include_ext", '["go", " templ ", ".css"]', ({ watch }) => watch.include_files, [".go", ".templ", ".css"]],
  ["build.include_ext", '["*"]', ({ watch }) => [watch.include_files, watch.exclude_files], [[], ["/tmp/main"]]],
  ["build.include_ext", "[]", ({ watch }) => watch.include_files, ["!*"]],
  ["build.include_dir", '["cmd", "./internal/"]', ({ watch }) => watch.include_dirs, ["cmd", "internal"]],
  ["build.include_dir", "[]", ({ watch }) => watch.include_dirs, ["."]],
  [
    "build.exclude_dir",
    '["web/dist/", "a[1]"]',
    ({ watch }) => watch.exclude_dirs,
    ["/web/dist", "/a\\[1\\]", "/testdata", ".*"],
  ],
  ["build.exclude_dir", "[]", ({ watch }) => watch.exclude_dirs, ["/testdata", ".*"]],
  [
    "build.include_file",
    '[".env", "conf/a.yaml"]',
    ({ watch }) => watch.include_files,
    [".go", ".tpl", ".tmpl", ".html", "/.env", "/conf/a.yaml"],
  ],
  [
    "build.exclude_file",
    '["./v1/x.html", "views/*.go", "a/**/b"]',
    ({ watch }) => watch.exclude_files,
    ["/v1/x.html", "/views/*.go", "/a/*/b"],
  ],
  [
    "build.exclude_regex",
    '["_test\\\\.go$", "(^|/)x\\\\.yaml$"]',
    ({ watch }) => watch.exclude_regex,
    ["_test\\.go$", "(^|/)x\\.yaml$"],
  ],
  ["build.exclude_regex", "[]", ({ watch }) => watch.exclude_regex, []],
  ["build.exclude_unchanged", "true", ({ watch }) => watch.ignore_unchanged, true],
  ["build.follow_symlink", "true", ({ watch }) => watch.follow_symlinks, true],
  ["build.poll", "true", ({ watch }) => watch.poll, 500],
  ["build.poll_interval", "2000", ({ watch }) => watch.poll, "auto"],
  ["build.delay", "1000", ({ watch }) => watch.debounce, "auto"],
  ["build.delay", "200", ({ watch }) => watch.debounce, 200],
  ["build.delay", "0", ({ watch }) => watch.debounce, 0],
  ["build.stop_on_error", "true", ({ build: { on_fail } }) => on_fail, "stop"],
  ["build.stop_on_error", "false", ({ build: { on_fail } }) => on_fail, "keep"],
  ["build.send_interrupt", "true", ({ proc }) => [proc.stop_signal, proc.stop_timeout], ["SIGINT", 500]],
  ["build.kill_delay", '"2s"', ({ proc }) => [proc.stop_signal, proc.stop_timeout], ["SIGTERM", 500]],
  ["build.rerun", "true", ({ proc }) => proc.on_exit, "restart"],
  ["build.rules", '[{ cmd = "x", include_ext = ["css"] }]', ({ rule }) => rule.map(({ run }) => run), [["x"]]],
  ["log.time", "true", ({ log }) => log.time, true],
  ["log.silent", "true", ({ log }) => log.level, "silent"],
  ["misc.clean_on_exit", "true", ({ clean_on_exit }) => clean_on_exit, true],
  ["screen.clear_on_rebuild", "true", ({ ui }) => ui.clear, true],
  ["proxy.enabled", "true", ({ proxy }) => [proxy.listen, proxy.target, proxy.hold], ["auto", undefined, 30_000]],
  ["proxy.proxy_port", "8090\nenabled = true", ({ proxy }) => proxy.listen, { host: "127.0.0.1", port: 8090 }],
  ["proxy.proxy_port", "8090\nenabled = false", ({ proxy }) => proxy.listen, "auto"],
  ["proxy.app_port", "8080\nenabled = true", ({ proxy }) => proxy.target, { host: undefined, port: 8080 }],
  ["proxy.app_start_timeout", "2000\nenabled = true", ({ proxy }) => proxy.hold, 2_000],
  ["proxy.app_start_timeout", "0\nenabled = true", ({ proxy }) => proxy.hold, 30_000],
];

describe("a key of air's means what it means to air:", () => {
  test.each(meanings)("%s = %s", async (name, written, part, value) => {
    const [section, leaf] = name.includes(".") ? name.split(".") : [undefined, name];
    const loaded = await airFile(
      section === undefined ? `${leaf} = ${written}\n` : `[${section}]\n${leaf} = ${written}\n`,
    );
    expect(part(loaded.config)).toEqual(value);
    expect(loaded.warnings).toEqual([]);
  });

  test("and every key that becomes something is in that list", () => {
    const tried = new Set(meanings.map(([name]) => name));
    const missing = airKeys.filter(({ name, becomes }) => becomes !== undefined && !tried.has(name));
    expect(missing).toEqual([]);
  });

  test("and every key that becomes something becomes a key that there is", () => {
    const known = allKeys();
    expect(airKeys.filter(({ becomes }) => becomes !== undefined && !known.has(becomes))).toEqual([]);
  });

  test.each(airKeys.filter(({ becomes }) => becomes === undefined))(
    "and $name is taken without a word",
    async (key) => {
      const value = key.default ?? (key.type === "string" ? "x" : true);
      const [section, leaf = ""] = key.name.split(".");
      expect((await airFile(`[${section}]\n${leaf} = ${inline(value)}\n`)).warnings).toEqual([]);
    },
  );

  test("also in capitals, as air's reader takes them", async () => {
    expect((await airFile('[BUILD]\nCMD = "make"\n')).config.build.cmd).toBe("make");
    const { config, warnings } = await airFile('[build]\nCmd = "make"\n');
    expect(config.build.cmd).toBe("go build -o ./tmp/main .");
    expect(warnings).toMatchObject([{ hint: "did you mean build.cmd?" }]);
  });
});

describe("kill_delay", () => {
  test.each<[unknown, number]>([
    [500, 500],
    [999_999, 999_999],
    [1_000_000, 1],
    [2_000_000_000, 2_000],
    ["500ms", 500],
    ["2s", 2_000],
    ["1m30.5s", 90_500],
    ["500us", 1],
    ["-1s", 0],
    [-5, 0],
    ["0", 0],
  ])("%j is %d ms", (written, ms) => expect(killDelayMs(written)).toBe(ms));

  test("counts with send_interrupt, above 0", async () => {
    const timeout = async (text: string): Promise<number> => (await airFile(build(text))).config.proc.stop_timeout;
    expect(await timeout("send_interrupt = true\nkill_delay = 500")).toBe(500);
    expect(await timeout('send_interrupt = true\nkill_delay = "8s"')).toBe(8_000);
    expect(await timeout('send_interrupt = true\nkill_delay = "0s"')).toBe(500);
  });

  test("is a duration as Go writes it", () => {
    expect(goDurationMs("1h2m3.5s")).toBe(3_723_500);
    for (const text of ["", "5", "1 s", "s", "1x", "--1s", "1s1"]) expect(goDurationMs(text)).toBeUndefined();
  });
});

describe("the program", () => {
  const cmd = async (text: string, given: Given = {}): Promise<unknown> =>
    (await airFile(build(text), given)).config.proc.cmd;

  test("is full_bin before entrypoint before bin", async () => {
    expect(await cmd('bin = "./a"\nentrypoint = ["./b"]\nfull_bin = "./c"')).toBe("./c");
    expect(await cmd('bin = "./a"\nentrypoint = ["./b"]')).toEqual(["./b"]);
  });

  test("with entrypoint and plain args_bin is a list, and goes through the shell when args_bin needs one", async () => {
    expect(await cmd('entrypoint = ["./b", "x y"]\nargs_bin = ["--port", "80"]')).toEqual([
      "./b",
      "x y",
      "--port",
      "80",
    ]);
    expect(await cmd('entrypoint = ["./b", "x y"]\nargs_bin = ["$PORT"]')).toBe("./b 'x y' $PORT");
  });

  test("of an entrypoint is looked up on the path without a slash, and from root with one", async () => {
    using project = newProject({
      ".air.toml": 'root = "web"\n[build]\nentrypoint = ["./app", "--", "web"]\n',
      "web/x": "",
    });
    const loaded = good(await loadIn(project));
    expect(loaded.config.proc.cmd).toEqual([project.path("web/app"), "--", "web"]);
    expect(loaded.commandDirectory).toBe(project.directory);
    expect(loaded.root).toBe(project.path("web"));
    const nine = [
      "dlv",
      "exec",
      "--listen=:2345",
      "--headless",
      "--continue",
      "--accept-multiclient",
      "./gitea",
      "--",
      "web",
    ];
    expect(await cmd(`entrypoint = ${JSON.stringify(nine)}`)).toEqual(nine);
  });

  test("gets COMMAND appended, unchanged", async () => {
    using project = newProject({ ".air.toml": build('args_bin = ["serve"]') });
    const { config } = good(await loadIn(project, { command: ["a b", "$HOME"] }));
    expect(config.proc).toMatchObject({ cmd: "./tmp/main serve", args: ["a b", "$HOME"] });
  });
});

describe("[build.<os>]", () => {
  const text = `[build]
cmd = "make"
bin = "./a"
[build.linux]
cmd = "make linux"
[build.darwin]
cmd = "make darwin"
args_bin = ["-m"]
[build.windows]
cmd = 'powershell -NoProfile -Command "go build -o tmp\\x.exe ."'
entrypoint = ['tmp\\x.exe', "dev"]
`;
  const on = (platform: NodeJS.Platform, more = ""): Record<string, unknown> => {
    const parsed = parseToml({ path: "/p/.air.toml", name: ".air.toml", text: text + more });
    if (!parsed.ok) throw new Error(parsed.problem.message);
    const { settings, complaints: all } = translateAir(parsed.table, {
      workingDirectory: "/p",
      platform,
      home: "/home/x",
    });
    expect(all.filter(({ severity }) => severity === "error")).toEqual([]);
    return Object.fromEntries(settings.map(({ name, raw }) => [name, raw]));
  };

  test("overrides on its own system only", () => {
    expect(on("linux")).toMatchObject({ "build.cmd": "make linux", "proc.cmd": "./a" });
    expect(on("darwin")).toMatchObject({ "build.cmd": "make darwin", "proc.cmd": "./a -m" });
    expect(on("win32")).toMatchObject({
      "build.cmd": 'powershell -NoProfile -Command "go build -o tmp\\x.exe ."',
      "proc.cmd": ["tmp\\x.exe", "dev"].map((word, index) =>
        index === 0 ? expect.stringMatching(/tmp\\x\.exe$/) : word,
      ),
    });
    expect(on("freebsd")).toMatchObject({ "build.cmd": "make" });
  });

  test("Windows paths are Windows paths there", () => {
    const parsed = parseToml({
      path: "p",
      name: "p",
      text: "tmp_dir = \"tmp\"\n[build]\nbin = \"./tmp/main.exe --x=/a\"\nexclude_dir = ['web\\dist']\ninclude_dir = ['db\\migrations']\n",
    });
    if (!parsed.ok) throw new Error(parsed.problem.message);
    const settings = (platform: NodeJS.Platform): Record<string, unknown> =>
      Object.fromEntries(
        translateAir(parsed.table, { workingDirectory: "/p", platform, home: "/h" }).settings.map(({ name, raw }) => [
          name,
          raw,
        ]),
      );
    expect(settings("win32")).toMatchObject({
      "proc.cmd": ".\\tmp\\main.exe --x=/a",
      "watch.exclude_dirs": ["/web/dist", "/testdata", ".*"],
      "watch.include_dirs": ["db/migrations"],
    });
    expect(settings("linux")).toMatchObject({
      "proc.cmd": "./tmp/main.exe --x=/a",
      "watch.include_dirs": ["db\\migrations"],
    });
  });

  test("of an unknown key is warned of", async () => {
    const { warnings } = await airFile(
      `${build("")}[build.${{ linux: "linux", darwin: "darwin" }[process.platform as string] ?? "windows"}]\ndelay = 5\n`,
    );
    expect(warnings).toMatchObject([{ message: expect.stringContaining("has no key delay") }]);
  });
});

describe("strict where air is strict:", () => {
  test.each<[string, RegExp]>([
    ['delay = "1000"', /\.air\.toml:2:9: build\.delay: "1000" is a string, not a whole number/],
    ["delay = 1.5", /:2:9: build\.delay: 1\.5 is a number, not a whole number/],
    ['poll = "true"', /:2:8: build\.poll: "true" is a string, not true or false/],
    ['exclude_dir = "tmp"', /:2:15: build\.exclude_dir: "tmp" is a string, not a list of strings/],
    ['args_bin = ["a", 1]', /:2:18: build\.args_bin: 1 is a number, not a string/],
    ['cmd = ["a"]', /:2:7: build\.cmd: \["a"\] is a list, not a string/],
    ["entrypoint = 1", /:2:14: build\.entrypoint: 1 is a number/],
    ['pre_cmd = "x"', /:2:11: build\.pre_cmd: "x" is a string, not a list/],
    ['kill_delay = "500"', /:2:14: build\.kill_delay: "500" is not a duration: it needs a number and a unit/],
    ["kill_delay = 1.5", /:2:14: build\.kill_delay: 1\.5 is a number/],
    ["[build.rules]\ncmd = 1", /:2:8: build\.rules: .*is a table, not a list of tables/],
    ['[[build.rules]]\ninclude_ext = ["css"]', /:2:\d+: build\.rules\[0\]: a rule needs cmd: what it runs/],
    ['[[build.rules]]\ncmd = "x"', /:2:\d+: build\.rules\[0\]: a rule needs include_dir, include_ext or include_file/],
    [
      '[[build.rules]]\ncmd = ["x"]\ninclude_dir = "a"',
      /:3:7: .*\.cmd: \["x"\] is a list, not a string[\s\S]*:4:15: .*\.include_dir: "a"/,
    ],
    [
      '[[build.rules]]\ncmd = "x"\ninclude_ext = ["a"]\nexclude_regex = ["("]',
      /:5:18: .*"\(" is not a regular expression/,
    ],
    ['include_ext = ["go", "tmp" "tmpl"]', /:2:\d+: not valid TOML/],
  ])("%s", async (text, message) => {
    expect(await wrong(build(text))).toMatch(message);
  });

  test("wrong sections", async () => {
    expect(await wrong("build = 1\n")).toMatch(/:1:9: build is a table, not a number/);
    expect(await wrong("[misc]\nstartup_banner = 1\n")).toMatch(
      /:2:18: misc\.startup_banner: 1 is a number, not a string/,
    );
  });
});

describe("a regular expression of RE2's", () => {
  test.each<[string, RegExp]>([
    ["\\\\pL", /\\p is only in RE2/],
    ["(?s:a.b)", /only in RE2/],
    ["x(?i)readme", /only in RE2; for any case/],
    ["[[:^digit:]]", /\[:\^digit:\] is only in RE2/],
  ])("%s is an error that says what to write", async (pattern, hint) => {
    const text = await wrong(build(`exclude_regex = ["ok", "${pattern}"]`));
    expect(text).toMatch(/^\.air\.toml:2:24: build\.exclude_regex: /);
    expect(text).toMatch(hint);
  });

  test.each<[string, string, string[], string[]]>([
    ["any case", "(?i)readme[a-c_]x\\.", ["x/ReadMeBx.", "README_X."], ["readmedx.", "readmeaxx"]],
    ["a named group", "(?P<name>x+)y", ["xxy"], ["y"]],
    ["both ends", "\\Ax.*z\\z", ["xyz"], ["axyz", "xyza"]],
    ["quoted text", "a\\Q.b*[\\Ec", ["a.b*[c"], ["axb*[c"]],
    ["classes by name", "^[[:alpha:]_]+[[:digit:]]$", ["ab_1"], ["ab_", "1"]],
    ["a class by name that is not meant", "^[^[:space:]x]+$", ["ab"], ["a b", "ax"]],
    ["a character by number", "\\x{263a}\\x{41}", ["☺A"], ["A"]],
    ["a backslash before them", "a\\\\Ab", ["a\\Ab"], ["ab"]],
  ])("is taken over where there is a way to say it: %s", async (_, pattern, good, bad) => {
    const { config } = await airFile(build(`exclude_regex = [${JSON.stringify(pattern)}]`));
    const [written = ""] = config.watch.exclude_regex;
    const expression = new RegExp(written);
    for (const text of good) expect(expression.test(text), `${written} ${text}`).toBe(true);
    for (const text of bad) expect(expression.test(text), `${written} ${text}`).toBe(false);
  });

  test("that JavaScript reads in the same way is none", async () => {
    const { config } = await airFile(build('exclude_regex = ["a\\\\\\\\Ab", "(?:x)", "[[]", "\\\\x41", "^$"]'));
    expect(config.watch.exclude_regex).toHaveLength(5);
  });
});

describe("what is not air's, or not available", () => {
  test.each<[string, string, string | undefined]>([
    ['tmp_folder = "."', "tmp_folder", "tmp_dir"],
    ['bin = "x"', "bin", "build.bin"],
    ["[log]\nskip_dir = []", "log.skip_dir", undefined],
    ['[build]\nbind = "x"', "build.bind", "build.bin"],
    ["[build]\nstop_on_root = false", "build.stop_on_root", "build.stop_on_error"],
    ['[build.env]\nA = "x"\nB = "y"', "[build.env]", undefined],
    ["[run]\nargs_bin = []", "[run]", undefined],
    ["[watcher]\nverbose = false", "[watcher]", undefined],
    ['[log]\nlevel = "debug"', "log.level", undefined],
    ["[bulid]\ndelay = 5", "[bulid]", "build"],
  ])("%j is a warning, and the rest holds", async (text, name, meant) => {
    const { warnings, config } = await airFile(text);
    expect(warnings).toEqual([
      expect.objectContaining({
        severity: "warning",
        message: `air has no ${name.startsWith("[") ? "table" : "key"} ${name}; ignored`,
        place: expect.anything(),
      }),
    ]);
    expect(warnings[0]?.hint).toBe(meant === undefined ? undefined : `did you mean ${meant}?`);
    expect(config.proc.cmd).toBe("./tmp/main");
  });

  test("an empty pre_cmd, an empty post_cmd and a proxy that is off are no mistakes", async () => {
    expect(
      (await airFile('[build]\npre_cmd = []\npost_cmd = [""]\n[proxy]\nenabled = false\nproxy_port = 90\n')).warnings,
    ).toEqual([]);
  });

  test.each(["/", ".", "./", ".."])("tmp_dir = %j is not taken, and said", async (written) => {
    const { config, warnings } = await airFile(`tmp_dir = "${written}"\n[misc]\nclean_on_exit = true\n`);
    expect(config).toMatchObject({
      tmp_dir: "tmp",
      build: { cmd: "go build -o ./tmp/main ." },
      proc: { cmd: "./tmp/main" },
      watch: { exclude_dirs: ["/assets", "/tmp", "/vendor", "/testdata", ".*"] },
    });
    expect(warnings).toMatchObject([{ message: expect.stringContaining("is the root of the project, or above it") }]);
  });

  test("a root that is too much to watch is refused, unless it is asked for", async () => {
    expect(await wrong('root = "/"\n')).toMatch(/\.air\.toml:1:8: root: "\/" is too much to watch/);
    expect((await airFile('root = "/"\n[build]\nignore_dangerous_root_dir = true\n')).root).toBe("/");
  });
});

describe("whose a file is", () => {
  const kindOf = async (name: string, text: string): Promise<string> => {
    using project = newProject({ [name]: text });
    return good(await loadIn(project, { configFile: name })).kind;
  };

  test.each<[string, string, string]>([
    ["x.toml", '[build]\nbin = "x"\ncmd = "y"\n', "air"],
    ["x.toml", '[build]\ncmd = "y"\n[proc]\ncmd = "x"\n', "reload"],
    [".air.worker.toml", '[build]\ncmd = "y"\n', "air"],
    ["air-dev.toml", '[build]\ncmd = "y"\n', "air"],
    ["dev.toml", '[build]\ncmd = "y"\n', "reload"],
    ["repair.toml", '[build]\ncmd = "y"\n', "reload"],
    [".air.toml", '[proc]\ncmd = "y"\n[watch]\ninclude_files = [".go"]\n', "reload"],
  ])("%s with %j is decided by its keys, then by its name: %s", async (name, text, kind) => {
    expect(await kindOf(name, text)).toBe(kind);
  });

  test("the commands of one that -c names run where the user is; root is relative to it", async () => {
    using project = newProject({ "conf/.air.toml": 'root = "app"\n', "app/x": "", "sub/app/x": "" });
    const loaded = good(await loadIn(project, { configFile: "conf/.air.toml" }));
    expect(loaded).toMatchObject({ root: project.path("app"), commandDirectory: project.directory });
  });

  test("the commands of one that is found above run where it is", async () => {
    using project = newProject({ ".air.toml": "", "sub/x": "" });
    expect(good(await loadIn(project, { cwd: project.path("sub") }))).toMatchObject({
      root: project.directory,
      commandDirectory: project.directory,
    });
  });

  test("its values remember their places, profiles and flags lie over it", async () => {
    using project = newProject({
      ".air.toml": build("delay = 200\nstop_on_error = true"),
      ".reload.dev.toml": "[proc]\nsweep = false\n",
    });
    const loaded = good(await loadIn(project, { profile: "dev", flags: [flag("watch.debounce", "3")] }));
    expect(loaded.config).toMatchObject({ watch: { debounce: 3 }, build: { on_fail: "stop" }, proc: { sweep: false } });
    const origins = await originsOf(loaded);
    expect(origins.get("build.on_fail")).toEqual([".air.toml:3"]);
    expect(origins.get("proc.sweep")).toEqual([".reload.dev.toml:2"]);
    expect(origins.get("proc.cmd")).toEqual(["air's default"]);
  });
});

test("the types of air's table are those of its defaults", () => {
  const fits = ({ type, default: value }: AirKey): boolean => {
    if (value === undefined) return true;
    if (type === "boolean") return typeof value === "boolean";
    if (type === "integer" || type === "milliseconds") return typeof value === "number";
    return type === "strings" ? Array.isArray(value) : typeof value === "string";
  };
  expect(airKeys.filter((key) => !fits(key))).toEqual([]);
  expect(nowhere.HOME).toBeDefined();
});
