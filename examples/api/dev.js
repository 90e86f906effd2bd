// A development script of one's own: starts reload in this process, does something after every start, and ends in order.
import { start } from "reload-dev";

const over = new AbortController();
process.once("SIGINT", () => over.abort());
process.once("SIGTERM", () => over.abort());

const app = await start(
  {
    proc: { cmd: ["node", "server.js"] },
    watch: { include_files: [".js"], exclude_files: ["/dev.js"] },
    ready: { log: "listening" },
  },
  { cwd: import.meta.dirname, signal: over.signal, stdout: process.stdout },
);

for await (const event of app.events) {
  if (event.event === "changed") console.log(`changed: ${event.paths.join(", ")}`);
  if (event.event === "run-ready") console.log(`run ${event.run} is ready after ${event.ms} ms`);
  if (event.event === "run-exited") console.log(`run ${event.run} has ended with ${event.code ?? event.signal}`);
  if (event.event === "problem") console.error(event.message);
}
console.log("everything has been stopped");
