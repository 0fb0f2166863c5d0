import { diffLines } from '../../core/diff';

describe('diffLines', () => {
  it('leaves out the header and tells the kinds apart', () => {
    const diff =
      '--- a.ipynb\n+++ a.ipynb\n@@ -1,2 +1,2 @@\n same\n--- removed\n+added\n';
    expect(diffLines(diff).map(line => line.kind)).toEqual([
      'place',
      'same',
      'removed',
      'added'
    ]);
  });

  it('has no lines when nothing changes', () => {
    expect(diffLines('')).toEqual([]);
  });
});
