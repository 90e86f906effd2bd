/** Several programs in one project, of which a script starts one. */
import { dev, js, nest, pkg, type Shape, ts } from "./shape.ts";

const nestApp = (name: string, outDir: string): Readonly<Record<string, string>> => ({
  [`apps/${name}/tsconfig.app.json`]: JSON.stringify({
    extends: "../../tsconfig.json",
    compilerOptions: { declaration: false, rootDir: "../..", outDir },
    include: ["src/**/*"],
    exclude: ["node_modules", "dist", "test", "**/*spec.ts"],
  }),
  [`apps/${name}/src/main.ts`]: ts,
});

/** As `nest generate app` makes it of a project. */
const nestApps = (compilerOptions: object): Readonly<Record<string, string>> => ({
  "nest-cli.json": JSON.stringify({
    sourceRoot: "apps/shop/src",
    compilerOptions: { ...compilerOptions, tsConfigPath: "apps/shop/tsconfig.app.json" },
    monorepo: true,
    root: "apps/shop",
    projects: Object.fromEntries(
      ["shop", "worker"].map((name) => [
        name,
        {
          type: "application",
          root: `apps/${name}`,
          entryFile: "main",
          sourceRoot: `apps/${name}/src`,
          compilerOptions: { tsConfigPath: `apps/${name}/tsconfig.app.json` },
        },
      ]),
    ),
  }),
  "tsconfig.json": nest["tsconfig.json"],
  ...nestApp("shop", "../../dist/apps/shop"),
  ...nestApp("worker", "../../dist/apps/worker"),
});

/** Its name of the process, which is nobody else's matter. */
const named = (name: string) => ({ FOREMAN_WORKER_NAME: name });

export const workspaces: readonly Shape[] = [
  dev("nest start worker --watch", { files: nestApps({}) }),
  dev("nest start --watch --preserveWatchOutput", { files: nestApps({ builder: "rspack" }) }),
  dev("nest start -w -b rspack worker", { files: nestApps({}) }),
  dev("nf start -j Procfile.local", {
    files: { "Procfile.local": "web: nodemon server.js --of-procfile\n" },
    brought: named("web.1"),
  }),
  dev("nf start worker", {
    files: { Procfile: "web: nodemon server.js\nworker: cross-env A=1 tsx watch src/index.ts --chosen\n" },
    brought: named("worker.1"),
  }),
  {
    name: "start beside a preview",
    files: { "package.json": pkg({ serve: "vite preview", start: "nodemon server.js --beside" }), "server.js": js },
    tool: "npm start",
  },
];
