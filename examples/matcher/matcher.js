// Of the content only what is published restarts the server; drafts do not. For all else this module abstains.
export default {
  name: "published content",

  judge({ path }) {
    if (!path.startsWith("content/")) return undefined;
    return path.includes(".draft.")
      ? { verdict: "ignore", because: "a draft" }
      : { verdict: "restart", because: "published" };
  },

  // Archives are large, and never change.
  enters: (directory) => (directory === "content/archive" ? false : undefined),
};
