/** What `nest build` does beside its compiler, by the project's own Nest: plug-ins, paths and assets, as nest-cli.json names them. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { ParsedConfig, Transformer, Transformers, TypeScript } from "./typescript.ts";

export interface Nest {
  /** Whether files have to be compiled together. */
  readonly isWhole: boolean;
  transformersFor(program: unknown): Transformers;
  copyAssets(): void;
}

type Table = Readonly<Record<string, unknown>>;
/** Plug-ins are given the program, and give what changes its files. */
type Hook = (program: unknown) => Transformer;

interface Hooks {
  readonly beforeHooks: readonly Hook[];
  readonly afterHooks: readonly Hook[];
  readonly afterDeclarationsHooks: readonly Hook[];
}

/** Of https://github.com/nestjs/nest-cli, versions 8 to 12. */
interface Parts {
  readonly PluginsLoader: new () => { load(plugins: unknown, more: { readonly pathToSource: string }): Hooks };
  readonly AssetsManager: new () => { copyAssets(...words: readonly unknown[]): void };
  readonly tsconfigPathsBeforeHookFactory: (options: unknown) => Transformer | undefined;
}

interface NestPlace {
  readonly directory: string;
  /** One of the applications in `projects`. */
  readonly app: string | undefined;
}

/** `undefined`: this is not the Nest that is known here. */
export async function nestIn(ts: TypeScript, place: NestPlace, parsed: ParsedConfig): Promise<Nest | undefined> {
  const { directory } = place;
  const config = configIn(ts, place);
  const { plugins, assets } = config.compilerOptions;
  const isNamed = (value: unknown): boolean => Array.isArray(value) && value.length > 0;
  const hasPaths = Object.keys(Object(parsed.options["paths"])).length > 0;
  const isWhole = hasPaths || isNamed(plugins);
  const needsAssets = isNamed(assets);
  if (!isWhole && !needsAssets) return { isWhole, transformersFor: () => ({}), copyAssets() {} };
  const parts = await partsIn(directory, isWhole, needsAssets);
  if (parts === undefined) return undefined;
  const more = { pathToSource: join(directory, String(config["sourceRoot"])) };
  const hooks = isNamed(plugins) ? new parts.PluginsLoader().load(plugins, more) : undefined;
  return {
    isWhole,
    transformersFor(program) {
      const paths = hasPaths ? parts.tsconfigPathsBeforeHookFactory(parsed.options) : undefined;
      const made = (all: readonly Hook[] = []): Transformer[] => all.map((hook) => hook(program));
      const before = made(hooks?.beforeHooks);
      return {
        before: paths === undefined ? before : [paths, ...before],
        after: made(hooks?.afterHooks),
        afterDeclarations: made(hooks?.afterDeclarationsHooks),
      };
    },
    copyAssets() {
      const { outDir, rootDir } = parsed.options;
      if (needsAssets) new parts.AssetsManager().copyAssets(config, undefined, outDir, false, undefined, rootDir);
    },
  };
}

interface NestConfig extends Table {
  readonly compilerOptions: Table;
}

/** As it is for one application; nothing of it is watched here. */
function configIn(ts: TypeScript, { directory, app }: NestPlace): NestConfig {
  const path = join(directory, "nest-cli.json");
  const { config } = existsSync(path) ? ts.parseConfigFileTextToJson(path, readFileSync(path, "utf8")) : { config: {} };
  const given = tableOf(config);
  const own = app === undefined ? {} : tableOf(tableOf(given["projects"])[app]);
  const options = { ...tableOf(given["compilerOptions"]), ...tableOf(own["compilerOptions"]) };
  const assets = Array.isArray(options["assets"]) ? options["assets"].map(unwatched) : [];
  return {
    sourceRoot: "src",
    projects: {},
    ...given,
    ...own,
    compilerOptions: { ...options, assets, watchAssets: false },
  };
}

const unwatched = (asset: unknown): unknown =>
  typeof asset === "string" ? asset : { ...tableOf(asset), watchAssets: false };

const tableOf = (value: unknown): Table => (typeof value === "object" && value !== null ? { ...value } : {});

async function partsIn(directory: string, isWhole: boolean, needsAssets: boolean): Promise<Parts | undefined> {
  const place = resolve(directory, "node_modules/@nestjs/cli/lib/compiler");
  const files = [
    ...(isWhole ? ["plugins/plugins-loader.js", "hooks/tsconfig-paths.hook.js"] : []),
    ...(needsAssets ? ["assets-manager.js"] : []),
  ].map((file) => join(place, file));
  if (!files.every((file) => existsSync(file))) return undefined;
  const modules: unknown[] = await Promise.all(files.map((file) => import(pathToFileURL(file).href)));
  const all: Table = Object.assign({}, ...modules.map(tableOf));
  const names = [
    ...(isWhole ? ["PluginsLoader", "tsconfigPathsBeforeHookFactory"] : []),
    ...(needsAssets ? ["AssetsManager"] : []),
  ];
  return isParts(all, names) ? all : undefined;
}

const isParts = (value: Table, names: readonly string[]): value is Table & Parts =>
  names.every((name) => typeof value[name] === "function");
