/** One script or layout, the files that it may run, and the command that its people run. */

export interface Shape {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  /** Where the command is given, relative to the project. */
  readonly directory?: string;
  /** What is run today, as a line for a shell. */
  readonly tool: string;
  /** Built before the tool can be started: what another terminal does. */
  readonly first?: string;
  /** It makes files in a way that its name does not tell. */
  readonly builds?: true;
  /** What stays in front of the program. */
  readonly front?: string;
  /** Variables that it gets from what is in front of it, from its shell or from itself. */
  readonly brought?: Readonly<Record<string, string>>;
  readonly executable?: string;
  /** Why the processes are not the same, where they cannot be. */
  readonly apart?: string;
}

/** It says who it is and what it finds in its environment, in one write. */
const report =
  'writeFileSync((process.env["RELOAD_SHAPE"] ?? "") + ".new", JSON.stringify({ pid: process.pid, env: process.env })); renameSync((process.env["RELOAD_SHAPE"] ?? "") + ".new", process.env["RELOAD_SHAPE"] ?? ""); setInterval(() => {}, 1000);\n';
export const js = `const { renameSync, writeFileSync } = require("node:fs"); ${report}`;
export const ts = `import { renameSync, writeFileSync } from "node:fs"; const port: number = 1; ${report}export { port };\n`;
const tsconfig = JSON.stringify({
  compilerOptions: {
    target: "es2022",
    module: "commonjs",
    outDir: "dist",
    rootDir: "src",
    skipLibCheck: true,
    types: ["node"],
    esModuleInterop: true,
  },
  include: ["src"],
});

export const pkg = (scripts: Readonly<Record<string, string>>, more: object = {}): string =>
  JSON.stringify({ name: "shape", version: "1.2.3", scripts, ...more });

export interface More {
  readonly files?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly more?: object;
  readonly tool?: string;
  readonly first?: string;
  readonly builds?: true;
  readonly front?: string;
  readonly brought?: Readonly<Record<string, string>>;
  readonly executable?: string;
  readonly apart?: string;
}

/** One script `dev`, and the files that it may run. */
export function dev(script: string, { files = {}, scripts = {}, more = {}, ...rest }: More = {}): Shape {
  return {
    name: script,
    files: {
      "package.json": pkg({ dev: script, ...scripts }, more),
      "server.js": js,
      "src/index.js": js,
      "src/index.ts": ts,
      "tsconfig.json": tsconfig,
      ".env": "FROM_FILE=file\nBOTH=file\n",
      ...files,
    },
    tool: "npm run dev",
    ...rest,
  };
}

export const nest = {
  "nest-cli.json": JSON.stringify({
    $schema: "https://json.schemastore.org/nest-cli",
    collection: "@nestjs/schematics",
    sourceRoot: "src",
  }),
  "tsconfig.json": JSON.stringify({
    compilerOptions: {
      target: "es2022",
      module: "commonjs",
      outDir: "./dist",
      baseUrl: "./",
      skipLibCheck: true,
      types: ["node"],
      emitDecoratorMetadata: true,
      experimentalDecorators: true,
      incremental: true,
      ignoreDeprecations: "5.0",
    },
  }),
  "tsconfig.build.json": JSON.stringify({
    extends: "./tsconfig.json",
    exclude: ["node_modules", "test", "dist", "**/*spec.ts"],
  }),
  "src/main.ts": ts,
  "src/index.ts": "export {};\n",
  "test/app.e2e-spec.ts": "export {};\n",
};
