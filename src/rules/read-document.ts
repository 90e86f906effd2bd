/** What reads a file of each format; each is loaded with the first file of its kind, or ahead. */
import { placeAt, type SourceText } from "../config/text/source.ts";
import type { Problem } from "../core/problem.ts";
import { type DocumentReading, refusedDocument } from "./document.ts";
import type { Format } from "./format.ts";
import { withoutSecrets } from "./secrets.ts";

const titles: Readonly<Record<Format, string>> = {
  json: "JSON",
  yaml: "YAML",
  toml: "TOML",
  properties: "a properties file",
  env: "an env file",
};

/** Never throws for what stands in the file. No line that it points at shows the value of a secret. */
export async function readDocument(source: SourceText, format: Format): Promise<DocumentReading> {
  const reader = await readerOf(format);
  const reading = await readBy(reader, source, format);
  return reading.ok ? reading : { ok: false, problems: reading.problems.map((each) => shown(each, source, format)) };
}

/** What a parser proposes is made of what stands in the line. */
function shown(problem: Problem, source: SourceText, format: Format): Problem {
  const { hint: _, ...rest } = problem;
  const safe = withoutSecrets(problem, source, format);
  return safe.place?.text === problem.place?.text ? problem : withoutSecrets(rest, source, format);
}

type Reader = (source: SourceText) => DocumentReading | Promise<DocumentReading>;

async function readBy(read: Reader, source: SourceText, format: Format): Promise<DocumentReading> {
  try {
    return await read(source);
  } catch (error) {
    // Nested so deeply that a parser runs out of stack, or a fault of the parser: in both cases the file is not usable.
    const reason = error instanceof RangeError ? "it is nested too deeply" : firstLine(error);
    return refusedDocument(`this is not ${titles[format]}: ${reason}`, placeAt(source, 1, 1));
  }
}

/** For files that are yet to come: what reads them will not be there when the package is replaced. */
export async function loadReaders(formats: Iterable<Format>): Promise<void> {
  await Promise.all(Array.from(new Set(formats), readerOf));
}

async function readerOf(format: Format): Promise<Reader> {
  switch (format) {
    case "json":
      return (await import("./formats/json.ts")).readJsonDocument;
    case "yaml":
      return (await import("./formats/yaml.ts")).readYaml;
    case "toml":
      return (await import("./formats/toml.ts")).readToml;
    case "properties":
      return (await import("./formats/properties.ts")).readProperties;
    case "env":
      return (await import("./formats/dotenv.ts")).readEnv;
  }
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n")[0]?.trim() ?? "";
