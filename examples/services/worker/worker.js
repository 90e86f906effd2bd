const { readFileSync } = require("node:fs");
const { join } = require("node:path");

const { hello } = JSON.parse(readFileSync(join(__dirname, "../shared/greeting.json"), "utf8"));

async function work() {
  const answer = await fetch(process.env.API).then(
    (response) => response.text(),
    () => "nobody answers",
  );
  console.log(`${hello} from the worker: ${answer.trim()}`);
}

void work();
setInterval(() => void work(), 10_000);
