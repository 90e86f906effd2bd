/** Loaded into a program that ts-node would run, by the file that the build wrote: `node -r …/load.js src/index.ts`. */
export { loadCompiler as load } from "./transpile/load.ts";
