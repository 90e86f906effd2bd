/** A real browser: Debian's Chromium, which the tests do not bring along. */
import { spawnSync } from "node:child_process";
import { type Browser, type BrowserContext, chromium } from "playwright-core";

const names = ["chromium", "chromium-browser", "google-chrome"];

export const browserPath = (): string | undefined =>
  names
    .map((name) => spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim())
    .find((path) => path !== "");

/** Whether there is one. With `RELOAD_TEST_REQUIRE_ALL` set, a missing one is an error. */
export function hasBrowser(): boolean {
  if (browserPath() !== undefined) return true;
  if (process.env["RELOAD_TEST_REQUIRE_ALL"] !== undefined)
    throw new Error("chromium is needed by these tests and is not on this machine");
  process.stderr.write("skipped: tests that need chromium, which is not on this machine\n");
  return false;
}

export interface Opened extends AsyncDisposable {
  readonly browser: Browser;
  readonly context: BrowserContext;
}

export async function openBrowser(): Promise<Opened> {
  const executablePath = browserPath();
  if (executablePath === undefined) throw new Error("no browser");
  const browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  });
  return {
    browser,
    context: await browser.newContext(),
    [Symbol.asyncDispose]: () => browser.close(),
  };
}
