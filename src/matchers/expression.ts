/**
 * Regular expressions of the user's that cannot hold the program up: V8 goes on in linear time where it would otherwise try without end,
 * and what its linear engine cannot run (look-ahead, references to groups, many repetitions) has a limit.
 * Measured on Node 20, 22, 24 and 26; see docs/decisions/0056-expressions-under-a-limit.md.
 */
export interface Expression {
  readonly source: string;
  test(text: string): boolean;
}

/** For one text. Node makes a thread for it each time, which takes some 0.3 ms. */
const limitMs = 100;

/** Texts up to here are tried without a limit by what cannot explode. */
const shortText = 1_000;

let isPrepared = false;

/** The linear engine takes over after 50,000 steps back. Has to come before the first expression is compiled. */
function prepare(): void {
  if (isPrepared) return;
  isPrepared = true;
  const { setFlagsFromString } = process.getBuiltinModule("node:v8");
  setFlagsFromString("--enable-experimental-regexp-engine-on-excessive-backtracks");
  // Only for the flag `l`, by which an expression can be asked whether that engine knows all that is in it.
  setFlagsFromString("--enable-experimental-regexp-engine");
}

/**
 * Throws a SyntaxError as `new RegExp` does.
 * @param givenUp hears once if a text takes too long: it counts as no match, and so does every later one
 */
export function expressionOf(source: string, givenUp: (text: string) => void = () => {}): Expression {
  prepare();
  const expression = new RegExp(source);
  if (isLinear(source)) return expression;
  const isCalm = isHarmless(source);
  let limited: ((text: string) => boolean) | undefined;
  let isGivenUp = false;
  return {
    source,
    test(text) {
      if (isGivenUp) return false;
      if (isCalm && text.length <= shortText) return expression.test(text);
      limited ??= withLimit(expression);
      try {
        return limited(text);
      } catch {
        isGivenUp = true;
        givenUp(text);
        return false;
      }
    },
  };
}

function isLinear(source: string): boolean {
  try {
    new RegExp(source, "l");
    return true;
  } catch {
    return false;
  }
}

/** No repetition within a repetition, and no more than two that are open: the work grows with the square of the text at most. */
function isHarmless(source: string): boolean {
  const plain = source.replaceAll(/\\.|\[(?:\\.|[^\]\\])*\]/gs, "a");
  const open = plain.match(/[*+]|\{\d+,\}/g)?.length ?? 0;
  const isRepeatedGroup = /\)(?:[*+]|\{\d)/.test(plain);
  return open <= 2 && !isRepeatedGroup && !/\{\d{3,}/.test(plain);
}

function withLimit(expression: RegExp): (text: string) => boolean {
  const { createContext, Script } = process.getBuiltinModule("node:vm");
  const context = createContext({ text: "", expression });
  const script = new Script("expression.test(text)");
  return (text) => {
    context["text"] = text;
    return script.runInContext(context, { timeout: limitMs }) === true;
  };
}
