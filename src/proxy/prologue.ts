/**
 * Where a script goes into a page: behind `<head>`, or where the head would begin. Only what may stand before the first
 * element of a head is read (doctype, comments, `<html>`), so the rest of a page streams through untouched, and a
 * fragment, which has none of it, is recognised. The tags may be left out of HTML, as many pages do.
 */

export type Prologue =
  /** Further bytes decide. */
  | { readonly is: "open" }
  /** Not a page: a fragment, or something else altogether. */
  | { readonly is: "fragment" }
  | { readonly is: "page"; readonly at: number };

/** The byte order mark of UTF-8. */
const mark = "\u00ef\u00bb\u00bf";
const space = /[\t\n\f\r ]/;

/**
 * `text`: the first bytes of a document, each as one character (`latin1`), so that positions are those of bytes.
 * `isEnd`: nothing follows.
 */
export function readPrologue(text: string, isEnd = false): Prologue {
  let isPage = false;
  let at = text.startsWith(mark) ? mark.length : 0;
  const open = (): Prologue => {
    if (!isEnd) return { is: "open" };
    return isPage ? { is: "page", at } : { is: "fragment" };
  };
  if (mark.startsWith(text)) return open();
  for (;;) {
    while (at < text.length && space.test(text.charAt(at))) at += 1;
    const rest = text.slice(at, at + 16).toLowerCase();
    if (rest === "") return open();
    if (rest.startsWith("<!--")) {
      const end = text.indexOf("-->", at + 4);
      if (end < 0) return open();
      at = end + 3;
      continue;
    }
    if (rest.startsWith("<?") || rest.startsWith("<!doctype")) {
      const end = text.indexOf(">", at);
      if (end < 0) return open();
      isPage ||= rest.startsWith("<!");
      at = end + 1;
      continue;
    }
    const tag = /^<(html|head)(?=[\s/>])/.exec(rest)?.[1];
    if (tag !== undefined) {
      const end = endOfTag(text, at);
      if (end < 0) return open();
      at = end;
      if (tag === "head") return { is: "page", at };
      isPage = true;
      continue;
    }
    const isCut = ["<!--", "<!doctype", "<html>", "<head>"].some(
      (word) => rest.length < word.length && word.startsWith(rest),
    );
    if (isCut) return open();
    return isPage ? { is: "page", at } : { is: "fragment" };
  }
}

/** Behind the `>` of a tag; a `>` in a quoted attribute is none. */
function endOfTag(text: string, from: number): number {
  let quote = "";
  for (let at = from; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (quote !== "") {
      if (character === quote) quote = "";
    } else if (character === '"' || character === "'") quote = character;
    else if (character === ">") return at + 1;
  }
  return -1;
}
