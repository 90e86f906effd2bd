/** The script for the browser as the proxy sends it: one file, small. */
import { rolldown } from "rolldown";

export async function pageScript(): Promise<string> {
  const bundle = await rolldown({ input: new URL("../../src/proxy/page/client.ts", import.meta.url).pathname });
  const { output } = await bundle.generate({ format: "iife", minify: true, comments: false });
  await bundle.close();
  const code = output[0].code.trim();
  return `/** Made from client.ts by \`npm run generate\`: what a page loads. */\nexport const script = ${JSON.stringify(code)};\n`;
}
