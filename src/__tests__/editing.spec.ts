import { YNotebook } from '@jupyter/ydoc';
import { applyEdits } from '../lab/editing';

// Yjs warns of the way in which the shared model makes its cells.
beforeAll(() => jest.spyOn(console, 'warn').mockImplementation());
afterAll(() => jest.restoreAllMocks());

const EPOCHS = { index: 0, start: 9, end: 10, text: '2' };
const BATCH = { index: 1, start: 8, end: 10, text: '16' };

function notebook(disableDocumentWideUndoRedo: boolean): YNotebook {
  const made = new YNotebook({ disableDocumentWideUndoRedo });
  made.insertCells(0, [
    { cell_type: 'code', source: 'epochs = 4' },
    { cell_type: 'code', source: 'batch = 32' }
  ]);
  made.clearUndoHistory();
  return made;
}

function sources(made: YNotebook): string[] {
  return made.cells.map(cell => cell.getSource());
}

describe('an edit of an open notebook', () => {
  it.each([true, false])(
    'changes only its piece (undo by cell: %s)',
    byCell => {
      const made = notebook(byCell);
      const first = made.cells[0]!;
      first.updateSource(0, 0, '# mine 🫁\n');
      applyEdits(made, [{ ...EPOCHS, start: 19, end: 20 }]);
      expect(first.getSource()).toBe('# mine 🫁\nepochs = 2');
    }
  );

  it('is one step of Undo, apart from what was typed just before and after', () => {
    const made = notebook(true);
    const first = made.cells[0]!;
    first.updateSource(10, 10, ' # mine');
    applyEdits(made, [
      { index: 0, start: 9, end: 10, text: '2' },
      { index: 0, start: 0, end: 0, text: 'n_' }
    ]);
    first.updateSource(0, 0, '# more\n');
    first.undo();
    expect(first.getSource()).toBe('n_epochs = 2 # mine');
    first.undo();
    expect(first.getSource()).toBe('epochs = 4 # mine');
    first.redo();
    expect(first.getSource()).toBe('n_epochs = 2 # mine');
  });

  it('in several cells is one step where Undo is of the notebook', () => {
    const made = notebook(false);
    applyEdits(made, [EPOCHS, BATCH]);
    expect(sources(made)).toEqual(['epochs = 2', 'batch = 16']);
    made.undo();
    expect(sources(made)).toEqual(['epochs = 4', 'batch = 32']);
  });

  it('in several cells is one step of each where Undo is of the cell', () => {
    const made = notebook(true);
    applyEdits(made, [EPOCHS, BATCH]);
    made.cells[1]!.undo();
    expect(sources(made)).toEqual(['epochs = 2', 'batch = 32']);
  });
});
