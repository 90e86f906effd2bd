/** The one place that knows ajv: 50 ms of loading, for those who have a schema. */
import { Ajv, type Options } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { SchemaDraft } from "./drafts.ts";

export function createAjv(draft: SchemaDraft, options: Options): Ajv | Ajv2019 | Ajv2020 {
  const Judge = { "draft-07": Ajv, "2019-09": Ajv2019, "2020-12": Ajv2020 }[draft];
  const ajv = new Judge({
    ...options,
    code: { ...options.code, regExp: Object.assign(expression, { code: "expression" }) },
  });
  addFormats.default(ajv);
  // Of draft-04; where it still stands it says nothing.
  ajv.removeKeyword("id");
  return ajv;
}

/**
 * As JSON Schema wants it, with `u`; else as editors and most validators read it: many schemas have escapes that `u` does not know
 * (`\_`, `\@`). Go's and Python's `(?i)` at the beginning is the flag.
 */
function expression(pattern: string, flags: string): RegExp {
  const [written = "", own = ""] = /^\(\?([ims]+)\)/.exec(pattern) ?? [];
  const text = pattern.slice(written.length);
  try {
    return new RegExp(text, flags + own);
  } catch (error) {
    try {
      return new RegExp(text, own);
    } catch {
      throw error;
    }
  }
}
