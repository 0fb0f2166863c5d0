import type { PreflightCheck, Snapshot } from '../../core/snapshot';
import { lights } from '../../core/strip';
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
