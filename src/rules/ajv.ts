/** The one place that knows ajv: 50 ms of loading, for those who have a schema. */
import { Ajv, type Options } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

export function createAjv(draft: "draft-07" | "2019-09" | "2020-12", options: Options): Ajv | Ajv2019 | Ajv2020 {
  const Judge = { "draft-07": Ajv, "2019-09": Ajv2019, "2020-12": Ajv2020 }[draft];
  const ajv = new Judge(options);
  addFormats.default(ajv);
  return ajv;
}
