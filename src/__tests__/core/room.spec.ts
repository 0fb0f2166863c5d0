import { type IPresence, writer } from '../../core/room';

function room(...there: [number, string | null][]): Map<number, IPresence> {
  return new Map(there.map(([number, kernel]) => [number, { kernel }]));
}

describe('in a notebook that several have open', () => {
  it.each<[string, Map<number, IPresence>, number | null]>([
    ['whoever asked for the run writes', room([3, 'a'], [7, 'asked']), 7],
    ['else the lowest number', room([7, 'b'], [3, 'a'], [11, null]), 3],
    ['of those who hear the kernel', room([7, 'b'], [3, null]), 7],
    ['one without a kernel writes too', room([3, null]), 3],
    ['nobody, where nobody is', room(), null]
  ])('%s', (_, there, expected) => {
    expect(writer(there, 'asked')).toBe(expected);
  });
});
