/** `npm run projects` */
import { record } from "./record.ts";

const at = process.argv.indexOf("--record");
process.exitCode = await record(process.argv[at + 1]);
