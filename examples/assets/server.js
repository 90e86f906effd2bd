import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { page } from "./generated/templates.js";

const port = Number(process.env.PORT ?? 3000);

createServer((request, response) => {
  if (request.url === "/site.css") {
    response.setHeader("content-type", "text/css");
    response.end(readFileSync("generated/site.css"));
    return;
  }
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.end(page({ name: "everyone", run: process.env.RELOAD_RUN ?? "0" }));
}).listen(port, "127.0.0.1");
