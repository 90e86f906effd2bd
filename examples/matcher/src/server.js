import { readdirSync } from "node:fs";

const pages = readdirSync("content").filter((name) => !name.includes(".draft."));
console.log(`serves ${pages.join(", ")}`);
setInterval(() => {}, 60_000);
