/** Whether a text has this name, as a word of a program. */
export const hasWord = (text: string, name: string): boolean =>
  text.includes(name) && new RegExp(`(?<![\\w$])${name.replaceAll(/[^\w\s]/g, "\\$&")}(?![\\w$])`).test(text);
