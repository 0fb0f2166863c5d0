import { type Output, outputChange, textOf } from '../../core/outputs';

function stream(text: string | string[], name = 'stdout'): Output {
  return { output_type: 'stream', name, text };
}

function image(data: string): Output {
  return {
    output_type: 'display_data',
    data: { 'image/png': data },
    metadata: {}
  };
}

describe('outputs that follow others', () => {
  it.each<[string, Output[], Output[], string]>([
    ['nothing to nothing', [], [], 'none'],
    ['nothing to something', [], [stream('a')], 'more'],
    ['the same', [stream('a'), image('x')], [stream('a'), image('x')], 'none'],
    [
      'the same in other words',
      [{ ...stream(['a\n', 'b']) }],
      [{ text: 'a\nb', name: 'stdout', output_type: 'stream' }],
      'none'
    ],
    ['a further one', [stream('a')], [stream('a'), image('x')], 'more'],
    ['a stream that goes on', [stream('a')], [stream('ab')], 'stream'],
    ['a line written anew', [stream('10%')], [stream('20%')], 'stream'],
    ['another stream', [stream('a')], [stream('ab', 'stderr')], 'all'],
    [
      'an earlier one changed',
      [stream('a'), image('x')],
      [stream('b'), image('x')],
      'all'
    ],
    ['another image', [image('x')], [image('y')], 'all'],
    ['fewer', [stream('a'), image('x')], [stream('a')], 'all'],
    ['cleared', [stream('a')], [], 'all'],
    [
      'a stream, then an image',
      [stream('a')],
      [stream('ab'), image('x')],
      'stream'
    ]
  ])('%s', (_, before, after, kind) => {
    const change = outputChange(before, after, before);
    expect(change.kind).toBe(kind);
    expect(applied(before, change).map(plain)).toEqual(after.map(plain));
  });

  it.each<[string, Output[] | null]>([
    ['nothing', null],
    ['less', [stream('1')]],
    ['something else', [stream('1'), image('x')]]
  ])('are not cut by a page that wrote %s', (_, written) => {
    const change = outputChange([stream('10%')], [stream('20%')], written);
    expect(change.kind).toBe('all');
    const more = outputChange([stream('10%')], [stream('10%\n20%')], written);
    expect(more.kind).toBe('stream');
  });

  it('never cuts a character in two', () => {
    const held = [stream('a🫁')];
    const change = outputChange(held, [stream('a🫀')], held);
    expect(change).toMatchObject({ kind: 'stream', keep: 1, text: '🫀' });
  });
});

/** What a reader of the change would have. */
function applied(
  before: readonly Output[],
  change: ReturnType<typeof outputChange>
): readonly Output[] {
  switch (change.kind) {
    case 'none':
      return before;
    case 'more':
      return [...before, ...change.outputs];
    case 'all':
      return change.outputs;
    case 'stream': {
      const held = before[change.index]!;
      const text = textOf(held).slice(0, change.keep) + change.text;
      const kept = before.slice(0, change.index);
      return [...kept, { ...held, text }, ...change.outputs];
    }
  }
}

function plain(output: Output): Output {
  return output.output_type === 'stream'
    ? { ...output, text: textOf(output) }
    : output;
}
