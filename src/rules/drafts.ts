/** Which drafts of JSON Schema can be used, and by what a schema says which one it is of. */

export type SchemaDraft = "draft-07" | "2019-09" | "2020-12";

/** As ajv knows them: people write them with `https`, and with or without `#`. */
export const nameOfDraft: Readonly<Record<SchemaDraft, string>> = {
  "draft-07": "http://json-schema.org/draft-07/schema#",
  "2019-09": "https://json-schema.org/draft/2019-09/schema",
  "2020-12": "https://json-schema.org/draft/2020-12/schema",
};

export const supportedDrafts = "supported: draft-07, 2019-09 and 2020-12";

export type DraftReading = { readonly draft: SchemaDraft } | { readonly message: string };

/** @param name what `$schema` says; without one a schema is of the newest draft */
export function draftOf(name: unknown): DraftReading {
  if (name === undefined) return { draft: "2020-12" };
  const text = String(name);
  if (/^https?:\/\/json-schema\.org\/schema#?$/.test(text)) return { draft: "2020-12" };
  const draft = /^https?:\/\/json-schema\.org\/(?:draft\/)?([\w-]+)\/schema#?$/.exec(text)?.[1];
  if (draft === "draft-07" || draft === "2019-09" || draft === "2020-12") return { draft };
  return { message: `schemas of ${draft ?? JSON.stringify(text)} are not supported` };
}
