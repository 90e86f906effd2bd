import { readFileSync } from "node:fs";

const { hello } = JSON.parse(readFileSync(new URL("../shared/greeting.json", import.meta.url), "utf8"));

async function work() {
  const answer = await fetch(process.env.API).then(
    (response) => response.text(),
    () => "nobody answers",
  );
  console.log(`${hello} from the worker: ${answer.trim()}`);
}

void work();
setInterval(() => void work(), 10_000);
