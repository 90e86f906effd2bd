/** Servers that watch by themselves what they serve, and replace it in place or start again: nothing is gained by starting them again. */
import type { Word } from "./shell.ts";

type Verbs = readonly string[] | undefined;

/** By program: the verbs with which it watches; `[""]` means without a verb, `undefined` any. */
const servers: Readonly<Record<string, Verbs>> = {
  vite: ["", "dev", "serve"],
  next: ["dev", ""],
  nuxt: ["dev", ""],
  nuxi: ["dev", ""],
  astro: ["dev"],
  remix: ["dev", "vite:dev"],
  "react-router": ["dev"],
  vinxi: ["dev"],
  waku: ["dev"],
  wrangler: ["dev", "pages"],
  "svelte-kit": ["dev"],
  gatsby: ["develop", "dev"],
  storybook: ["dev"],
  "start-storybook": undefined,
  "webpack-dev-server": undefined,
  "react-scripts": ["start"],
  "react-app-rewired": ["start"],
  craco: ["start"],
  "vue-cli-service": ["serve"],
  webpack: ["serve", "s"],
  rspack: ["serve", "dev", "s"],
  rsbuild: ["dev"],
  rslib: ["dev"],
  farm: ["", "start", "dev"],
  ng: ["serve", "s"],
  expo: ["start"],
  "react-native": ["start"],
  parcel: ["", "serve", "watch"],
  snowpack: ["dev"],
  docusaurus: ["start"],
  vitepress: ["dev"],
  vuepress: ["dev"],
  eleventy: ["--serve", "--watch"],
  "@11ty/eleventy": ["--serve", "--watch"],
  hexo: ["server", "s"],
  ember: ["serve", "s", "server"],
  quasar: ["dev"],
  ionic: ["serve"],
  meteor: ["", "run"],
  nitro: ["dev"],
  nitropack: ["dev"],
  strapi: ["develop", "dev"],
  medusa: ["develop"],
  keystone: ["dev"],
  redwood: ["dev"],
  rw: ["dev"],
  blitz: ["dev"],
  sst: ["dev", "start"],
  vercel: ["dev"],
  netlify: ["dev"],
  shopify: undefined,
  serverless: ["offline"],
  sls: ["offline"],
  encore: ["run"],
  directus: [],
  "browser-sync": ["start"],
  "live-server": undefined,
  "json-server": ["--watch"],
  turbo: undefined,
  nx: undefined,
  lerna: undefined,
  "pm2-dev": undefined,
  electron: [],
  "electron-vite": ["", "dev"],
  "electron-forge": ["start"],
  tauri: ["dev"],
  wxt: ["", "dev"],
  plasmo: ["dev"],
  mastra: ["dev"],
  firebase: ["emulators:start", "serve"],
  func: ["start"],
  slack: ["run"],
  "docker-compose": ["up", "watch"],
  "moleculer-runner": ["--hot", "-H"],
  motia: ["dev"],
  jest: ["--watch", "--watchAll"],
  vitest: ["", "watch", "dev", "--watch"],
  tailwindcss: ["--watch", "-w"],
  listhen: ["--watch", "-w"],
  srvx: [""],
  cds: ["watch"],
  "egg-bin": ["dev"],
  "midway-bin": ["dev"],
  mwtsc: ["--watch", "-w"],
  "micro-dev": undefined,
  electronmon: undefined,
  razzle: ["start"],
  umi: ["dev"],
  max: ["dev"],
  sanity: ["dev", "start"],
  convex: ["dev"],
  partykit: ["dev"],
  "marko-run": ["", "dev"],
  rspress: ["dev"],
  stencil: ["--watch", "--serve"],
  "backstage-cli": ["repo", "package"],
  // What makes files of it is a compiler: here it looks at types alone.
  tsc: ["--watch", "-w"],
  "vue-tsc": ["--watch", "-w"],
  tsgo: ["--watch", "-w"],
  "graphql-codegen": ["--watch", "-w"],
  "gql-codegen": ["--watch", "-w"],
  panda: ["--watch", "-w"],
  orval: ["--watch", "-w"],
  sam: ["local", "sync"],
  ampx: ["sandbox"],
  vike: ["", "dev"],
  "solid-start": ["dev"],
  modern: ["dev"],
  ice: ["start"],
  mintlify: ["dev"],
  vocs: ["dev"],
  slidev: undefined,
  "trigger.dev": ["dev"],
  langgraphjs: ["dev"],
  langgraph: ["dev"],
};

/** Programs of shells and others that go round by themselves. */
const watchers = new Set([
  "air",
  "wgo",
  "entr",
  "reflex",
  "modd",
  "gulp",
  "grunt",
  "forever",
  "pm2",
  "babel-watch",
  "cargo-watch",
]);

/** `vite`, `next dev`; `undefined`: it does not, as far as its words tell. */
export function selfWatching(words: readonly Word[]): string | undefined {
  const [program, ...args] = words;
  const bare = (program?.text ?? "").replace(/^.*node_modules\/\.bin\//, "");
  const all = args.map(({ text, raw }) => text ?? raw);
  // `deno run -A npm:vite`
  const at = bare === "deno" ? all.findIndex((text) => text.startsWith("npm:")) : -1;
  const name = at < 0 ? bare : (all[at] ?? "").replace(/^npm:((?:@[^/]+\/)?[^@/]+).*$/, "$1");
  const texts = all.slice(at + 1);
  if (name === "node" && texts.includes("ace") && texts.some((text) => text === "--watch" || text === "--hmr"))
    return "node ace serve";
  // Containers: what runs in them is not seen from here.
  const compose = /^(?:docker|podman)$/.test(name) && texts[0] === "compose" ? texts.slice(1) : undefined;
  if (compose?.some((text) => text === "up" || text === "watch") === true)
    return compose.some((text) => /^(?:-d|--detach|--wait)$/.test(text)) ? undefined : `${name} compose`;
  if (Object.hasOwn(servers, name)) {
    const verbs = servers[name];
    if (verbs === undefined) return name;
    const verb = texts.find((text) => !text.startsWith("-")) ?? "";
    const isVerb = verbs.includes(verb) && (verb !== "" || texts.every((text) => text.startsWith("-")));
    // `vite --port 3000`: the number is a value.
    const isPlain = verbs.includes("") && (texts[0] === undefined || texts[0].startsWith("-"));
    const flag = verbs.find((each) => each.startsWith("-") && texts.includes(each));
    if (flag !== undefined) return `${name} ${flag}`;
    return isVerb || isPlain ? [name, verbs.includes(verb) ? verb : ""].join(" ").trim() : undefined;
  }
  if (watchers.has(name)) return name;
  if (!texts.some((text) => /^--watch(?:=(?!false)|$)/.test(text))) return undefined;
  // A script of the project's own: `node build.mjs --watch`.
  const file = texts.find((text) => !text.startsWith("-"));
  return `${name}${runtime.test(name) && file !== undefined ? ` ${file}` : ""} --watch`;
}

const runtime = /^(?:node|tsx|ts-node|vite-node|babel-node|bun)$/;
