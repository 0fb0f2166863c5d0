import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inWords } from '../../core/rewording';
import messages from '../../core/said.json';
import { interpreter } from '../../core/said';

const PACKAGE = join(process.cwd(), 'jupyter_monai_workshop');

const CATALOGUE = JSON.parse(
  readFileSync(
    join(PACKAGE, 'locale/de_DE/LC_MESSAGES/jupyter_monai_workshop.json'),
    'utf8'
  )
) as Record<string, string[]>;

/** Put values in. */
function filled(message: string, values: readonly string[]): string {
  return message.replace(/%(\d+)/g, (_, place) => values[Number(place) - 1]!);
}

/** As many values as a message can have, none of which is a word of any message. */
const VALUES = ['2te', '11te', '6te', '9te', '8te'];

function number(locale: string) {
  return (value: number, digits: number) =>
    value.toLocaleString(locale, { minimumFractionDigits: digits });
}

const german = interpreter(
  messages,
  (message, ...values) =>
    filled(CATALOGUE[`server\u0004${message}`]![0]!, values),
  number('de')
);

const english = interpreter(
  messages,
  (message, ...values) => filled(message, values),
  number('en')
);

/** What marks whatever is translated. */
const marked = interpreter(
  messages,
  (message, ...values) => `<${filled(message, values)}>`,
  number('en')
);

describe('what the server says', () => {
  it('is said in German', () => {
    expect(german('The disk is full.')).toBe('Die Festplatte ist voll.');
  });

  it.each([
    'The GPU is here. Only 1.5 GiB of the GPU’s memory is free.',
    "Only 2.5 GiB of the GPU's memory is free, not 8.0 GiB. Training will take much longer.",
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

  it.each([
    [
      'The folder “a” is already there and holds something else. Nothing in it was changed.',
      '<The folder “a” <is already there and holds something else>. Nothing in it was changed.>'
    ],
    [
      'The data set “The disk is full.” is here.',
      '<The data set “The disk is full.” is here.>'
    ],
    [
      'No code cell matches the heading "1. Setup", the text "a, b".',
      '<No code cell matches <the heading "1. Setup">, <the text "a, b">.>'
    ],
    [
      'First: “Check the packages. Or 3 files, say”.',
      '<First: “Check the packages. Or 3 files, say”.>'
    ],
    ['2.0 MB of about 59.0 MB', '<2.0 MB of <about 59.0 MB>>'],
    [
      '93 packages, at least 312.4 MB, from pypi.org, example.org',
      '<<93 packages>, <at least 312.4 MB>, from pypi.org, example.org>'
    ],
    [
      'This is SageMaker Studio on an unknown instance: NVIDIA T4, 4 processors, 15.0 GiB.',
      '<This is SageMaker Studio on an unknown instance: NVIDIA T4, <4 processors>, 15.0 GiB.>'
    ],
    [
      'The disk is full. Made up, of many words. Run it again.',
      '<The disk is full.> Made up, of many words. <Run it again.>'
    ],
    ['The GPU is here.', '<The GPU is here>.']
  ])('is told from what is put in: %s', (text, said) => {
    expect(marked(text)).toBe(said);
  });

  it('has its numbers written the other way, with as many digits', () => {
    expect(german('at least 312.4 MB')).toMatch(/ 312,4 MB$/);
    expect(german('15.0 GiB')).toBe('15,0 GiB');
    expect(german('Python 3.11')).toBe('Python 3.11');
  });

  it('takes no time where it is not the server that says it', () => {
    const before = performance.now();
    for (const text of [
      'a, '.repeat(4000),
      'Files are in a. '.repeat(1000),
      `The environment was built on Python ${'at '.repeat(3000)}`
    ]) {
      expect(german(text)).toBe(text);
    }
    expect(performance.now() - before).toBeLessThan(1000);
  });
});

describe('what somebody else says stays as it is', () => {
  const paragraphs = ['first-light', 'rsna-2023'].flatMap(workshop =>
    readFileSync(join(PACKAGE, 'workshops', workshop, 'workshop.yaml'), 'utf8')
      .split(/\n(?=\s*$|\s*- |\s*\w+: )/m)
      .map(each => each.replace(/^\s*(- )?\w+: [>|]?/, ''))
      .map(each => each.split(/\s+/).join(' ').trim())
      // Some have taken over what the server says of such a failure.
      .filter(each => each !== '' && !messages.includes(each))
  );

  it.each([
    ...new Set(paragraphs),
    'Found 3 files',
    '10 of 100 images',
    '0.99 of the test pictures are right',
    'len(x) or 3 files',
    'Slides are here, from 9 am.',
    'Files are in /data.',
    'Define the loss, from MONAI, as in the paper',
    'Check the packages.'
  ])('%s', text => {
    expect(marked(text)).toBe(text);
  });
});

it('of an answer, the words of the server are said, and nothing else', () => {
  const full = 'The disk is full.';
  const found = { text: full, holds: true, found: full };
  const raised = { code: 'cell_error', message: full, hint: full };
  const answer = {
    title: full,
    text: full,
    number: 1,
    step: {
      reason: full,
      found: [found, { ...found, text: 'Files a/*.gz' }],
      failure: { code: 'x', message: 'Odd.', details: full },
      remedies: [{ values: { message: full } }],
      exercises: [{ solved: false, hint: full }]
    },
    failed: { reason: full, failure: raised },
    catalogue: { workshops: [], message: full }
  };
  const said = `<${full}>`;
  expect(inWords(answer, marked)).toEqual({
    ...answer,
    step: {
      ...answer.step,
      reason: said,
      found: [
        { ...found, text: said },
        { ...found, text: '<Files a/*.gz>', found: said }
      ]
    },
    failed: { reason: full, failure: { ...raised, hint: said } }
  });
});
