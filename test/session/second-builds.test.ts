/** Who has a build that writes only what differs is told which files it is about, in one line. */
import { expect, test } from "vitest";
import { emptyHouse } from "../../src/core/house.ts";
import { noWork, started } from "../../src/core/work.ts";
import { createSecondBuilds } from "../../src/session/second-builds.ts";

/** What is said of files that have been seen while builds ran; a list for each build, `undefined` where none runs. */
function saidOf(seen: readonly { readonly during: number | undefined; readonly paths: readonly string[] }[]): string[] {
  const said: string[] = [];
  const see = createSecondBuilds((text) => said.push(text));
  for (const { during, paths } of seen) {
    const job = { service: "", kind: "build", number: during ?? 0 } as const;
    const works = during === undefined ? [] : ([["", started(noWork, job, 1)]] as const);
    const demand = new Map(paths.map((path) => [path, { verdict: "rebuild" } as const]));
    const house = { ...emptyHouse, works: new Map(works) };
    const changes = new Map([["", { demand, empty: false }]]);
    see({ fact: { type: "changed", at: 0, changes }, before: house, after: house, orders: [], news: [] });
  }
  return said;
}

const all = ["gen/1.txt", "gen/2.txt", "gen/3.txt", "gen/4.txt", "gen/5.txt"];

test("files that are seen now in one build and now in the next are told together all the same", () => {
  const said = saidOf([
    { during: 1, paths: all },
    { during: 2, paths: all },
    { during: 3, paths: ["gen/1.txt"] },
    // Given up for the first, and the others are seen in its place.
    { during: 4, paths: ["gen/1.txt", "gen/2.txt"] },
    { during: 5, paths: all },
    { during: 6, paths: all },
  ]);
  expect(said).toHaveLength(1);
  expect(said[0]).toContain("gen/1.txt and 4 more have changed only while builds ran");
  expect(said[0]).toContain('exclude_files = ["gen/*.txt"]');
});

test("what is saved while no build runs is somebody's own work", () => {
  const during = [1, 2, 3, 4, 5].map((build) => ({ during: build, paths: ["src.txt"] }));
  expect(saidOf([...during.slice(0, 2), { during: undefined, paths: ["src.txt"] }, ...during])).toEqual([]);
  expect(saidOf(during)).toHaveLength(1);
});
