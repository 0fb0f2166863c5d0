import type { Event } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';
import { clientFailure, WorkshopFailure } from '../core/failure';
import type { Snapshot } from '../core/snapshot';
import { Actions } from '../lab/actions';
import { WorkshopClient } from '../lab/client';
import type { Notebooks } from '../lab/notebooks';
import { keepInStep } from '../lab/upkeep';
import { Workshop } from '../lab/workshop';
import { job, snapshot } from './fixtures';
import { Server } from './server';

let server: Server;
let workshop: Workshop;
let actions: Actions;
/** What was done, in order. */
let done: string[];
let answer: boolean;

const OPEN = ['first light/classify.ipynb', 'first light/more/own.ipynb'];

/** A main area that notes what it is asked for. */
const notebooks = {
  find: () => undefined,
  below: (folder: string) => OPEN.filter(path => path.startsWith(folder)),
  save: (paths: readonly string[]) => note(`save ${paths.join(', ')}`),
  rest: (path: string) => note(`rest ${path}`),
  open: (path: string, kernel: string) => note(`open ${path} ${kernel}`),
  openFile: (path: string) => note(`open ${path}`),
  takeFromDisk: (paths: readonly string[]) => note(`read ${paths.join(', ')}`)
};

function note(what: string): Promise<void> {
  done.push(what);
  return Promise.resolve();
}

beforeEach(async () => {
  await given(snapshot());
});

afterEach(() => workshop.dispose());

async function given(first: Snapshot): Promise<void> {
  done = [];
  answer = true;
  server = new Server(first);
  const client = new WorkshopClient(server.settings);
  const start = client.startJob.bind(client);
  jest.spyOn(client, 'startJob').mockImplementation((id, kind, key, more) => {
    done.push(`start ${kind} ${JSON.stringify(more)}`);
    return start(id, kind, key, more);
  });
  server.answer('POST workshops/first-light/jobs', job(), 202);
  workshop?.dispose();
  workshop = new Workshop(
    client,
    new Signal<object, Event.Emission>({}) as unknown as Event.Stream
  );
  actions = new Actions(
    workshop,
    notebooks as unknown as Notebooks,
    ({ title }) => {
      done.push(`ask ${title}`);
      return Promise.resolve(answer);
    },
    {
      install: line => {
        done.push(`ask ${line}`);
        return Promise.resolve(answer);
      },
      restart: () => {
        done.push('ask restart');
        return Promise.resolve(answer);
      }
    }
  );
  await workshop.start();
}

describe('updating', () => {
  it('saves every open notebook of the workshop first', async () => {
    await actions.update({ restoreDeleted: true });
    expect(done).toEqual([
      `save ${OPEN.join(', ')}`,
      'start update {"restore_deleted":true}'
    ]);
  });

  it('is not begun when a notebook could not be saved', async () => {
    const save = jest
      .spyOn(notebooks, 'save')
      .mockRejectedValueOnce(
        new WorkshopFailure(clientFailure('notebook-not-saved'))
      );
    await actions.update();
    expect(done).toEqual([]);
    expect(workshop.state.notice?.code).toBe('notebook-not-saved');
    save.mockRestore();
  });

  it('is taken back the same way', async () => {
    await actions.undoUpdate();
    expect(done).toEqual([`save ${OPEN.join(', ')}`, 'start undo {}']);
  });
});

describe('starting again', () => {
  it('asks, saves, ends the kernel, and begins', async () => {
    await actions.startAgain('classify');
    expect(done).toEqual([
      'ask Classify',
      'rest first light/classify.ipynb',
      'start start_again {"module":"classify"}'
    ]);
  });

  it('does nothing when the answer is no', async () => {
    answer = false;
    await actions.startAgain('classify');
    expect(done).toEqual(['ask Classify']);
  });

  it('does nothing to a module that is not there', async () => {
    await actions.startAgain('elsewhere');
    expect(done).toEqual([]);
  });

  it('brings back without a question what is gone', async () => {
    const [first, ...others] = snapshot().modules;
    await given(
      snapshot({ modules: [{ ...first!, absent: true }, ...others] })
    );
    await actions.startAgain('classify');
    expect(done).toEqual([
      'rest first light/classify.ipynb',
      'start start_again {"module":"classify"}'
    ]);
  });
});

it('the primary button brings back a notebook without which nothing goes on', async () => {
  const [first, ...others] = snapshot().modules;
  await given(
    snapshot({
      modules: [{ ...first!, absent: true }, ...others],
      next: { action: 'stuck', module: '', step: '' }
    })
  );
  await actions.next();
  expect(done).toContain('start start_again {"module":"classify"}');
});

describe('opening a file of the materials', () => {
  it('opens it below their folder', async () => {
    await actions.openFile('scripts/train (new).py');
    expect(done).toEqual(['open first light/scripts/train (new).py']);
  });

  it('gives a notebook a kernel, so that nobody is asked for one', async () => {
    await actions.openFile('a (new).ipynb');
    expect(done).toEqual(['open first light/a (new).ipynb mw-first-light']);
  });
});

describe('installing into a kernel that runs', () => {
  beforeEach(() => {
    server.answer('GET workshops/first-light/pip', {
      line: '%pip install monai==1.5.2',
      kernel: 'k',
      python: '3.11.7',
      torch: '2.13.0'
    });
  });

  it('shows what will be run, and runs it on consent', async () => {
    await actions.installInKernel('classify');
    expect(done).toEqual([
      'ask %pip install monai==1.5.2',
      'start install_in_kernel {"module":"classify"}'
    ]);
  });

  it('is not done without consent, nor is the restart', async () => {
    answer = false;
    await actions.installInKernel('classify');
    await actions.restartInstalled('classify');
    expect(done).toEqual(['ask %pip install monai==1.5.2', 'ask restart']);
  });

  it('restarts the kernel on consent', async () => {
    await actions.restartInstalled('classify');
    expect(done).toEqual([
      'ask restart',
      'start restart_kernel {"module":"classify"}'
    ]);
  });
});

describe('what lies on disk', () => {
  beforeEach(() => {
    keepInStep(workshop, notebooks as unknown as Notebooks);
  });

  async function read(next: Partial<Snapshot>): Promise<void> {
    server.show(snapshot(next));
    await workshop.refresh();
  }

  it.each(['patches', 'update', 'undo', 'start_again'] as const)(
    'is taken into open notebooks after %s',
    async kind => {
      await read({ number: 8 });
      await read({ number: 9, jobs: [job({ kind })] });
      expect(done).toEqual([]);
      await read({ number: 10, jobs: [job({ kind, state: 'succeeded' })] });
      expect(done).toEqual([`read ${OPEN.join(', ')}`]);
    }
  );

  it('is left alone when only data came', async () => {
    await read({ number: 8, jobs: [job({ kind: 'data' })] });
    await read({
      number: 9,
      jobs: [job({ kind: 'data', state: 'succeeded' })]
    });
    expect(done).toEqual([]);
  });
});
