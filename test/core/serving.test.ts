/** What `wait` goes by: whether every change up to a mark is answered, exact while somebody writes on. */
import { expect, test } from "vitest";
import { standing } from "../../src/core/serving.ts";
import { planOf } from "./plans.ts";
import { build, change, comeToRest, found, newWorld, tell, type World } from "./world.ts";

function serving(): World {
  const world = newWorld(planOf());
  tell(world, { type: "started" });
  comeToRest(world);
  world.at += 60_000;
  return world;
}

function save(world: World, path: string): number {
  tell(world, { type: "changed", changes: found(change([path])) });
  return world.house.mark;
}

function beginBuild(world: World): void {
  tell(world, { type: "elapsed", timer: "quiet", service: "" });
  while (world.looks > 0) tell(world, { type: "looked", changes: new Map(), busy: false });
}

const now = (world: World, mark: number) => standing(world.house, "", mark, world.plan);

test("a change is not answered because the same file has changed again", () => {
  const world = serving();
  expect(now(world, world.house.mark)).toEqual({ is: "served", run: 1 });
  const first = save(world, "main.go");
  expect(now(world, first).is).toBe("under way");
  beginBuild(world);
  world.at += 10;
  const second = save(world, "main.go");
  expect([now(world, first).is, now(world, second).is]).toEqual(["under way", "under way"]);
  tell(world, { type: "jobEnded", job: build(2), result: { is: "cancelled" } });
  expect([now(world, first).is, now(world, second).is]).toEqual(["under way", "under way"]);
  world.at += 1_000;
  beginBuild(world);
  tell(world, {
    type: "jobEnded",
    job: build(3),
    result: { is: "failed", exit: { is: "code", code: 1 } },
  });
  expect([now(world, first).is, now(world, second).is]).toEqual(["broken", "broken"]);
  world.at += 10_000;
  const third = save(world, "main.go");
  beginBuild(world);
  expect([now(world, first).is, now(world, second).is, now(world, third).is]).toEqual(Array(3).fill("under way"));
  comeToRest(world);
  for (const mark of [first, second, third]) expect(now(world, mark)).toEqual({ is: "served", run: 2 });
});
