import { describe, expect, test } from "vitest";
import { comparable, describeEdit } from "../../src/config/store/edits.ts";
import { newProject } from "../rig/project.ts";
import { good, loadIn } from "./loading.ts";

const top = `[watch]
debounce = "1s"
[build]
cmd = "make"
`;
const api = `[service.api]
root = "api"
proc.cmd = "a"
`;
const web = `[service.web]
proc.cmd = "w"
build.cmd = "bw"
[service.web.watch]
debounce = 5
`;

async function edit(before: string, after: string) {
  using project = newProject({ ".reload.toml": before, "api/x": "", "other/x": "", ".env": "A=1\n" });
  const was = good(await loadIn(project));
  project.write(".reload.toml", after);
  project.write(".env", "A=2\n");
  const now = good(await loadIn(project));
  const [from, to] = [comparable(was), comparable(now)];
  const changed = [...new Set([...from.keys(), ...to.keys()])].filter((name) => from.get(name) !== to.get(name));
  return { ...describeEdit(was, now, changed), changes: changed.length };
}

const touched = ({ services }: Awaited<ReturnType<typeof edit>>): Record<string, string[]> =>
  Object.fromEntries([...services].map(([name, touches]) => [name, [...touches].sort()]));

describe("an edit of a configuration with services", () => {
  test("of one of them touches that one", async () => {
    const edited = await edit(top + api + web, top + api.replace('"a"', '"a2"') + web);
    expect(touched(edited)).toEqual({ api: ["restart"], web: [] });
    expect(edited.summary).toBe('service.api.proc.cmd "a" → "a2"; restarts api');
  });

  test("of a default touches those that do not say it themselves", async () => {
    const env = (value: string) => `[proc]\nenv.A = "${value}"\nstdin = false\n`;
    const both = await edit(env("1") + top + api + web, env("2") + top + api + web);
    expect(touched(both)).toEqual({ api: ["restart"], web: ["restart"] });
    const own = web.replace('proc.cmd = "w"', 'proc.cmd = "w"\nproc.stdin = true');
    const one = await edit(env("1") + top + api + own, env("1").replace("false", '"auto"') + top + api + own);
    expect(touched(one)).toEqual({ api: ["restart"], web: [] });
    expect(one.changed).toEqual(["proc.stdin"]);
  });

  test("of the build of the top touches those without one of their own", async () => {
    const edited = await edit(top + api + web, top.replace("make", "make all") + api + web);
    expect(touched(edited)).toEqual({ api: ["rebuild"], web: [] });
    expect(edited.summary).toBe('build.cmd "make" → "make all"; builds and restarts api');
  });

  test("of a rule of the top touches all, and is named by the rule", async () => {
    const rule = `[[rule]]\nname = "x"\nmatch = "*.x"\n`;
    const edited = await edit(top + rule + api + web, top + rule.replace("*.x", "*.y") + api + web);
    expect(touched(edited)).toEqual({ api: ["watch"], web: ["watch"] });
    expect(edited.summary).toBe("rule x changed; watches anew api, web");
  });

  test("of a rule has to be made where it is carried out at the start, and else waits for a change", async () => {
    const rule = `[[service.api.rule]]\nname = "x"\nmatch = "*.x"\n`;
    const run = `${rule}run = "generate"\n`;
    const added = await edit(top + api + web, top + api + run + web);
    expect(touched(added)).toEqual({ api: ["rebuild", "rules", "watch"], web: [] });
    expect(added.summary).toBe("service.api.rule x added; builds and restarts api");
    const late = `${run}at_start = false\n`;
    const later = await edit(top + api + late + web, top + api + late.replace("generate", "g") + web);
    expect(touched(later)).toEqual({ api: ["watch"], web: [] });
    const removed = await edit(
      top + api + run + rule.replaceAll("x", "y") + web,
      top + api + rule.replaceAll("x", "y") + web,
    );
    expect(touched(removed)).toEqual({ api: ["watch"], web: [] });
    expect(removed.summary).toBe("service.api.rule x removed; watches anew api");
  });

  test("of a root touches what lies there", async () => {
    const edited = await edit(top + api + web, top + api.replace('"api"', '"other"') + web);
    expect(touched(edited)).toEqual({ api: ["rebuild", "watch"], web: [] });
  });

  test("of nothing that counts touches nobody", async () => {
    const edited = await edit(top + api + web, top.replace("1s", "2s") + api + web);
    expect(touched(edited)).toEqual({ api: [], web: [] });
    expect(edited.summary).toBe('watch.debounce "1s" → "2s"');
    const moved = await edit(top + api + web, `${top}${api}[service.api.watch]\ndebounce = "1s"\n${web}`);
    expect([moved.changed, moved.summary]).toEqual([[], ""]);
  });

  test("of an env file touches those that read it", async () => {
    const own = api.replace("proc.cmd", 'env_files = ["../.env"]\nproc.cmd');
    const read = await edit(top + own + web, top + own + web);
    expect(touched(read)).toEqual({ api: ["restart"], web: [] });
    expect(read.summary).toBe("service.api.env_files: A; restarts api");
  });

  test("names services that come and go, without their keys", async () => {
    const come = await edit(top + api, top + api + web);
    expect(come).toMatchObject({ added: ["web"], removed: [], changed: ["service.web"] });
    expect(come.summary).toBe("service.web added; starts web");
    const go = await edit(top + api + web, top + api);
    expect([go.removed, go.summary]).toEqual([["web"], "service.web removed; ends web"]);
    const split = await edit(`${top}[proc]\ncmd = "x"\n`, top + api);
    expect([split.added, split.removed]).toEqual([["api"], [""]]);
    expect(split.summary).toMatch(/; ends the program; starts api$/);
    expect((await edit(top + api, `${top}[proc]\ncmd = "x"\n`)).summary).toMatch(/; ends api; starts the program$/);
  });

  test("without a difference is none", async () => {
    expect((await edit(top + api + web, top + api + web)).changes).toBe(0);
  });
});

test("with one program alone, what is touched is that program", async () => {
  const edited = await edit('[proc]\ncmd = "x"\n', '[proc]\ncmd = "y"\n');
  expect(touched(edited)).toEqual({ "": ["restart"] });
  expect(edited.summary).toBe('proc.cmd "x" → "y"; restarts');
});
