/** Checks that are loaded when the first version of the configuration with a schema is in force. */
import type { ChecksParts, SchemaChecks } from "./checks.ts";

export function lateChecks(parts: ChecksParts): SchemaChecks {
  let loading: Promise<SchemaChecks> | undefined;
  let isFollowing = false;
  let isClosed = false;
  const loaded = (): Promise<SchemaChecks> => {
    loading ??= import("./checks.ts").then(({ createSchemaChecks: createChecks }) => createChecks(parts));
    return loading;
  };
  /** Nothing to do before there was a rule with a schema. */
  const now = async (): Promise<SchemaChecks | undefined> =>
    isClosed || (loading === undefined && parts.rules().length === 0) ? undefined : loaded();
  const follow = async (): Promise<void> => {
    const checks = await now();
    if (isFollowing && !isClosed) checks?.follow();
  };
  return {
    start: (job, check, demand) => void loaded().then((checks) => checks.start(job, check, demand)),
    cancel: (job) => void loading?.then((checks) => checks.cancel(job)),
    follow() {
      isFollowing = true;
      void follow();
    },
    prepare: async () => (await now())?.prepare(),
    review: async () => (await now())?.review(),
    async renew() {
      await follow();
      await (await now())?.renew();
    },
    close() {
      isClosed = true;
      void loading?.then((checks) => checks.close());
    },
  };
}
