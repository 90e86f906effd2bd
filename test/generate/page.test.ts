import { expect, test } from "vitest";
import { pageScript } from "./page-script.ts";

test("src/proxy/page/script.ts is what client.ts says, and smaller than 5 KB", async () => {
  const text = await pageScript();
  await expect(text).toMatchFileSnapshot("../../src/proxy/page/script.ts");
  expect(text.length).toBeLessThan(5 * 1024);
});
