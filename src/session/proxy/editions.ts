/** Which pages there are: another run has other pages, and a style sheet or an image in them may be another one as well. */
import type { Restyled } from "../../proxy/served.ts";

export function createEditions() {
  /** Counts versions of pages, and of what is in them. */
  let version = 0;
  let page = 0;
  let restyled: readonly Restyled[] = [];
  return {
    get page(): number {
      return page;
    },
    get restyled(): readonly Restyled[] {
      return restyled;
    },
    /** From now on pages are other pages. */
    renew(): void {
      version += 1;
      page = version;
      restyled = [];
    },
    /** @param paths as the user sees them */
    restyle(paths: readonly string[]): void {
      const kept = restyled.filter(({ path }) => !paths.includes(path));
      const added = paths.map((path): Restyled => {
        version += 1;
        return { path, version };
      });
      restyled = [...kept, ...added];
    },
  };
}
