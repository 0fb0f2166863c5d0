import type { PreflightCheck, Snapshot, Usage } from '../../core/snapshot';
import { isTelling, lights, verdicts } from '../../core/strip';
import { snapshot } from '../fixtures';

describe('lights', () => {
  const word = (given: Snapshot, name: string): string[] =>
    lights(given)
      .filter(light => light.name === name)
      .map(light => `${light.level} ${light.word}`);
  const kernel = (state: Snapshot['kernel']['state']): Snapshot =>
    snapshot({ kernel: { name: 'k', display_name: 'K', state } });

  const gpu = (level: PreflightCheck['level'], used: boolean): Snapshot => {
    const preflight = snapshot().preflight!;
    const checks = preflight.checks.map(check =>
      check.name === 'gpu' ? { ...check, level } : check
    );
    return snapshot({ preflight: { ...preflight, gpu: used, checks } });
  };

  it.each([
    ['gpu', snapshot(), ['warn none']],
    ['gpu', gpu('pass', false), ['pass not-needed']],
    ['gpu', gpu('pass', true), ['pass ready']],
    ['gpu', gpu('warn', true), ['warn small']],
    ['gpu', gpu('unknown', false), ['unknown unknown']],
    ['disk', snapshot(), ['pass enough']],
    ['memory', snapshot(), []],
    ['gpu', snapshot({ preflight: null }), ['none unchecked']],
    ['kernel', kernel('missing'), ['none not-made']],
    ['kernel', kernel('busy'), ['busy busy']],
    ['kernel', kernel('dead'), ['fail dead']]
  ])('%s', (name, given, expected) => {
    expect(word(given, name)).toEqual(expected);
  });

  it('shows that the network is in the way, and nothing of one that is not', () => {
    const check = {
      name: 'network',
      level: 'warn',
      found: '',
      wanted: '',
      message: 'One address cannot be reached.',
      remedy: '',
      details: ''
    } as const;
    const preflight = snapshot().preflight!;
    const given = (level: 'warn' | 'pass') =>
      snapshot({
        preflight: {
          ...preflight,
          checks: [...preflight.checks, { ...check, level }]
        }
      });
    expect(word(given('warn'), 'network')).toEqual(['warn trouble']);
    expect(word(given('pass'), 'network')).toEqual([]);
  });

  it('shows memory when it is short', () => {
    const before = snapshot();
    const checks = before.preflight!.checks.map(check =>
      check.name === 'memory' ? { ...check, level: 'fail' as const } : check
    );
    const after = snapshot({ preflight: { ...before.preflight!, checks } });
    expect(word(after, 'memory')).toEqual(['fail too-little']);
  });
});

describe('while a training runs', () => {
  const GIB = 1024 ** 3;
  const usage = (different: Partial<Usage>): Usage => ({
    processor: 'gpu',
    name: 'Tesla T4',
    busy: 0.93,
    memory_used: 12 * GIB,
    memory_total: 15 * GIB,
    ...different
  });
  const said = (used: Usage | null, given = snapshot()): string[] =>
    lights({ ...given, usage: used })
      .filter(light => light.figure !== null)
      .map(light => `${light.name} ${light.level} ${light.word}`);
  const works = (): Snapshot => {
    const preflight = snapshot().preflight!;
    const checks = preflight.checks.map(check =>
      check.name === 'gpu' ? { ...check, level: 'pass' as const } : check
    );
    return snapshot({ preflight: { ...preflight, gpu: true, checks } });
  };

  it.each<[string, Usage | null, string[]]>([
    ['nothing is shown without one', null, []],
    ['a GPU at work', usage({}), ['gpu pass busy', 'gpu_memory pass enough']],
    [
      'a GPU that waits',
      usage({ busy: 0.02 }),
      ['gpu none idle', 'gpu_memory pass enough']
    ],
    [
      'a GPU that is nearly full',
      usage({ memory_used: 14 * GIB }),
      ['gpu pass busy', 'gpu_memory warn nearly-full']
    ],
    [
      'a slice, which does not say how busy it is',
      usage({ busy: null }),
      ['gpu_memory pass enough']
    ],
    ['nothing is known', usage({ busy: null, memory_used: null }), []],
    [
      'the processors',
      usage({ processor: 'cpu', name: '4 processors' }),
      ['processors pass busy', 'memory pass enough']
    ]
  ])('%s', (_, used, expected) => {
    expect(said(used, works())).toEqual(expected);
  });

  it('keeps a warning, with the figure beside it', () => {
    expect(said(usage({}))[0]).toBe('gpu warn none');
  });
});

describe('verdicts', () => {
  it('are all there, GPU and kernel first, with what is asked for', () => {
    const rows = verdicts(snapshot());
    expect(rows.map(row => row.name)).toEqual([
      'gpu',
      'kernel',
      'disk',
      'memory'
    ]);
    expect(rows[2]).toMatchObject({ found: '50 GiB', wanted: '1 GiB' });
    expect(
      verdicts(snapshot({ preflight: null })).map(row => row.name)
    ).toEqual(['kernel']);
  });

  it('need no sentence where the figures say it', () => {
    const telling = verdicts(snapshot()).filter(isTelling);
    expect(telling.map(row => row.name)).toEqual(['gpu', 'kernel']);
  });
});
