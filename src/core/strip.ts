import type { PreflightCheck, Snapshot, Usage } from './snapshot';

/** How well something stands: decides colour and shape. */
export type Level = PreflightCheck['level'] | 'busy' | 'none';

/** The one word that a light of the strip says; translated by the panel. */
export type Word =
  | 'ready'
  | 'none'
  | 'not-needed'
  | 'enough'
  | 'small'
  | 'low'
  | 'too-little'
  | 'nearly-full'
  | 'broken'
  | 'trouble'
  | 'unchecked'
  | 'unknown'
  | 'not-made'
  | 'idle'
  | 'busy'
  | 'dead';

/** What a light of the strip is about. */
export type LightName = PreflightCheck['name'] | 'kernel' | 'gpu_memory';

/** What a training uses: a share of the power, or bytes of memory. */
export type Figure =
  | { readonly kind: 'busy'; readonly share: number }
  | { readonly kind: 'memory'; readonly used: number; readonly total: number };

/** One thing about the machine: a light of the strip, and a row of the table behind it. */
export interface ILight {
  /** What it is about. */
  readonly name: LightName;
  /** How well it stands. */
  readonly level: Level;
  /** How it stands, in one word. */
  readonly word: Word;
  /** What was found, in figures; may be empty. */
  readonly found: string;
  /** What the workshop asks for, in figures; may be empty. */
  readonly wanted: string;
  /** The verdict in a sentence; empty where the panel has its own words. */
  readonly message: string;
  /** What to do about it; may be empty. */
  readonly remedy: string;
  /** Technical words worth copying; mostly empty. */
  readonly details: string;
  /** What a training uses of it now; `null` while none does. */
  readonly figure: Figure | null;
}

/** How full memory may be before a training is in danger. */
const NEARLY_FULL = 0.9;
/** Below this share of its power, a processor waits more than it works. */
const IDLE = 0.1;

/**
 * The lights of the strip: GPU, kernel and disk always, the others when one is a problem.
 */
export function lights(snapshot: Snapshot): readonly ILight[] {
  const checks = snapshot.preflight?.checks ?? [];
  const gpuUsed = snapshot.preflight?.gpu ?? false;
  const light = (name: PreflightCheck['name']): ILight => {
    const check = checks.find(each => each.name === name);
    return check ? fromCheck(check, gpuUsed) : blank(name);
  };
  const troubled = checks
    .filter(check => check.name !== 'gpu' && check.name !== 'disk')
    .filter(check => check.level === 'warn' || check.level === 'fail')
    .map(check => fromCheck(check, gpuUsed));
  const shown = [light('gpu'), kernelLight(snapshot), light('disk')];
  return withUsage([...shown, ...troubled], snapshot.usage ?? null);
}

/** Everything that was found out about the machine, the GPU and its kernel first. */
export function verdicts(snapshot: Snapshot): readonly ILight[] {
  const checks = snapshot.preflight?.checks ?? [];
  const gpuUsed = snapshot.preflight?.gpu ?? false;
  const rows = checks.map(check => fromCheck(check, gpuUsed));
  const first = rows.filter(row => ['gpu', 'driver'].includes(row.name));
  const rest = rows.filter(row => !first.includes(row));
  return [...first, kernelLight(snapshot), ...rest];
}

/** Whether the sentence of a verdict says more than its figures do. */
export function isTelling(light: ILight): boolean {
  const amounts: readonly LightName[] = [
    'memory',
    'shared_memory',
    'processors',
    'disk'
  ];
  return light.level !== 'pass' || !amounts.includes(light.name);
}

/** Whether a light asks for attention. */
export function isWarning(light: ILight): boolean {
  return light.level === 'warn' || light.level === 'fail';
}

/** The lights with what a training uses: a warning stays one, and gets the figure. */
function withUsage(
  before: readonly ILight[],
  usage: Usage | null
): readonly ILight[] {
  const shown = [...before];
  for (const used of usage ? usageLights(usage) : []) {
    const place = shown.findIndex(light => light.name === used.name);
    const same = shown[place];
    if (same === undefined) {
      shown.push(used);
    } else {
      const { figure, level, word } = used;
      shown[place] = isWarning(same)
        ? { ...same, figure }
        : { ...same, figure, level, word };
    }
  }
  return shown;
}

function usageLights(usage: Usage): readonly ILight[] {
  const onGpu = usage.processor === 'gpu';
  const { busy, memory_used: used, memory_total: total } = usage;
  const found: ILight[] = [];
  if (busy !== null) {
    found.push({
      ...blank(onGpu ? 'gpu' : 'processors'),
      level: busy < IDLE ? 'none' : 'pass',
      word: busy < IDLE ? 'idle' : 'busy',
      found: usage.name,
      figure: { kind: 'busy', share: busy }
    });
  }
  if (used !== null && total !== null && total > 0) {
    const full = used / total >= NEARLY_FULL;
    found.push({
      ...blank(onGpu ? 'gpu_memory' : 'memory'),
      level: full ? 'warn' : 'pass',
      word: full ? 'nearly-full' : 'enough',
      figure: { kind: 'memory', used, total }
    });
  }
  return found;
}

function fromCheck(check: PreflightCheck, gpuUsed: boolean): ILight {
  return { ...check, word: wordOf(check, gpuUsed), figure: null };
}

function blank(name: LightName): ILight {
  return {
    name,
    level: 'none',
    word: 'unchecked',
    found: '',
    wanted: '',
    message: '',
    remedy: '',
    details: '',
    figure: null
  };
}

function wordOf(check: PreflightCheck, gpuUsed: boolean): Word {
  switch (check.name) {
    case 'gpu':
      return gpuWord(check, gpuUsed);
    case 'driver':
    case 'network':
    case 'studio':
      return conditionWord(check.level);
    default:
      return amountWord(check.level);
  }
}

function conditionWord(level: PreflightCheck['level']): Word {
  switch (level) {
    case 'pass':
      return 'ready';
    case 'warn':
      return 'trouble';
    case 'fail':
      return 'broken';
    case 'unknown':
      return 'unknown';
  }
}

function gpuWord(check: PreflightCheck, gpuUsed: boolean): Word {
  if (check.level === 'unknown') {
    return 'unknown';
  }
  if (gpuUsed) {
    return check.level === 'pass' ? 'ready' : 'small';
  }
  switch (check.level) {
    case 'pass':
      return 'not-needed';
    case 'warn':
      return 'none';
    case 'fail':
      return 'broken';
  }
}

function amountWord(level: PreflightCheck['level']): Word {
  switch (level) {
    case 'pass':
      return 'enough';
    case 'warn':
      return 'low';
    case 'fail':
      return 'too-little';
    case 'unknown':
      return 'unknown';
  }
}

function kernelLight(snapshot: Snapshot): ILight {
  const { state, display_name } = snapshot.kernel;
  const shown = {
    missing: { level: 'none', word: 'not-made' },
    ready: { level: 'pass', word: 'ready' },
    idle: { level: 'pass', word: 'idle' },
    busy: { level: 'busy', word: 'busy' },
    dead: { level: 'fail', word: 'dead' }
  } as const;
  return {
    ...blank('kernel'),
    ...shown[state],
    found: state === 'missing' ? '' : display_name
  };
}
