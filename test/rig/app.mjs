// A small program for the tests to drive: it writes what happens to it into a log, one JSON object a line.
// LOG: the file. NAME: what it calls itself. TRAP: milliseconds that it takes to end when asked, or "ignore".
import { appendFileSync, readFileSync } from "node:fs";

const { LOG = "app.log", NAME = "", TRAP, READS } = process.env;
const write = (what) => {
  const event = {
    at: performance.timeOrigin + performance.now(),
    pid: process.pid,
    run: Number(process.env.RELOAD_RUN),
    name: NAME,
    ...what,
  };
  appendFileSync(LOG, `${JSON.stringify(event)}\n`);
};

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) {
  process.on(signal, () => {
    write({ is: "asked", signal });
    if (TRAP === "ignore") return;
    setTimeout(
      () => {
        write({ is: "end" });
        process.exit(0);
      },
      Number(TRAP ?? 0),
    );
  });
}

// Whoever reads that it has started may ask it to end.
write({
  is: "start",
  args: process.argv.slice(2),
  changed: process.env.RELOAD_CHANGED,
  changedFile: process.env.RELOAD_CHANGED_FILE,
  content: READS === undefined ? undefined : readFileSync(READS, "utf8"),
});

setInterval(() => {}, 1_000_000);
