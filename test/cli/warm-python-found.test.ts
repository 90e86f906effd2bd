/** What a package of Python finds while it is loaded, of what a program brings itself: as in a cold start. */
import { describe, expect, test } from "vitest";
import { hasPython, inSite, keepPython, realPython as python, site, tail } from "./warm-python-rig.ts";
import { second } from "./warm-rig.ts";

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
    of_part: ["from http.client import HTTP_PORT\nvalue = HTTP_PORT", 8080],
  };
  const setUp = `import sys, os, codecs, csv, mimetypes, encodings.aliases
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
