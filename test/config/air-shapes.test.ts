import { describe, expect, test } from "vitest";
import type { LoadedConfig } from "../../src/config/layers/load.ts";
import { newProject } from "../rig/project.ts";
import { type Given, good, loadIn } from "./loading.ts";

/** The shapes that configurations of air have in the wild, made up anew: all of them load, and mean what they mean to air. */
async function air(text: string, given: Given & { readonly name?: string } = {}): Promise<LoadedConfig> {
  const { name = ".air.toml", ...more } = given;
  using project = newProject({ [name]: text });
  const loaded = good(await loadIn(project, name === ".air.toml" ? more : { ...more, configFile: name }));
  expect(loaded.kind).toBe("air");
  return loaded;
}

/** What `air init` writes. */
const generated = `#:schema https://json.schemastore.org/any.json

env_files = []
root = "."
testdata_dir = "testdata"
tmp_dir = "tmp"

[build]
  args_bin = []
  bin = ""
  cmd = "go build -o ./tmp/main ."
  delay = 1000
  entrypoint = ["./tmp/main"]
  exclude_dir = ["assets", "tmp", "vendor", "testdata"]
  exclude_file = []
  exclude_regex = ["_test.go"]
  exclude_unchanged = false
  follow_symlink = false
  full_bin = ""
  ignore_dangerous_root_dir = false
  include_dir = []
  include_ext = ["go", "tpl", "tmpl", "html"]
  include_file = []
  kill_delay = "0s"
  log = "build-errors.log"
  poll = false
  poll_interval = 0
  post_cmd = []
  pre_cmd = []
  rerun = false
  rerun_delay = 500
  send_interrupt = false
  stop_on_error = false

[color]
  app = ""
  build = "yellow"
  main = "magenta"
  mode = "auto"
  runner = "green"
  watcher = "cyan"

[log]
  main_only = false
  silent = false
  time = false

[misc]
  clean_on_exit = false
  startup_banner = ""

[proxy]
  app_port = 0
  app_start_timeout = 0
  enabled = false
  proxy_port = 0

[screen]
  clear_on_rebuild = false
  keep_scroll = true
`;

describe("a file of air's as people have it:", () => {
  test("as air init writes it", async () => {
    const { config, warnings } = await air(generated);
    expect(warnings).toEqual([]);
    expect(config).toMatchObject({
      build: { cmd: "go build -o ./tmp/main .", on_fail: "keep" },
      proc: { cmd: ["./tmp/main"], stop_signal: "SIGTERM", stop_timeout: 500, on_exit: "wait" },
      watch: { debounce: "auto", include_files: [".go", ".tpl", ".tmpl", ".html"] },
    });
  });

  test("with CRLF, without a final newline, with a blank first line, tabs, trailing blanks and comments in other scripts", async () => {
    const text =
      '\r\nroot = "."\r\n[build]\r\n\tcmd = "go build -o ./tmp/main ."  \r\n  delay = 300 # 毫秒, мс, 밀리초 — ms\r\n[color]\r\n  # nothing\r\n[misc]\r\n  clean_on_exit = true';
    expect((await air(text)).config).toMatchObject({ clean_on_exit: true, watch: { debounce: 300 } });
  });

  test("with a byte order mark", async () => {
    expect((await air('\ufeffroot = "."\n[build]\ncmd = "make"\n')).config.build.cmd).toBe("make");
  });

  test("of two lines", async () => {
    const { config } = await air('[build]\ncmd = "make CGO_ENABLED=0 build-air"\n');
    expect(config).toMatchObject({ build: { cmd: "make CGO_ENABLED=0 build-air" }, proc: { cmd: "./tmp/main" } });
  });

  test.each([
    ["flags in single quotes", `go build -gcflags='all=-N -l' -o ../tmp/main .`],
    ["a chain", `templ generate && go build -o ./tmp/main . && codesign --sign "636 597" ./tmp/main`],
    ["a semicolon", "cp ../config/dev.yaml ./server.yaml; go build -o ./tmp/main ."],
    ["a variable in front", "CGO_ENABLED=0 GOTOOLCHAIN=go1.26.1 go build -o ./tmp/main ."],
    ["env in front and a substitution", "env A=$(pwd)/x go build -o ./tmp/main ."],
    ["three kinds of quotes", `go build -ldflags="-X 'main.build=$(date +%s)'" -o ./tmp/main .`],
    [
      "a shell of its own with groups and its status",
      `sh -c 'go build . || { status=$?; echo "no $status"; exit $status; } 2>&1'`,
    ],
    ["a variable in double quotes in single quotes", `bash -lc 'go build -tags "$TAGS" -o gitea .'`],
    ["a no-op", ":"],
    ["a build that never ends", "go run ./cmd/server"],
    ["nix and a generator", "nix run github:a-h/templ generate && go build -o tmp/main ."],
    ["a pipe, a glob and a redirection", "ls *.go | xargs cat > /dev/null; go build ."],
  ])("whose command has %s: it reaches the shell untouched", async (_, cmd) => {
    const written = cmd.includes("'") ? JSON.stringify(cmd) : `'${cmd}'`;
    expect((await air(`[build]\ncmd = ${written}\n`)).config.build.cmd).toBe(cmd);
  });

  test("whose command is a script over several lines, with a here-document", async () => {
    const script = `mkdir -p /tmp/x
cat > /tmp/x/run <<'EOF'
#!/bin/sh
exec ./server "$@"
EOF
go build -o ./tmp/main .
`;
    expect((await air(`[build]\ncmd = '''\n${script}'''\n`)).config.build.cmd).toBe(script);
  });

  test("whose command goes over several lines with backslashes at their ends", async () => {
    const { config } = await air('[build]\ncmd = """  go build \\\n    -o ./tmp/main \\\n    ."""\n');
    expect(config.build.cmd).toBe("  go build -o ./tmp/main .");
  });

  test.each([
    ["tmp/main", "tmp/main"],
    ["./tmp/vikunja web", "./tmp/vikunja web"],
    ["./.air/memos --mode dev", "./.air/memos --mode dev"],
    ["gitea", "./gitea"],
    ["main.exe", "./main.exe"],
    [
      "/go/bin/dlv --listen=:2345 exec --continue /tmp/backendmain",
      "/go/bin/dlv --listen=:2345 exec --continue /tmp/backendmain",
    ],
    ["scripts/start-broker.sh", "scripts/start-broker.sh"],
    ["tmp\\\\main.exe", "tmp\\main.exe"],
  ])("whose bin is %s", async (bin, cmd) => {
    const { config } = await air(`[build]\nbin = "${bin}"\n`);
    if (process.platform !== "win32") expect(config.proc.cmd).toBe(cmd);
  });

  test.each([
    "APP_ENV=dev APP_USER=air ./tmp/main",
    "./tmp/heya serve",
    "spire http:serve --port=3001 null",
    "dlv exec ./tmp/main --headless --listen=:2345 --api-version=2 --accept-multiclient",
    "bash -c 'set -a; source .env; set +a; exec ./x 2>&1 | tee log'",
    "make serve",
    "./bin/main.exe --open-browser=false test  two_blanks",
  ])("whose full_bin is %s", async (command) => {
    expect((await air(`[build]\nbin = "./other"\nfull_bin = ${JSON.stringify(command)}\n`)).config.proc.cmd).toBe(
      command,
    );
  });

  test("with an absolute Windows path and no bin", async () => {
    expect((await air('[build]\nfull_bin = "C:\\\\Users\\\\me\\\\app.exe"\n')).config.proc.cmd).toBe(
      "C:\\Users\\me\\app.exe",
    );
  });

  test("that sets a variable in cmd before it runs the program", async () => {
    const text = '[build]\nfull_bin = "cmd /c \\"set K=V && .\\\\tmp\\\\main.exe\\""\n';
    expect((await air(text)).config.proc.cmd).toBe('cmd /c "set K=V && .\\tmp\\main.exe"');
  });

  test("with a debugger on the path and its arguments", async () => {
    const nine = [
      "dlv",
      "exec",
      "--headless",
      "--listen=:2345",
      "--api-version=2",
      "--accept-multiclient",
      "./gitea",
      "--",
      "web",
    ];
    const text = `[build]\npre_cmd = ["killall -9 dlv"]\nentrypoint = ${JSON.stringify(nine)}\n`;
    expect((await air(text, { name: ".air.debug.toml" })).config.proc.cmd).toEqual(nine);
  });

  test("with an argument that the shell has to expand", async () => {
    const { config } = await air(
      `tmp_dir = "../tmp"\n[build]\nbin = "../tmp/main"\nargs_bin = ["-configfile", "/\${BH_CONFIG_FILE:-bloodhound.config.json}"]\n`,
    );
    expect(config.proc.cmd).toBe(`../tmp/main -configfile /\${BH_CONFIG_FILE:-bloodhound.config.json}`);
    expect(config.tmp_dir).toBe("../tmp");
  });

  test("with many arguments, colons and equals signs among them", async () => {
    const { config } = await air(
      '[build]\nbin = "./bin/grafana"\nargs_bin = ["server", "-profile", "-packaging=dev", "cfg:app_mode=development"]\n',
    );
    expect(config.proc.cmd).toBe("./bin/grafana server -profile -packaging=dev cfg:app_mode=development");
  });

  test("without a command of its own, with commands before instead", async () => {
    const { config, warnings } = await air(
      'tmp_folder = "."\n[build]\npre_cmd = ["task dev", "rm -f x/* 2>/dev/null || true; sleep 1"]\nexclude_file = ["views/*.go"]\ndelay = 150\nrerun = true\n',
    );
    expect(config).toMatchObject({
      build: { cmd: "go build -o ./tmp/main ." },
      hooks: { before_build: ["task dev", "rm -f x/* 2>/dev/null || true; sleep 1"], at_end: [] },
      proc: { on_exit: "restart" },
      watch: { debounce: 150, exclude_files: ["/views/*.go"] },
    });
    expect(warnings.map(({ message }) => message)).toEqual(["air has no key tmp_folder; ignored"]);
  });

  test("that only builds", async () => {
    const { config } = await air(
      '[build]\nentrypoint = "/bin/true"\ndelay = 0\nrerun_delay = 0\nkill_delay = 0\n[misc]\nstartup_banner = ""\n',
    );
    expect(config).toMatchObject({ proc: { cmd: ["/bin/true"] }, watch: { debounce: 0 } });
  });

  test.each(["/", "/tmp", "/tmp/air", "../tmp", "src/tmp", "bin", ".air", ".bin", ".dev"])(
    "with tmp_dir = %j",
    async (tmp) => {
      const { config } = await air(`tmp_dir = "${tmp}"\n[build]\ncmd = "make"\nbin = "./x"\n`);
      // What holds the project itself is replaced: here all of it lies in the temp directory.
      expect([tmp, "tmp"]).toContain(config.tmp_dir);
      expect(config).toMatchObject({ build: { cmd: "make" }, proc: { cmd: "./x" } });
    },
  );

  test("with a root outside of the working directory", async () => {
    using project = newProject({
      "app/.air.toml": '\r\nroot = "../other"\r\n[build]\r\ncmd = "make"\r\n',
      "other/x": "",
    });
    const loaded = good(await loadIn(project, { cwd: project.path("app") }));
    expect(loaded).toMatchObject({ root: project.path("other"), commandDirectory: project.path("app") });
  });

  test("with nested and odd directories", async () => {
    const { config } = await air(
      '[build]\nexclude_dir = ["frontend/node_modules", "web/dist", "_content"]\ninclude_dir = ["cmd", "internal", "public/views"]\n',
    );
    expect(config.watch).toMatchObject({
      exclude_dirs: ["/frontend/node_modules", "/web/dist", "/_content", "/testdata", ".*"],
      include_dirs: ["cmd", "internal", "public/views"],
    });
  });

  test("with anchored regular expressions", async () => {
    const patterns = ["^heya\\.yaml$", "(^|/)heya\\.yaml$", ".*_templ.go", ".#", "\\.sarif$", ".*\\.md"];
    const { config } = await air(`[build]\nexclude_regex = ${JSON.stringify(patterns)}\n`);
    expect(config.watch.exclude_regex).toEqual(patterns);
    const empty = await air('[build]\nexclude_regex = ["", "x"]\n');
    expect([empty.config.watch.exclude_regex, empty.warnings.length]).toEqual([["x"], 1]);
  });

  test("with env files and files beside the extensions", async () => {
    const { config } = await air(
      'env_files = [".env"]\n[build]\ninclude_file = [".env.dev", "main.go"]\ninclude_ext = ["go"]\n',
    );
    expect(config).toMatchObject({ env_files: [".env"], watch: { include_files: [".go", "/.env.dev", "/main.go"] } });
  });

  test("in a container: polling, and a delay to die", async () => {
    const { config } = await air(
      "[build]\npoll = true\npoll_interval = 500\nsend_interrupt = true\nkill_delay = 500 # nanosecond\nstop_on_error = true\n",
      { name: ".air.docker.toml" },
    );
    expect(config).toMatchObject({
      watch: { poll: 500 },
      proc: { stop_signal: "SIGINT", stop_timeout: 500 },
      build: { on_fail: "stop" },
    });
  });

  test("with a proxy, also one without a port", async () => {
    const text = "[proxy]\nenabled = true\nproxy_port = 0\napp_port = 3000\n";
    const { config, warnings } = await air(text);
    expect(warnings).toEqual([]);
    expect(config.proxy).toMatchObject({ listen: "auto", target: { port: 3000 } });
  });

  test("with a table of variables that air does not have", async () => {
    const { warnings } = await air(
      '[build]\ncmd = "make"\n[build.env]\nDATABASE_HOST = "127.0.0.1"\nREDIS_PORT = "6379"\n',
    );
    expect(warnings).toMatchObject([{ message: "air has no table [build.env]; ignored", place: { line: 3 } }]);
  });

  test("with rules, platform blocks for all systems, and the key for every extension", async () => {
    const { config, warnings } = await air(`[build]
include_ext = ["*"]
[build.darwin]
cmd = "make"
[build.linux]
cmd = "make"
[build.windows]
cmd = "make"
[[build.rules]]
name = "templ"
cmd = "templ generate"
include_ext = ["templ"]
[color]
mode = "never"
`);
    expect(config).toMatchObject({ build: { cmd: "make" }, watch: { include_files: [] } });
    expect(config.rule).toMatchObject([
      { name: "templ", match: [".templ"], do: "ignore", run: ["templ generate"], atStart: false, except: [] },
    ]);
    expect(warnings).toEqual([]);
  });
});

describe("a file of another program named air", () => {
  test("is not picked up by itself", async () => {
    using project = newProject({ "air.toml": "[format]\nexclude = []\n", "main.py": "" });
    expect(good(await loadIn(project)).kind).toBe("detected");
  });
});
