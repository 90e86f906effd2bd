/** chokidar 5 as its first page shows it, for the table of watching at scale: `node chokidar.js FIFO DIRECTORY`; a stamp when it says that it is ready, and one for each change. */
import { appendFileSync } from "node:fs";
import { watch } from "chokidar";

const [fifo = "/dev/null", directory = "."] = process.argv.slice(2);
const stamp = (tag: string): void => appendFileSync(fifo, `${process.hrtime.bigint()} ${process.pid} ${tag}\n`);
const began = performance.now();
watch(directory, { ignoreInitial: true })
  .on("ready", () => stamp(`ready:${performance.now() - began}`))
  .on("all", () => stamp("run"));
