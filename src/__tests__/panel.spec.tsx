import { act } from 'react';
import { CommandIDs } from '../tokens';
import { job, parts, snapshot, withStep } from './fixtures';
import {
  NOT_PREPARED,
  click,
  executed,
  host,
  one,
  row,
  server,
  show,
  update,
  workshop
} from './harness';

describe('the primary button', () => {
  const finished = { action: 'finished', module: '', step: '' } as const;
  const wait = { action: 'wait', module: '', step: '' } as const;
  it.each([
    ['Get everything ready', NOT_PREPARED, 'false'],
    ['Run: Make the data', snapshot(), 'false'],
    ['Working…', snapshot({ next: wait }), 'true'],
    ['Finished', snapshot({ next: finished }), 'true']
  ])('says %s', async (label, given, disabled) => {
    await show(given);
    const button = one('[data-action="next"]');
    expect(button.textContent).toBe(label);
    expect(button.getAttribute('aria-disabled')).toBe(disabled);
    button.click();
    expect(executed.map(([command]) => command)).toEqual(
      disabled === 'true' ? [] : [CommandIDs.next]
    );
  });

  it('waits while an action is on its way', async () => {
    await show(snapshot());
    let finish = (): void => undefined;
    await act(async () => {
      void workshop.act(
        { action: 'open-notebook' },
        () => new Promise(resolve => (finish = resolve))
      );
      await Promise.resolve();
    });
    expect(one('[data-action="next"]').textContent).toBe('Working…');
    await act(async () => {
      finish();
      await Promise.resolve();
    });
    expect(one('[data-action="next"]').textContent).toBe('Run: Make the data');
  });
});

describe('jobs', () => {
  it('shows how far a job is', async () => {
    await show(snapshot({ jobs: [job()] }));
    const bar = one('[data-job="prepare"] [role="progressbar"]');
    expect(bar.getAttribute('aria-valuenow')).toBe('42');
    expect(bar.getAttribute('aria-valuetext')).toBe('Installing 42%');
    expect(one('[data-job]').textContent).toContain('monai 1.5.2');
  });

  it('claims no percentage that is not known', async () => {
    await show(snapshot({ jobs: [job({ fraction: null })] }));
    expect(one('[role="progressbar"]').hasAttribute('aria-valuenow')).toBe(
      false
    );
  });

  it('can be stopped', async () => {
    await show(snapshot({ jobs: [job()] }));
    await click('[data-action="cancel"]');
    expect(executed).toEqual([[CommandIDs.cancel, { job: 'job-1' }]]);
  });

  it('shows none that ended', async () => {
    await show(snapshot({ jobs: [job({ state: 'succeeded' })] }));
    expect(host.querySelector('[role="progressbar"]')).toBeNull();
  });
});

describe('the strip', () => {
  it('has a word for GPU, kernel and disk', async () => {
    await show(snapshot());
    const lights = [...host.querySelectorAll('[data-light]')];
    expect(lights.map(each => each.textContent)).toEqual([
      'GPU None',
      'Kernel Ready',
      'Disk Enough'
    ]);
  });

  it('tells a warning without being asked, before the preparation', async () => {
    await show(NOT_PREPARED);
    expect(host.textContent).toContain('The steps take longer.');
  });

  it('tells what a training uses, in a word and figures', async () => {
    const usage = {
      processor: 'cpu',
      name: '4 processors',
      busy: 0.854,
      memory_used: 6.25 * 1024 ** 3,
      memory_total: 16 * 1024 ** 3
    } as const;
    await show(snapshot({ usage }));
    expect(one('[data-light="processors"]').textContent).toBe('CPU Busy 85%');
    expect(one('[data-light="memory"]').textContent).toBe(
      'Memory Enough 6.3 GiB'
    );
    expect(one('[data-light="memory"]').title).toBe(
      'The training uses 6.3 of 16.0 GiB now.'
    );
    await update(snapshot({ number: 8 }));
    expect(host.querySelector('[data-light="processors"]')).toBeNull();
  });
});

describe('the table of the machine', () => {
  const toggle = '.jp-mod-machine > .jp-MonaiWorkshop-toggle';
  const cells = (check: string): (string | null)[] =>
    [...one(`[data-check="${check}"] tr:first-child`).children].map(
      it => it.textContent
    );

  it('is one click away once all is ready, and counts its warnings', async () => {
    await show(snapshot());
    expect(one(toggle).textContent).toBe('About this machine 1 warning');
    expect(host.querySelector('[data-check]')).toBeNull();
    await click(toggle);
    expect(cells('gpu')).toEqual(['GPU None', '–', '4 GiB']);
    expect(cells('disk')).toEqual(['Disk Enough', '50 GiB', '1 GiB']);
    expect(one('[data-check="gpu"]').textContent).toContain(
      'The steps take longer.'
    );
  });

  it('says what is technical only when asked', async () => {
    const preflight = snapshot().preflight!;
    const [gpu, ...others] = preflight.checks;
    const checks = [{ ...gpu!, details: 'nvmlInit: (12)' }, ...others];
    await show(snapshot({ preflight: { ...preflight, checks } }));
    await click(toggle);
    expect(host.textContent).not.toContain('nvmlInit');
    await click('[data-check="gpu"] button');
    expect(host.textContent).toContain('nvmlInit: (12)');
  });

  it('looks again when asked', async () => {
    await show(snapshot());
    await click(toggle);
    await click('[data-action="preflight"]');
    expect(executed).toEqual([[CommandIDs.preflight, {}]]);
  });
});

describe('where no kernel can be made', () => {
  const stuck = (remedy: 'install_in_kernel' | 'restart_kernel') => ({
    preparation: parts('done').map(part =>
      part.name === 'environment'
        ? { ...part, state: 'blocked' as const, remedy }
        : part
    )
  });

  it('asks for a notebook with a kernel first', async () => {
    await show(snapshot(stuck('install_in_kernel')));
    await click('[data-step="environment"] button');
    expect(one('[data-step="environment"]').textContent).toContain(
      'Open a notebook of the workshop'
    );
  });

  it.each([
    ['install_in_kernel', CommandIDs.installInKernel],
    ['restart_kernel', CommandIDs.restartInstalled]
  ] as const)('offers %s in the kernel that runs', async (remedy, command) => {
    const before = snapshot(stuck(remedy));
    const modules = before.modules.map(each => ({ ...each, session: true }));
    await show({ ...before, modules });
    await click('[data-step="environment"] button');
    await click(`[data-action="${remedy}"]`);
    expect(executed).toEqual([[command, { module: 'classify' }]]);
  });
});

describe('patches', () => {
  it('are explained and previewed on demand', async () => {
    await show(NOT_PREPARED);
    server.answer('GET workshops/first-light/patches', {
      patches: [
        {
          module: 'segment',
          id: 'fire',
          why: 'A package was missing.',
          state: 'pending',
          message: ''
        }
      ],
      notebooks: [
        {
          module: 'segment',
          notebook: 'segment.ipynb',
          diff: '--- a\n+++ b\n@@ -1 +1,2 @@\n same\n+import fire\n',
          failure: null
        }
      ]
    });
    await click('[data-step="patches"] > button');
    await click('[data-step="patches"] .jp-MonaiWorkshop-disclosure button');
    expect(row('prepare', 'patches').textContent).toContain(
      'A package was missing.'
    );
    expect(one('[data-patch="fire"]').dataset.state).toBe('pending');
    expect(one('.jp-MonaiWorkshop-diff .jp-mod-added').textContent).toBe(
      '+import fire\n'
    );
  });
});

describe('the packages', () => {
  const open = async () => {
    await click('[data-step="environment"] > button');
    await click(
      '[data-step="environment"] .jp-MonaiWorkshop-disclosure button'
    );
  };

  it('are named with version, size and source', async () => {
    await show(NOT_PREPARED);
    server.answer('GET workshops/first-light/plan', {
      plan: {
        python: '3.11.7',
        torch: '2.6.0',
        packages: [
          { name: 'fire', version: '0.7.1', size: 115_900, source: 'an.index' },
          { name: 'monai', version: '1.5.2', size: null, source: '/wheels' }
        ],
        inherited: { torch: '2.6.0' }
      }
    });
    await open();
    const text = row('prepare', 'environment').textContent;
    expect(text).toContain('2 packages, 0.1 MB. On Python 3.11.7 with PyTorch');
    expect(one('[data-package="fire"]').textContent).toBe(
      'fire 0.7.10.1 MBan.index'
    );
    expect(one('[data-package="monai"]').textContent).toBe(
      'monai 1.5.2–/wheels'
    );
  });

  it('can be found out before anything is installed', async () => {
    await show(NOT_PREPARED);
    server.answer('GET workshops/first-light/plan', { plan: null });
    await open();
    await click('[data-action="plan"]');
    expect(executed).toEqual([[CommandIDs.plan, {}]]);
  });
});

describe('the header', () => {
  it('has every other workshop one click away', async () => {
    await show(snapshot(), snapshot({ id: 'rsna-2023', title: 'RSNA 2023' }));
    await click('[data-action="switch"]');
    await click('[data-action="select"][data-workshop="rsna-2023"]');
    expect(executed).toEqual([[CommandIDs.select, { workshop: 'rsna-2023' }]]);
  });
});

describe('the live region', () => {
  it('says politely what happened, and says no progress', async () => {
    await show(snapshot({ jobs: [job({ fraction: 0.1 })] }));
    await update(snapshot({ number: 8, jobs: [job({ fraction: 0.2 })] }));
    expect(one('[aria-live="polite"]').textContent).toBe('');
    await update(
      withStep(snapshot({ number: 9, jobs: [job()] }), 'data', {
        state: 'done'
      })
    );
    expect(one('[aria-live="polite"]').textContent).toBe(
      'Make the data: done.'
    );
  });
});
