/** Says an English sentence of the server in the language of the page. */
export type Say = (english: string) => string;

/**
 * Words a message of the server's.
 *
 * @param message - The message, with `%1` and so on for what is put in.
 * @param values - What is put in.
 */
export type Translate = (message: string, ...values: string[]) => string;

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
  /** Whether that is hardly a word, as in `%1 of %2`. */
  readonly isBare: boolean;
}

const PLACE = /%(\d+)/;
const QUANTITY = /^(\d+\.\d+) (kB|MB|GB|MiB|GiB)$/;
/** Where a text may be taken apart, the best first. */
const JOINTS = [/(?<=[.!?:])( )/, /(; )/, /(, )/];
const FIGURE = /^\d[\d.,]*( [A-Za-z]+)?$/;
/** Texts to remember; what is shown changes little from one snapshot to the next. */
const REMEMBERED = 500;

/**
 * What says the server's sentences in another language.
 *
 * The server writes English, with names and figures put in. A sentence is found again by
 * the words of it that are always the same; what is put in may be such a text itself. What
 * is not found stays as it is.
 *
 * @param messages - All that the server can say.
 * @param translate - Words one of them.
 * @param format - Writes a number.
 */
export function interpreter(
  messages: readonly string[],
  translate: Translate,
  format: (value: number) => string
): Say {
  const whole = new Set(messages.filter(each => !PLACE.test(each)));
  const patterns = messages
    .filter(each => PLACE.test(each))
    .map(patternOf)
    .sort((one, other) => other.fixed - one.fixed);
  const known = new Map<string, string>();

  function say(text: string): string {
    const bare = text.trim();
    if (bare === '') {
      return text;
    }
    const said = known.get(bare) ?? find(bare);
    if (known.size >= REMEMBERED) {
      known.clear();
    }
    known.set(bare, said);
    return text.replace(bare, () => said);
  }

  function find(text: string): string {
    return (
      asMessage(text, false) ?? inParts(text) ?? asMessage(text, true) ?? text
    );
  }

  /** @param wide - Whether several sentences may have been put in one place. */
  function asMessage(text: string, wide: boolean): string | null {
    const quantity = QUANTITY.exec(text);
    if (quantity) {
      return `${format(Number(quantity[1]))} ${quantity[2]}`;
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
          values[place - 1] = pattern.quoted.has(place) ? value : say(value);
        });
        return translate(pattern.message, ...values);
      }
    }
    return null;
  }

  function inParts(text: string): string | null {
    for (const joint of JOINTS) {
      const parts = text.split(joint);
      const said = parts.length > 1 ? parts.map(say) : parts;
      if (said.some((part, at) => part !== parts[at])) {
        return said.join('');
      }
    }
    return null;
  }

  return say;
}

/** The fields of the server's answers that hold its own sentences. */
const FIELDS: ReadonlySet<string> = new Set([
  'message',
  'hint',
  'reason',
  'found',
  'wanted',
  'remedy',
  'problem'
]);

/**
 * An answer of the server, with its sentences in the language of the page.
 *
 * What the author of a workshop has written stays.
 */
export function inWords<T>(answer: T, say: Say): T {
  return worded(answer, say) as T;
}

function worded(value: unknown, say: Say): unknown {
  if (Array.isArray(value)) {
    return value.map(each => worded(each, say));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  // What was looked at in a cell is told in words of the server, too.
  const isFinding = 'holds' in value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      typeof each === 'string'
        ? FIELDS.has(name) || (isFinding && name === 'text')
          ? say(each)
          : each
        : worded(each, say)
    ])
  );
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
  return {
    message,
    expression: new RegExp(`^${source}$`),
    places,
    quoted: new Set(places.filter((_, at) => isQuoted(at))),
    fixed: fixed.join('').length,
    isBare: fixed.join('').replace(/[^a-z]/gi, '').length < 4
  };
}

/**
 * Whether a text is likely to be that message.
 *
 * @param wide - Whether several sentences may have been put in one place.
 */
function fits(pattern: IPattern, found: string[], wide: boolean): boolean {
  return (
    (wide || !found.some(isLong)) && (!pattern.isBare || FIGURE.test(found[0]!))
  );
}

/** Whether a text that was put in is more than one sentence. */
function isLong(value: string): boolean {
  return /[.!?] \S/.test(value);
}
