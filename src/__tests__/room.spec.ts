import { YNotebook } from '@jupyter/ydoc';
import type { NotebookPanel } from '@jupyterlab/notebook';
import {
  applyAwarenessUpdate,
  encodeAwarenessUpdate
} from 'y-protocols/awareness';
import { NotebookRoom } from '../lab/room';

/** A page that has the notebook open. */
interface IPage {
  readonly room: NotebookRoom;
  readonly shared: YNotebook;
}

let pages: IPage[] = [];

beforeEach(() => jest.useFakeTimers());

afterEach(() => {
  for (const { room, shared } of pages) {
    room.dispose();
    shared.dispose();
  }
  pages = [];
  jest.useRealTimers();
});

/**
 * Open the notebook in one more page.
 *
 * The server of a room sends on what a page says of itself, and tells one that joins
 * nothing of the others.
 */
function join(kernel: string): IPage {
  const shared = new YNotebook();
  const { awareness } = shared;
  const model = { collaborative: true, sharedModel: shared };
  const room = new NotebookRoom({
    model
  } as unknown as NotebookPanel['context']);
  const page = { room, shared };
  pages.push(page);
  awareness.on('update', (_: unknown, origin: unknown) => {
    if (origin === 'local') {
      const said = encodeAwarenessUpdate(awareness, [awareness.clientID]);
      for (const other of pages.filter(each => each !== page)) {
        applyAwarenessUpdate(other.shared.awareness, said, 'server');
      }
    }
  });
  room.present(kernel);
  jest.advanceTimersByTime(500);
  return page;
}

function writers(requester: string): number {
  return pages.filter(({ room }) => room.writes(requester)).length;
}

it('who joins soon hears of those that are there, so one alone writes', () => {
  for (const kernel of ['first', 'second', 'third', 'fourth']) {
    join(kernel);
    expect(writers('gone')).toBe(1);
    expect(writers('first')).toBe(1);
  }
});

it('who says nothing more is answered once', () => {
  join('first');
  const second = join('second');
  let said = 0;
  second.shared.awareness.on('update', () => (said += 1));
  const third = join('third');
  // What the third says, the answers to it, and its own to those.
  expect(said).toBeLessThan(10);
  said = 0;
  third.room.present('third');
  expect(said).toBe(0);
});
