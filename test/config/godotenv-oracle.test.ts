/** Env files as air reads them, compared with the library that reads them there. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseGoEnv } from "../../src/config/air/godotenv.ts";
import { needs } from "../rig/needs.ts";
import { newProject } from "../rig/project.ts";
import { good, loadIn } from "./loading.ts";

const program = `package main

import (
	"encoding/json"
	"os"

	"github.com/joho/godotenv"
)

// The texts come as a list in JSON; a file that is none becomes null.
func main() {
	var texts []string
	if json.NewDecoder(os.Stdin).Decode(&texts) != nil {
		os.Exit(1)
	}
	all := make([]map[string]string, len(texts))
	for i, text := range texts {
		if values, err := godotenv.Unmarshal(text); err == nil {
			delete(values, "")
			all[i] = values
		}
	}
	_ = json.NewEncoder(os.Stdout).Encode(all)
}
`;

/** Built once, and kept beside what else is made from packages. */
function oracle(): string | undefined {
  const directory = join(import.meta.dirname, "../../node_modules/.cache/oracles/godotenv");
  const binary = join(directory, process.platform === "win32" ? "oracle.exe" : "oracle");
  if (existsSync(binary)) return binary;
  if (!needs("go")) return undefined;
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "main.go"), program);
  writeFileSync(join(directory, "go.mod"), "module oracle\n\ngo 1.21\n\nrequire github.com/joho/godotenv v1.5.1\n");
  try {
    execFileSync("go", ["build", "-mod=mod", "-o", binary, "."], { cwd: directory, stdio: "pipe" });
    return binary;
  } catch (error) {
    if (process.env["RELOAD_TEST_REQUIRE_ALL"] !== undefined) throw error;
    process.stderr.write("skipped: godotenv cannot be had from Go's proxy\n");
    return undefined;
  }
}

const binary = oracle();

function byGodotenv(texts: readonly string[]): unknown {
  return JSON.parse(execFileSync(binary ?? "", { input: JSON.stringify(texts), encoding: "utf8" }));
}

const ours = (text: string): unknown => {
  const read = parseGoEnv(text);
  return read.ok ? Object.fromEntries(read.values) : null;
};

const written = [
  `HOST=db\nURL="pg://\${HOST}/x"\n`,
  `A=1\nB=$A-\${A}-$(A)-\\$A\nC='$A'\n`,
  'A="a\\nb\\t\\"c\\" \\$X"\n',
  "A=x # comment\nB=x#none\nC=a # b # c\n",
  "export A=1\nexportB=2\nexport\tC = 3\n",
  "A: yaml\nB:x\n",
  "A='multi\nline'\nB=\"multi\nline\"\n",
  "A=\nB=\n",
  "A=1\r\nB=2\r\n",
  "# only a comment",
  "NOT CLOSED='x\n",
  "A-B=1\n",
  'A=""quoted""\n',
  `A=\${lower}$UPPER$\n`,
  "A.B=1\n",
  "LAST",
];

describe.skipIf(binary === undefined)("an env file means what it means to air:", () => {
  test("as people write them", () => {
    expect(written.map(ours)).toEqual(byGodotenv(written));
  });

  test("of random pieces", () => {
    const piece = fc.constantFrom(
      ...`A B_1 A.b = : " ' # \\ $ \${A} $A $(A) \\n \\$ { } export x é 1 - ,`.split(" "),
      " ",
      "\n",
      "\n",
      "\r\n",
      "\t",
      "A=",
      "\nB=",
    );
    const texts = fc.sample(
      fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join("")),
      { numRuns: 4_000 },
    );
    const theirs = byGodotenv(texts);
    for (const [index, text] of texts.entries()) {
      // By bytes a letter of another script is no letter there: only that names have none in it is compared.
      if (/é/.test(text)) continue;
      expect(ours(text), JSON.stringify(text)).toEqual(Array.isArray(theirs) ? theirs[index] : undefined);
    }
  });
});

test("an air file's env_files are read so, and a mistake in one says where to look and takes no other with it", async () => {
  using project = newProject({
    ".air.toml": 'env_files = ["a.env", "b.env", "c.env"]\n[build]\ncmd = "true"\n',
    "a.env": `HOST=db\nURL="pg://\${HOST}/x"\n`,
    "b.env": "X='\n",
    "c.env": "Y=1\n",
  });
  const loaded = good(await loadIn(project));
  expect(loaded.fileEnv).toEqual({ HOST: "db", URL: "pg://db/x", Y: "1" });
  expect(loaded.warnings).toMatchObject([{ origin: "b.env", message: "not read: the quote ' is not closed" }]);
});

test("an env file of ours is not expanded", async () => {
  using project = newProject({
    ".reload.toml": 'env_files = ["a.env"]\n[proc]\ncmd = "x"\n',
    "a.env": `HOST=db\nURL="pg://\${HOST}/x"\n`,
  });
  expect(good(await loadIn(project)).fileEnv).toEqual({ HOST: "db", URL: `pg://\${HOST}/x` });
});
