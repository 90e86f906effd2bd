import { createServer } from "node:http";

const greeting = "Hello";

createServer((_request, response) => {
  response.end(`${greeting} from run ${process.env.RELOAD_RUN}\n`);
}).listen(Number(process.env.PORT ?? 3000), "127.0.0.1", function listening() {
  console.log(`listening on http://127.0.0.1:${this.address().port}`);
});
