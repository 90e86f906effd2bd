/** Who stands between the clients and the application, and how each is set up. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Launch } from "../processes.ts";
import { cli, home, isInstalled } from "../tools.ts";

export interface Ports {
  /** Where clients ask. */
  readonly front: number;
  /** Where the application listens, where it cannot be told another port each time. */
  readonly app: number;
}

export interface Peer {
  readonly tool: string;
  readonly how: string;
  /** Each request on a connection of its own. */
  readonly isFresh?: boolean;
  /** Saves of versions that cannot run are mixed in. */
  readonly hasBadVersions?: boolean;
  /** The processes, in the order in which they are started. */
  launches(dir: string, ports: Ports): readonly Launch[];
}

const app = join(process.cwd(), "test/bench/subjects/served.mjs");
const node = process.execPath;
const served = (dir: string, port?: number): [string, ...string[]] => [
  node,
  app,
  dir,
  ...(port === undefined ? [] : [`${port}`]),
];
const bin = (name: string): string => join(home, "bin", name);

function reload(dir: string, command: readonly string[], more: string): Launch {
  writeFileSync(
    join(dir, ".reload.toml"),
    `[proc]\ncmd = ${JSON.stringify(command)}\n${more}\n[watch]\ninclude_files = [".go"]\n`,
  );
  return { command: [node, cli], cwd: dir };
}

const ours = (tool: string, how: string, more: (ports: Ports) => string, rest: Partial<Peer> = {}): Peer => ({
  tool,
  how,
  ...rest,
  launches: (dir, ports) => [reload(dir, served(dir), more(ports))],
});

function nginx(dir: string, { front, app: behind }: Ports): Launch {
  mkdirSync(join(dir, "nginx"), { recursive: true });
  writeFileSync(
    join(dir, "nginx.conf"),
    `daemon off; master_process off; pid ${dir}/nginx/pid; error_log stderr crit;
events {}
http {
  access_log off;
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${dir}/nginx/${name};`).join(" ")}
  upstream app { server 127.0.0.1:${behind} max_fails=0; keepalive 64; }
  server {
    listen 127.0.0.1:${front};
    location / { proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host; }
  }
}
`,
  );
  return { command: [bin("nginx"), "-c", join(dir, "nginx.conf"), "-p", join(dir, "nginx")], cwd: dir };
}

function caddy(dir: string, { front, app: behind }: Ports): Launch {
  writeFileSync(
    join(dir, "Caddyfile"),
    `{\n  admin off\n  auto_https off\n}\nhttp://localhost:${front} {\n  bind 127.0.0.1\n  reverse_proxy 127.0.0.1:${behind} {\n    lb_try_duration 30s\n    lb_try_interval 10ms\n  }\n}\n`,
  );
  const config = join(dir, "Caddyfile");
  return {
    command: [bin("caddy"), "run", "--adapter", "caddyfile", "--config", config],
    cwd: dir,
    env: { HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir },
  };
}

const behindReload = (dir: string, { app: port }: Ports): Launch => reload(dir, served(dir, port), "");

/** In the order of the table. */
export const proxies: readonly Peer[] = [
  ours("reload, hold", '`[proxy] target = "auto"`', ({ front }) => `[proxy]\nlisten = ${front}\ntarget = "auto"`),
  ours(
    "reload, start-first",
    '`swap = "start-first"`, every fifth version ends as soon as it is started',
    ({ front }) => `swap = "start-first"\nkeep_old = "0s"\n[proxy]\nlisten = ${front}\ntarget = "auto"`,
    { hasBadVersions: true },
  ),
  ours(
    "reload, sockets",
    "`[sockets]`, a connection for each request",
    ({ front }) => `[sockets]\nlisten = [${front}]`,
    {
      isFresh: true,
    },
  ),
  ours(
    "reload, sockets in order",
    "the same, of a program that answers what it has accepted before it ends",
    ({ front }) => `env = { IN_ORDER = "1" }\n[sockets]\nlisten = [${front}]`,
    { isFresh: true },
  ),
  {
    tool: "air",
    how: "`[proxy]`, `delay = 1`",
    launches(dir, { front, app: port }) {
      const run = served(dir, port).map((word) => `'${word}'`);
      writeFileSync(
        join(dir, ".air.toml"),
        `root = "."\ntmp_dir = "tmp"\n[build]\ncmd = ":"\nfull_bin = "exec ${run.join(" ")}"\ninclude_ext = ["go"]\ndelay = 1\n[proxy]\nenabled = true\nproxy_port = ${front}\napp_port = ${port}\n`,
      );
      return [{ command: [bin("air"), "-c", ".air.toml"], cwd: dir }];
    },
  },
  {
    tool: "templ",
    how: "`templ generate --watch --proxy … --cmd …`",
    launches: (dir, { front, app: port }) => [
      {
        command: [
          ...([bin("templ"), "generate", "--watch", "--open-browser=false"] as const),
          ...[`--proxy=http://127.0.0.1:${port}`, `--proxyport=${front}`, "--proxybind=127.0.0.1"],
          `--cmd=${served(dir, port).join(" ")}`,
        ],
        cwd: dir,
      },
    ],
  },
  {
    tool: "nginx",
    how: "in front of what `reload` restarts without a proxy",
    launches: (dir, ports) => [behindReload(dir, ports), nginx(dir, ports)],
  },
  {
    tool: "Caddy",
    how: "the same, with `lb_try_duration 30s`",
    launches: (dir, ports) => [behindReload(dir, ports), caddy(dir, ports)],
  },
  {
    tool: "node:http, bare",
    how: "a script of twenty lines that passes requests on, in front of what `reload` restarts",
    launches: (dir, ports) => [
      behindReload(dir, ports),
      {
        command: [node, join(process.cwd(), "test/bench/subjects/bare-proxy.mjs"), `${ports.front}`, `${ports.app}`],
        cwd: dir,
      },
    ],
  },
  { tool: "no proxy", how: "asked directly", launches: (dir, { front }) => [reload(dir, served(dir, front), "")] },
];

/** Why it is not here. */
export function missing({ tool }: Peer): string | undefined {
  if (tool.startsWith("reload") || tool === "no proxy" || tool.startsWith("node:"))
    return existsSync(cli) ? undefined : "not built (npm run build)";
  return isInstalled(tool.toLowerCase()) ? undefined : "not installed (test/bench/peers.sh)";
}

export function versionOfPeer({ tool }: Peer): string {
  try {
    return readFileSync(join(home, `${tool.toLowerCase()}.version`), "utf8").trim();
  } catch {
    return "";
  }
}
