/** Says an English sentence of the server in the language of the page. */
export type Say = (english: string) => string;

/**
 * Words a message of the server's.
 *
 * @param message - The message, with `%1` and so on for what is put in.
 * @param values - What is put in.
 */
export type Translate = (message: string, ...values: string[]) => string;

/** Writes a number with so many digits after the point. */
export type Format = (value: number, digits: number) => string;

/** A message with places in which something is put. */
interface IPattern {
  readonly message: string;
  readonly expression: RegExp;
  /** The numbers of its places, from left to right. */
  readonly places: readonly number[];
  /** Those places that stand in quotation marks: there are names in them, no words. */
  readonly quoted: ReadonlySet<number>;
  /** How much of it is always the same. */
  readonly fixed: number;
  /** Whether so little is always the same that anything might look like it. */
  readonly isWeak: boolean;
  /** Whether that is hardly a word. */
  readonly isBare: boolean;
}

const PLACE = /%(\d+)/;
const QUANTITY = /^(\d+)(?:\.(\d+))? (kB|MB|GB|MiB|GiB)$/;
/** Fewer letters than this could stand in any text: `%1 files`, `%1 of %2`. */
const TELLING = 10;
/** Fewer letters than this are hardly a word. */
const WORD = 4;
/** A little is telling before a colon, as in `Printed: %1`. */
const LABELLED = /^[A-Z][a-z ]+: %1\.?$/;
/** A name of one word, or of several such as `NVIDIA T4`. */
const NAME = /^\S+( [A-Z0-9(]\S*)*$/;
const PARTS = /(?<=[.!?:])( )/g;
const SENTENCES = /(?<=[.!?])( )/g;
const LIST = /(, |; )/g;
/** The server says nothing longer; what is longer comes from elsewhere. */
const LONGEST = 1000;
/** Texts to remember; what is shown changes little from one snapshot to the next. */
const REMEMBERED = 500;

/**
 * What says the server's sentences in another language.
 *
 * The server writes English, with names and figures put in. A sentence is found again by
 * the words of it that are always the same; what is put in may be such a text itself. What
 * is not found, as it is an author's or a program's, stays as it is.
 *
 * @param messages - All that the server can say.
 * @param translate - Words one of them.
 * @param format - Writes a number.
 */
export function interpreter(
  messages: readonly string[],
  translate: Translate,
  format: Format
): Say {
  const whole = new Set(messages.filter(each => !PLACE.test(each)));
  const patterns = messages
    .filter(each => PLACE.test(each))
    .map(patternOf)
    .sort((one, other) => other.fixed - one.fixed);
  const known = new Map<string, string>();

  function say(text: string): string {
    const bare = text.trim();
    if (bare === '' || bare.length > LONGEST) {
      return text;
    }
    const said = known.get(bare) ?? sentences(bare);
    known.set(bare, said);
    if (known.size > REMEMBERED) {
      known.delete(known.keys().next().value!);
    }
    return text.replace(bare, () => said);
  }

  function sentences(text: string): string {
    const message = one(text, false);
    if (message !== null) {
      return message;
    }
    const parts = apart(text, PARTS);
    const said = parts.map(part => one(part, false) ?? part);
    return said.some((part, at) => part !== parts[at])
      ? said.join('')
      : (one(text, true) ?? text);
  }

  /**
   * A text that is one message; `null` if it is none.
   *
   * @param wide - Whether several sentences may have been put in one place.
   */
  function one(text: string, wide: boolean): string | null {
    const [, before, after = '', unit] = QUANTITY.exec(text) ?? [];
    if (unit !== undefined) {
      return `${format(Number(`${before}.${after}`), after.length)} ${unit}`;
    }
    const said = exactly(text, wide);
    if (said !== null || !text.endsWith('.')) {
      return said;
    }
    const bare = exactly(text.slice(0, -1), wide);
    return bare === null ? null : `${bare}.`;
  }

  function exactly(text: string, wide: boolean): string | null {
    if (whole.has(text)) {
      return translate(text);
    }
    for (const pattern of patterns) {
      const found = pattern.expression.exec(text)?.slice(1);
      if (found && fits(pattern, found, wide)) {
        const values: string[] = [];
        pattern.places.forEach((place, at) => {
          const value = found[at]!;
          values[place - 1] = pattern.quoted.has(place)
            ? value
            : wide
              ? say(value)
              : putIn(value);
        });
        return translate(pattern.message, ...values);
      }
    }
    return null;
  }

  /** Whether a text that looks like a message is likely to be it. */
  function fits(pattern: IPattern, found: string[], wide: boolean): boolean {
    if (pattern.isBare && !found.some(value => /\d/.test(value))) {
      return false;
    }
    return pattern.places.every((place, at) => {
      const value = found[at]!;
      if (pattern.quoted.has(place)) {
        return true;
      }
      return (
        isBalanced(value) &&
        (wide || apart(value, SENTENCES).length === 1) &&
        (!pattern.isWeak ||
          apart(value, LIST).every(
            part => !/\S\s\S/.test(part) || one(part, false) !== null
          ))
      );
    });
  }

  /** What is put in: a message, a list of messages and names, or nothing of the server's. */
  function putIn(value: string): string {
    const bare = value.trim();
    const said = one(bare, false);
    if (said !== null) {
      return value.replace(bare, () => said);
    }
    const parts = apart(value, LIST);
    const words = parts.map(part => one(part.trim(), false));
    return parts.every(
      (part, at) => words[at] !== null || NAME.test(part.trim()) || at % 2 === 1
    )
      ? parts.map((part, at) => words[at] ?? part).join('')
      : value;
  }

  return say;
}

function patternOf(message: string): IPattern {
  // Fixed words and places take turns.
  const parts = message.split(PLACE);
  const fixed = parts.filter((_, at) => at % 2 === 0);
  const places = parts.filter((_, at) => at % 2 === 1).map(Number);
  const isQuoted = (at: number) => /[“"]$/.test(fixed[at]!);
  const source = fixed
    .map(each => each.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .reduce(
      (before, after, at) =>
        before + (isQuoted(at - 1) ? '([^“”"]*)' : '([^]*?)') + after
    );
  const letters = fixed.join('').replace(/[^a-z]/gi, '').length;
  return {
    message,
    expression: new RegExp(`^${source}$`),
    places,
    quoted: new Set(places.filter((_, at) => isQuoted(at))),
    fixed: fixed.join('').length,
    isWeak: letters < TELLING && !LABELLED.test(message),
    isBare: letters < WORD
  };
}

/** Take a text apart, but never inside quotation marks; joints and parts take turns. */
function apart(text: string, joints: RegExp): string[] {
  const parts: string[] = [];
  let start = 0;
  for (const joint of text.matchAll(joints)) {
    if (isBalanced(text.slice(0, joint.index))) {
      parts.push(text.slice(start, joint.index), joint[0]);
      start = joint.index + joint[0].length;
    }
  }
  return [...parts, text.slice(start)];
}

/** Whether every quotation mark that is opened is closed. */
function isBalanced(text: string): boolean {
  const count = (mark: string) => text.split(mark).length - 1;
  return count('“') === count('”') && count('"') % 2 === 0;
}
