/** What a package of Python finds while it is loaded, of what a program brings itself: as in a cold start. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Project } from "../rig/project.ts";
import { until } from "../rig/until.ts";
import { hasPython, inSite, keepPython, realPython as python, site, tail } from "./warm-python-rig.ts";
import { keep, second } from "./warm-rig.ts";

const installed = (name: string, version: string): Record<string, string> => ({
  [`${name}-${version}.dist-info/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
});
const under = (place: string, files: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${place}/${name}`, text]));

/** Whether a module was loaded before the first own one. */
const early = (names: readonly string[]): string =>
  `[name for name in list(sys.modules)[:list(sys.modules).index("first")] if name in ${JSON.stringify(names)}]`;

describe.runIf(hasPython)("a program of Python that is kept warm", () => {
  /** Package → what it does while it is loaded, and what it has to find. */
  const looks: Readonly<Record<string, readonly [text: string, expected: unknown]>> = {
    of_import: ["try: from brought import value\nexcept ImportError: value = 'none'", "brought"],
    of_name: [
      "import importlib\ntry: value = importlib.import_module('brought').value\nexcept ImportError: value = 'none'",
      "brought",
    ],
    of_search: ["import importlib.util\nvalue = importlib.util.find_spec('brought') is not None", true],
    of_place: ["import sys\nvalue = any(each.endswith('/vendor') for each in sys.path)", true],
    of_places: ["import sys\nvalue = '/vendor' in '|'.join(sys.path)", true],
    of_version: [
      "import importlib.metadata as known\ntry: value = known.version('brought')\nexcept known.PackageNotFoundError: value = 'none'",
      "7",
    ],
    of_word: ["import sys\nvalue = '--own' in sys.argv", true],
    of_kind: ["import mimetypes\nvalue = mimetypes.guess_type('a.own')[0]", "own/kind"],
    of_kinds: ["from mimetypes import types_map\nvalue = types_map.get('.own')", "own/kind"],
    of_dialect: ["import csv\nvalue = 'own' in csv.list_dialects()", true],
    of_space: ["import xml.etree.ElementTree as tree\nvalue = tree._namespace_map.get('own:space')", "own"],
    of_encoding: ["try: value = 'x'.encode('own').decode()\nexcept LookupError: value = 'none'", "x"],
    of_alias: ["try: value = 'x'.encode('own_alias').decode()\nexcept LookupError: value = 'none'", "x"],
    of_handler: [
      "import codecs\ntry: value = codecs.lookup_error('own') is None\nexcept LookupError: value = True",
      false,
    ],
    of_level: ["import logging\nvalue = logging.getLevelName(5)", "OWN"],
    of_flag: ["import sys\nvalue = getattr(sys, 'own_flag', False)", true],
    of_mark: ["import os\nvalue = getattr(os, 'own_mark', False)", true],
    of_part: ["from http.client import HTTP_PORT\nvalue = HTTP_PORT", 8080],
  };
  const setUp = `import sys, os, codecs, logging, csv, mimetypes, encodings.aliases
import xml.etree.ElementTree as ET
from http import client
import plain
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/vendor")
sys.argv.append("--own")
mimetypes.add_type("own/kind", ".own")
csv.register_dialect("own", delimiter="|")
ET.register_namespace("own", "own:space")
codecs.register(lambda name: codecs.lookup("utf-8") if name == "own" else None)
codecs.register_error("own", codecs.ignore_errors)
encodings.aliases.aliases["own_alias"] = "utf_8"
client.HTTP_PORT = 8080
logging.addLevelName(5, "OWN")
sys.own_flag = True
os.own_mark = True
import first
`;

  test("leaves to the run what looks for a thing that its own code brings, enters or adds", async () => {
    const names = Object.keys(looks);
    await using kept = keepPython({
      "app.py": `${setUp}${names.map((name) => `import ${name}\n`).join("")}answer = {"early": ${early([...names, "plain"])}}
for name in ${JSON.stringify(names)}: answer[name] = sys.modules[name].value
${tail}`,
      "first.py": "",
      "vendor/brought.py": "value = 'brought'",
      ...under("vendor", installed("brought", "7")),
      ...inSite(
        "plain",
        "import importlib.metadata, importlib.util, csv, mimetypes, http.client\nimport xml.etree.ElementTree",
      ),
      ...Object.assign({}, ...Object.entries(looks).map(([name, [text]]) => inSite(name, text))),
    });
    const expected = Object.fromEntries(Object.entries(looks).map(([name, [, value]]) => [name, value]));
    expect(await second(kept)).toEqual({ early: ["plain"], ...expected });
    expect(await kept.warmth(2)).toMatchObject({ warm: true });
  });

  test("is not changed by being asked what it has set", async () => {
    await using kept = keepPython({
      "app.py": `import threading
threading.stack_size(1048576)
import first, socket
socket.socket().bind(("127.0.0.1", 0))
import plain
answer = threading.stack_size()
${tail}`,
      "first.py": "",
      ...inSite("plain", ""),
    });
    expect([await second(kept), await kept.answer(1)]).toEqual([1048576, 1048576]);
    expect(await kept.warmth(2)).toMatchObject({ warm: true });
  });

  test("starts cold where its own code sets what whoever is loaded after it goes by", async () => {
    await using kept = keepPython({
      "app.py": `import resource, plain\nlimit = resource.RLIMIT_CORE\nresource.setrlimit(limit, (0, 0))\nanswer = 1\n${tail}`,
      ...inSite("plain", ""),
    });
    await kept.answer(1);
    await kept.saysWhy("the program sets what holds for the whole process: setrlimit", "record");
  });

  /** Own code that puts a module in the place of one that is loaded, or has it loaded anew → what `of_other` finds then. */
  const exchanges: Readonly<Record<string, readonly [own: string, expected: unknown, isWarm: boolean]>> = {
    "sys.modules[…] = …": ["sys.modules['exchanged'] = fake", "fake", true],
    "sys.modules.pop(…)": ["from sys import modules\nmodules['exchanged'] = modules.pop('fake')", "fake", true],
    "importlib.reload": ["import importlib, exchanged as _e\nimportlib.reload(_e)", "again", true],
    "a name that is computed": ["for name in ['exchanged']: sys.modules[name] = fake", "fake", false],
  };

  test.each(Object.entries(exchanges))(
    "leaves to the run what asks for a module that is exchanged: %s",
    async (_, [own, expected, isWarm]) => {
      await using kept = keepPython({
        "app.py": `import sys, os, plain, uses, fake
import first
${own}
import of_other
answer = {"early": ${early(["plain", "of_other"])}, "value": of_other.value}
${tail}`,
        "first.py": "",
        ...inSite("plain", ""),
        ...inSite("exchanged", "value = 'again' if 'value' in globals() else 'original'"),
        ...inSite("uses", "import exchanged"),
        ...inSite("fake", "value = 'fake'"),
        ...inSite("of_other", "from exchanged import value"),
      });
      if (isWarm) {
        expect(await second(kept)).toEqual({ early: ["plain"], value: expected });
        expect(await kept.warmth(2)).toMatchObject({ warm: true });
      } else {
        await kept.answer(1);
        await kept.saysWhy("the program replaces modules that are loaded", "try-1");
      }
    },
  );

  /** Package → own code in front of it, what it does while it is loaded, and what it has to find. */
  const logs: Readonly<Record<string, readonly [own: string, text: string, expected: unknown]>> = {
    log_level: ["", "value = logging.getLogger('x').getEffectiveLevel()", 10],
    log_root: ["", "value = logging.root.level", 10],
    log_handlers: ["", "value = len(logging.root.handlers)", 1],
    log_hears: ["", "value = logging.getLogger('x').hasHandlers()", true],
    log_limit: ["logging.disable(5)", "value = logging.root.manager.disable", 5],
    log_own: [
      "logging.getLogger('log_own').setLevel(15)",
      "value = logging.getLogger('log_own').isEnabledFor(15)",
      true,
    ],
    log_same: [
      "logging.getLogger('log_same').setLevel(15)",
      "value = logging.getLogger('log_same').level\nif value == 0: logging.getLogger('log_same').setLevel(30)",
      15,
    ],
  };

  test.each([
    ["all", "logging.basicConfig(level=10)", Object.keys(logs)],
    ["a single logger", "", ["log_own"]],
    ["another one", "", ["log_same"]],
  ])("leaves to the run what asks how it is logged, where its own code has said so of %s", async (_, first, names) => {
    await using kept = keepPython({
      "app.py": `import sys, logging, plain, careful
${first}
${names.map((name) => logs[name]?.[0]).join("\n")}
import first
${names.map((name) => `import ${name}`).join("\n")}
answer = {"early": ${early([...names, "plain", "careful"])}, ${names.map((name) => `"${name}": ${name}.value`).join(", ")}}
${tail}`,
      "first.py": "",
      ...inSite("plain", "import logging\nlogging.getLogger('plain').addHandler(logging.NullHandler())"),
      // As SQLAlchemy does: it asks for what nobody but itself has set.
      ...inSite("careful", "import logging\nlog = logging.getLogger('careful')\nif log.level == 0: log.setLevel(30)"),
      ...Object.assign({}, ...names.map((name) => inSite(name, `import logging\n${logs[name]?.[1]}`))),
    });
    const expected = Object.fromEntries(names.map((name) => [name, logs[name]?.[2]]));
    expect(await second(kept)).toEqual({ early: ["plain", "careful"], ...expected });
    expect(await kept.warmth(2)).toMatchObject({ warm: true });
  });

  test("is let in where packages are in an archive, which are left to the run", async () => {
    const pack = (project: Project, value: number): unknown =>
      execFileSync(python, ["pack.py", String(value)], { cwd: project.directory });
    await using kept = keep(
      {
        "app.py": `import sys, first, plain, zipped\nanswer = [zipped.value, ${early(["plain", "zipped"])}]\n${tail}`,
        "first.py": "",
        "pack.py": `import sys, zipfile\nwith zipfile.ZipFile("${site}/zipped.egg", "w") as archive: archive.writestr("zipped/__init__.py", "value = " + sys.argv[1])`,
        ...inSite("plain", ""),
      },
      {
        main: "app.py",
        args: ["--", python, "app.py"],
        env(project) {
          pack(project, 1);
          const places = [project.path(site), project.path(`${site}/zipped.egg`)];
          return { PYTHONPATH: places.join(":"), PYTHONDONTWRITEBYTECODE: "1" };
        },
        comment: "#",
      },
    );
    expect(await second(kept)).toEqual([1, ["plain"]]);
    await kept.waits(3);
    pack(kept.project, 2);
    kept.save();
    expect(await kept.answer(3)).toEqual([2, []]);
  });

  test.each([
    [
      "a running loop",
      "async def load():\n    global p\n    asyncio.get_running_loop().own = 1\n    import p\nasyncio.run(load())",
      "asyncio.get_running_loop()",
    ],
    [
      "a loop",
      "loop = asyncio.new_event_loop()\nloop.own = 1\nasyncio.set_event_loop(loop)\nimport p",
      "asyncio.get_event_loop_policy().get_event_loop()",
    ],
  ])("leaves to the run what asks for %s while it is loaded", async (_, own, ask) => {
    await using kept = keepPython({
      "app.py": `import plain, asyncio\n${own}\nimport last\nanswer = p.value\n${tail}`,
      "last.py": "",
      ...inSite("plain", "import asyncio"),
      ...inSite("p", `import asyncio\ntry: value = getattr(${ask}, "own", 0)\nexcept RuntimeError: value = 0`),
    });
    expect(await second(kept)).toBe(1);
    expect(await kept.warmth(2)).toMatchObject({ warm: true });
  });

  test("is let in where something only says that it is a module, as libraries of cffi do", async () => {
    await using kept = keepPython({
      "app.py": `import sys, first, plain\nanswer = ${early(["plain"])}\n${tail}`,
      "first.py": "",
      ...inSite(
        "plain",
        "import sys\nclass Library:\n    __class__ = property(lambda self: type(sys))\nsys.modules['plain.library'] = Library()",
      ),
    });
    expect(await second(kept)).toEqual(["plain"]);
    expect(await kept.warmth(2)).toMatchObject({ warm: true });
  });

  test("does not begin before it is due where its standby fails", async () => {
    await using kept = keepPython({
      "app.py": `import plain\nanswer = 1\n${tail}`,
      // On trial the words are no plain list.
      ...inSite(
        "plain",
        `import os, sys, types
if type(sys.argv) is list:
    class Places:
        def __iter__(self): raise RuntimeError
    odd = types.ModuleType("odd")
    odd.__spec__ = types.SimpleNamespace(origin=None, submodule_search_locations=Places())
    sys.modules["odd"] = odd
    open("temp/process-%d" % os.getpid(), "w").close()`,
      ),
    });
    const begun = (): string[] => readdirSync(kept.project.path("temp")).filter((name) => name.startsWith("process-"));
    await kept.answer(1);
    await until("a standby", () => begun().length > 1, kept.program.seen);
    const isThere = (name: string): boolean => existsSync(`/proc/${name.slice("process-".length)}`);
    await until("the end of the standby", () => begun().filter(isThere).length === 1, kept.program.seen);
    expect(kept.project.has("answers/2")).toBe(false);
    kept.save();
    expect(await kept.answer(2)).toBe(1);
    expect(await kept.warmth(2)).toMatchObject({ warm: false });
  });

  test("runs none of its own code before it is due, where a package loads some", async () => {
    await using kept = keepPython({
      "app.py": `import plain, loads\nanswer = 1\n${tail}`,
      "own.py": "with open('temp/ran', 'a') as stream: stream.write('x')",
      ...inSite("plain", ""),
      ...inSite("loads", "import own"),
    });
    const ran = (): number => kept.project.read("temp/ran").length;
    await kept.answer(1);
    await kept.waits(2);
    expect(ran()).toBe(1);
    kept.save();
    expect(await kept.answer(2)).toBe(1);
    expect(ran()).toBe(2);
    expect(await kept.warmth(2)).toMatchObject({ warm: true });
  });

  test("runs none of its own code before it is due, where a package loads some that it did not load on trial", async () => {
    await using kept = keepPython({
      "app.py": `import plain\nanswer = 1\n${tail}`,
      "own.py": "with open('temp/ran', 'a') as stream: stream.write('x')",
      // On trial the words are no plain list.
      ...inSite(
        "plain",
        "import os, sys\nif type(sys.argv) is list:\n    open('temp/process-%d' % os.getpid(), 'w').close()\n    import own",
      ),
    });
    const begun = (): string[] => readdirSync(kept.project.path("temp")).filter((name) => name.startsWith("process-"));
    const isThere = (name: string): boolean => existsSync(`/proc/${name.slice("process-".length)}`);
    await kept.answer(1);
    await until("a standby", () => begun().length > 1, kept.program.seen);
    await until("the end of the standby", () => begun().filter(isThere).length === 1, kept.program.seen);
    expect(kept.project.read("temp/ran")).toBe("x");
    kept.save();
    expect(await kept.answer(2)).toBe(1);
    expect(await kept.warmth(2)).toMatchObject({ warm: false });
  });

  test("loads in advance what its own code loads last as well", async () => {
    const parts = ["first", "second", "third"];
    await using kept = keepPython({
      "app.py": `import json, os, sys, time
names = list(sys.modules)
with open("answers/" + os.environ["RELOAD_RUN"], "w") as stream: json.dump([name for name in names if name.startswith("last")], stream)
import last
while True: time.sleep(0.02)
`,
      ...inSite("last", parts.map((name) => `import last.${name}`).join("\n")),
      ...Object.fromEntries(parts.map((name) => [`${site}/last/${name}.py`, ""])),
    });
    expect(await second(kept)).toEqual([...parts.map((name) => `last.${name}`), "last"]);
  });

  test("loads in advance what asks which packages are installed, and starts cold where that is another thing", async () => {
    await using kept = keepPython({
      "app.py": `import sys, first, asks\nanswer = [asks.value, ${early(["asks"])}]\n${tail}`,
      "first.py": "",
      "other.txt": "",
      ...inSite(
        "asks",
        "import importlib.metadata as known\nvalue = sorted(each.version for each in known.distributions() if each.metadata['Name'] == 'mine')",
      ),
      ...under(site, installed("other", "1")),
      "mine.egg-info/PKG-INFO": "Metadata-Version: 2.1\nName: mine\nVersion: 1\n",
    });
    const { project } = kept;
    const file = "mine.egg-info/PKG-INFO";
    expect(await second(kept)).toEqual([["1"], ["asks"]]);
    expect(await kept.warmth(2)).toMatchObject({ warm: true });
    await kept.waits(3);
    project.write(file, "Metadata-Version: 2.1\nName: mine\nVersion: 2\n");
    kept.save();
    expect(await kept.answer(3)).toEqual([["2"], []]);
    await kept.waits(4);
    project.write("mine-3.dist-info/METADATA", "Metadata-Version: 2.1\nName: mine\nVersion: 3\n");
    project.write("beside.txt", "");
    kept.save();
    expect(await kept.answer(4)).toEqual([["2", "3"], []]);
    await kept.waits(5);
    // Other files come and go there.
    project.write("beside.txt", "2");
    project.write("more.txt", "");
    kept.save();
    expect(await kept.answer(5)).toEqual([["2", "3"], ["asks"]]);
  });

  /** What a package does with the name of a module that comes beside the program. */
  test.each([
    [
      "is imported by name",
      "import importlib\ntry: value = importlib.import_module('comes').value\nexcept ImportError: value = 'none'",
    ],
    ["is only looked for", "import importlib.util\nvalue = 'comes' if importlib.util.find_spec('comes') else 'none'"],
  ])("starts cold where a module has come that %s by a package", async (_, text) => {
    await using kept = keepPython({ "app.py": `import p\nanswer = p.value\n${tail}`, ...inSite("p", text) });
    expect(await kept.answer(1)).toBe("none");
    await kept.waits(2);
    kept.project.write("comes.py", "value = 'comes'");
    kept.save();
    expect(await kept.answer(2)).toBe("comes");
  });

  test.each([
    ["a module in it", "sub/vendor/colorsys.py"],
    ["a directory that was there", "sub/vendor/colorsys/__init__.py"],
  ])(
    "starts cold where a place that the program names from its own directory has %s by the name of another one",
    async (_, file) => {
      await using kept = keepPython(
        {
          "sub/app.py": `import sys\nsys.path.insert(0, "vendor")\nimport p\nimport last\nanswer = p.value\n${tail.replace('"answers/"', '"../answers/"')}`,
          "app.py": "",
          "sub/last.py": "",
          "sub/vendor/colorsys/data.txt": "",
          ".reload.toml": '[proc]\ncwd = "sub"\n',
          ...inSite("p", "import colorsys\nvalue = getattr(colorsys, 'value', 'of Python')"),
        },
        [python, "app.py"],
      );
      expect(await kept.answer(1)).toBe("of Python");
      await kept.waits(2);
      kept.project.write(file, "value = 'own'");
      kept.save();
      expect(await kept.answer(2)).toBe("own");
    },
  );
});
