import type { PreflightCheck, Snapshot } from './snapshot';

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
  | 'broken'
  | 'trouble'
  | 'unchecked'
  | 'unknown'
  | 'not-made'
  | 'idle'
  | 'busy'
  | 'dead';

/** What a light of the strip is about. */
export type LightName = PreflightCheck['name'] | 'kernel';

/** One light of the strip on top. */
export interface ILight {
  /**
   *
   */
  readonly name: LightName;
  /**
   *
   */
  readonly level: Level;
  /**
   *
   */
  readonly word: Word;
  /** What was found, in figures; may be empty. */
  readonly found: string;
  /** The verdict in a sentence; empty where the panel has its own words. */
  readonly message: string;
  /** What to do about it; may be empty. */
  readonly remedy: string;
}

/**
 * The lights of the strip: GPU, kernel and disk always, the others when one is a problem.
 */
export function lights(snapshot: Snapshot): readonly ILight[] {
  const checks = snapshot.preflight?.checks ?? [];
  const gpuUsed = snapshot.preflight?.gpu ?? false;
  const light = (name: PreflightCheck['name']): ILight => {
    const check = checks.find(each => each.name === name);
    return check ? fromCheck(check, gpuUsed) : notChecked(name);
  };
  const troubled = checks
    .filter(check => check.name !== 'gpu' && check.name !== 'disk')
    .filter(check => check.level === 'warn' || check.level === 'fail')
    .map(check => fromCheck(check, gpuUsed));
  return [light('gpu'), kernelLight(snapshot), light('disk'), ...troubled];
}

/** Whether a light asks for attention. */
export function isWarning(light: ILight): boolean {
  return light.level === 'warn' || light.level === 'fail';
}

function fromCheck(check: PreflightCheck, gpuUsed: boolean): ILight {
  const { name, level, found, message, remedy } = check;
  return { name, level, word: wordOf(check, gpuUsed), found, message, remedy };
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
    name: 'kernel',
    ...shown[state],
    found: state === 'missing' ? '' : display_name,
    message: '',
    remedy: ''
  };
}

function notChecked(name: PreflightCheck['name']): ILight {
  return {
    name,
    level: 'none',
    word: 'unchecked',
    found: '',
    message: '',
    remedy: ''
  };
}
