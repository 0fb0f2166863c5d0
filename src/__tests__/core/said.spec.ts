import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import messages from '../../core/said.json';
import { interpreter, inWords } from '../../core/said';

const CATALOGUE = JSON.parse(
  readFileSync(
    join(
      process.cwd(),
      'jupyter_monai_workshop/locale/de_DE/LC_MESSAGES/jupyter_monai_workshop.json'
    ),
    'utf8'
  )
) as Record<string, string[]>;

/** Put values in. */
function filled(message: string, values: readonly string[]): string {
  return message.replace(/%(\d+)/g, (_, place) => values[Number(place) - 1]!);
}

/** As many values as a message can have, none of which is a word of any message. */
const VALUES = ['2 Zoll', '11 Zoll', '6 Zoll', '9 Zoll', '8 Zoll'];

const german = interpreter(
  messages,
  (message, ...values) =>
    filled(CATALOGUE[`server\u0004${message}`]![0]!, values),
  new Intl.NumberFormat('de').format
);

const english = interpreter(
  messages,
  (message, ...values) => filled(message, values),
  String
);

/** What marks whatever is translated. */
const marked = interpreter(
  messages,
  (message, ...values) => `<${filled(message, values)}>`,
  String
);

describe('what the server says', () => {
  it('is said in German', () => {
    expect(german('The disk is full.')).toBe('Die Festplatte ist voll.');
  });

  it.each([
    'The GPU is here. Only 1.5 GiB of the GPU’s memory is free.',
    "Only 2.5 GiB of the GPU's memory is free, not 8.5 GiB. Training will take much longer.",
    'The folder “a: b. c” is already there and holds something else. Nothing in it was changed.',
    '93 packages, at least 312.4 MB, from pypi.org',
    'Ready: Python 3.11.7 and torch 2.13.0.',
    'Something that an author has written. And more of it.',
    'a\nb',
    ''
  ])('comes out as it was where the other language is English: %s', text => {
    expect(english(text)).toBe(text);
  });

  it.each(messages)('is found: %s', message => {
    const text = filled(message, VALUES);
    expect(marked(text)).toBe(`<${text}>`);
    expect(german(text)).toBe(
      filled(CATALOGUE[`server\u0004${message}`]![0]!, VALUES)
    );
  });

  it('has translations in what is put in, but not in names', () => {
    expect(
      marked(
        'The folder “a” is already there and holds something else. Nothing in it was changed.'
      )
    ).toBe(
      '<The folder “a” <is already there and holds something else>. Nothing in it was changed.>'
    );
    expect(marked('The data set “The disk is full.” is here.')).toBe(
      '<The data set “The disk is full.” is here.>'
    );
  });

  it('may be several sentences', () => {
    expect(marked('The disk is full. Made up. Run it again.')).toBe(
      '<The disk is full.> Made up. <Run it again.>'
    );
    expect(marked('The GPU is here.')).toBe('<The GPU is here>.');
  });

  it('has its numbers written the other way', () => {
    expect(german('at least 312.4 MB')).toMatch(/ 312,4 MB$/);
    expect(german('Python 3.11')).toBe('Python 3.11');
  });
});

it('of an answer, the words of the server are said, and nothing else', () => {
  const answer = {
    title: 'The disk is full.',
    text: 'The disk is full.',
    number: 1,
    steps: [
      {
        reason: 'The disk is full.',
        looked: [{ text: 'An image is shown', holds: true, found: null }],
        failure: { code: 'x', message: 'Odd.', details: 'The disk is full.' }
      }
    ]
  };
  expect(inWords(answer, marked)).toEqual({
    ...answer,
    steps: [
      {
        reason: '<The disk is full.>',
        looked: [{ text: '<An image is shown>', holds: true, found: null }],
        failure: { code: 'x', message: 'Odd.', details: 'The disk is full.' }
      }
    ]
  });
});
