import type { TranslationBundle } from '@jupyterlab/translation';
import type { Announcement } from '../core/announce';
import type { ClientCode } from '../core/failure';
import type { Primary } from '../core/primary';
import type {
  Failure,
  JobKind,
  JobStatus,
  PatchPreview,
  PreparationPart,
  State,
  Waiting
} from '../core/snapshot';
import {
  type Figure,
  type ILight,
  isWarning,
  type LightName,
  type Word
} from '../core/strip';
import { decimal, percent } from '../core/time';
import type { IPending } from '../tokens';

/** The state of a part or step. */
export function stateWord(trans: TranslationBundle, state: State): string {
  const words: Record<State, string> = {
    done: trans.__('Done'),
    ready: trans.__('To do'),
    running: trans.__('Running'),
    blocked: trans.__('Not yet possible'),
    failed: trans.__('Failed')
  };
  return words[state];
}

/** A part of getting ready. */
export function partTitle(
  trans: TranslationBundle,
  part: PreparationPart['name']
): string {
  const words: Record<PreparationPart['name'], string> = {
    materials: trans.__('Notebooks and files'),
    data: trans.__('Data'),
    patches: trans.__('Fixes to the notebooks'),
    environment: trans.__('Kernel for the notebooks')
  };
  return words[part];
}

/** What a step waits for, each kind once, in a list of the language. */
export function waitNames(
  trans: TranslationBundle,
  waits: readonly Waiting[],
  locale?: string
): string {
  const names = new Set(waits.map(each => partTitle(trans, each.part)));
  return new Intl.ListFormat(locale, { type: 'conjunction' }).format(names);
}

/** What a job does. */
export function jobTitle(trans: TranslationBundle, kind: JobKind): string {
  const words: Record<JobKind, string> = {
    prepare: trans.__('Getting ready'),
    materials: trans.__('Bringing notebooks and files'),
    data: trans.__('Bringing data'),
    patches: trans.__('Fixing the notebooks'),
    environment: trans.__('Making the kernel'),
    plan: trans.__('Finding out what will be installed'),
    install_in_kernel: trans.__('Installing into the kernel'),
    restart_kernel: trans.__('Restarting the kernel'),
    preflight: trans.__('Checking this machine'),
    update: trans.__('Updating the materials'),
    undo: trans.__('Undoing the update'),
    start_again: trans.__('Making a fresh notebook'),
    parameters: trans.__('Setting values in the notebook'),
    profile: trans.__('Fitting the notebooks to this machine'),
    solution: trans.__('Filling in the solution'),
    report: trans.__('Writing the report'),
    pack: trans.__('Packing for a room without network')
  };
  return words[kind];
}

/** What a job is busy with. */
export function phaseWord(
  trans: TranslationBundle,
  phase: JobStatus['phase']
): string {
  const words: Record<JobStatus['phase'], string> = {
    waiting: trans.__('Waiting'),
    looking: trans.__('Looking'),
    connecting: trans.__('Connecting'),
    receiving: trans.__('Receiving'),
    resolving: trans.__('Choosing versions'),
    downloading: trans.__('Downloading'),
    installing: trans.__('Installing'),
    copying: trans.__('Copying'),
    writing: trans.__('Writing'),
    verifying: trans.__('Verifying'),
    merging: trans.__('Merging'),
    packing: trans.__('Packing')
  };
  return words[phase];
}

/** The label of the primary button. */
export function primaryLabel(trans: TranslationBundle, offer: Primary): string {
  switch (offer.kind) {
    case 'prepare':
      return offer.again
        ? trans.__('Try again')
        : trans.__('Get everything ready');
    case 'run':
      return offer.again
        ? trans.__('Run again: %1', offer.place.step.title)
        : trans.__('Run: %1', offer.place.step.title);
    case 'bring-back':
      return trans.__('Bring the notebook back');
    case 'trust':
      return trans.__('Trust this workshop');
    case 'finished':
      return trans.__('Finished');
    case 'wait':
      return trans.__('Working…');
  }
}

/** What is going on between a click and the first sign of it in the snapshot. */
export function pendingWord(
  trans: TranslationBundle,
  action: IPending['action']
): string {
  const words: Record<IPending['action'], string> = {
    prepare: trans.__('Asking the server…'),
    trust: trans.__('Asking the server…'),
    'open-notebook': trans.__('Opening the notebook and its kernel…'),
    'run-step': trans.__('Opening the notebook and its kernel…'),
    'open-file': trans.__('Opening the file…'),
    select: trans.__('Switching the workshop…'),
    update: trans.__('Saving your notebooks…'),
    undo: trans.__('Saving your notebooks…'),
    'start-again': trans.__('Saving your notebook and ending its kernel…'),
    'run-module': trans.__('Opening the notebook and its kernel…'),
    restart: trans.__('Starting the kernel again…'),
    'set-parameters': trans.__('Changing the notebook…'),
    profile: trans.__('Changing the notebooks…'),
    solution: trans.__('Changing the notebook…'),
    report: trans.__('Asking the server…')
  };
  return words[action];
}

/** What a light of the strip is about. */
export function lightTitle(trans: TranslationBundle, name: LightName): string {
  const words: Record<LightName, string> = {
    gpu: trans.__('GPU'),
    kernel: trans.__('Kernel'),
    disk: trans.__('Disk'),
    memory: trans.__('Memory'),
    shared_memory: trans.__('Shared memory'),
    driver: trans.__('GPU driver'),
    processors: trans.__('CPU'),
    network: trans.__('Network'),
    gpu_memory: trans.__('GPU memory'),
    studio: trans.__('Instance')
  };
  return words[name];
}

/** The word that a light of the strip says. */
export function lightWord(trans: TranslationBundle, word: Word): string {
  const words: Record<Word, string> = {
    ready: trans.__('Ready'),
    none: trans.__('None'),
    'not-needed': trans.__('Not needed'),
    enough: trans.__('Enough'),
    small: trans.__('Small'),
    low: trans.__('Low'),
    'too-little': trans.__('Too little'),
    'nearly-full': trans.__('Nearly full'),
    broken: trans.__('Unusable'),
    trouble: trans.__('Trouble'),
    unchecked: trans.__('Not yet'),
    unknown: trans.__('Unknown'),
    'not-made': trans.__('Not yet'),
    idle: trans.__('Idle'),
    busy: trans.__('Busy'),
    dead: trans.__('Dead')
  };
  return words[word];
}

/** The verdict of a light in a sentence. */
export function lightMessage(
  trans: TranslationBundle,
  light: ILight,
  locale?: string
): string {
  if (light.message !== '') {
    return light.message;
  }
  if (light.figure) {
    const figure = figureWords(trans, light.figure, locale);
    return trans.__('The training uses %1 now.', figure);
  }
  switch (light.word) {
    case 'not-made':
      return trans.__('The kernel is made when everything is got ready.');
    case 'ready':
      return trans.__('The kernel starts with the first notebook.');
    case 'idle':
      return trans.__('The kernel waits for work.');
    case 'busy':
      return trans.__('The kernel works.');
    case 'dead':
      return trans.__('The kernel died. The next step starts a new one.');
    default:
      return trans.__('This was not checked yet.');
  }
}

/** What a training uses of something, in the least space: "93%", or "12.0 GiB". */
export function figureWord(
  trans: TranslationBundle,
  figure: Figure,
  locale?: string
): string {
  return figure.kind === 'busy'
    ? percent(figure.share, locale)
    : trans.__('%1 GiB', gib(figure.used, locale));
}

/** What a training uses of something: "93%", or "12.0 of 15.0 GiB". */
export function figureWords(
  trans: TranslationBundle,
  figure: Figure,
  locale?: string
): string {
  if (figure.kind === 'busy') {
    return percent(figure.share, locale);
  }
  const [used, total] = [figure.used, figure.total].map(bytes =>
    gib(bytes, locale)
  );
  return trans.__('%1 of %2 GiB', used, total);
}

/** An amount of data in megabytes: "12.4 MB". */
export function megabytes(
  trans: TranslationBundle,
  bytes: number,
  locale?: string
): string {
  const digits = { maximumFractionDigits: bytes < 10e6 ? 1 : 0 };
  const amount = new Intl.NumberFormat(locale, digits).format(bytes / 1e6);
  return trans.__('%1 MB', amount);
}

function gib(bytes: number, locale?: string): string {
  return decimal(bytes / 1024 ** 3, 1, locale);
}

/** How many things about the machine ask for attention; empty when none does. */
export function warningsWord(
  trans: TranslationBundle,
  lights: readonly ILight[]
): string {
  const count = lights.filter(isWarning).length;
  return count > 0 ? trans._n('%1 warning', '%1 warnings', count) : '';
}

/** Whether a patch is applied. */
export function patchWord(
  trans: TranslationBundle,
  state: PatchPreview['state']
): string {
  const words: Record<PatchPreview['state'], string> = {
    applied: trans.__('Applied'),
    pending: trans.__('Will be applied'),
    conflict: trans.__('Cannot be applied')
  };
  return words[state];
}

/** What happened, for who listens. */
export function announcementWord(
  trans: TranslationBundle,
  said: Announcement
): string {
  switch (said.kind) {
    case 'step-done':
      return trans.__('%1: done.', said.title);
    case 'step-failed':
      return trans.__('%1: failed.', said.title);
    case 'step-running':
      return trans.__('%1: running.', said.title);
    case 'step-stopped':
      return trans.__('%1: stopped.', said.title);
    case 'kernel-dead':
      return trans.__('%1: the kernel died.', said.title);
    case 'kernel-unheard':
      return trans.__('%1: no contact with the kernel.', said.title);
    case 'job-running':
      return trans.__('%1: started.', jobTitle(trans, said.job));
    case 'job-done':
      return trans.__('%1: done.', jobTitle(trans, said.job));
    case 'job-failed':
      return trans.__('%1: failed.', jobTitle(trans, said.job));
    case 'job-stopped':
      return trans.__('%1: stopped.', jobTitle(trans, said.job));
    case 'finished':
      return trans.__('Every step of the workshop is done.');
    case 'outdated':
      return trans.__('A newer version of the materials is there.');
  }
}

/** A failure with words: its own, or ours for what the browser found. */
export function failureWords(
  trans: TranslationBundle,
  failure: Failure
): Failure {
  if (failure.message !== '') {
    return failure;
  }
  const words: Record<ClientCode, Pick<Failure, 'message' | 'hint'>> = {
    'extension-missing': {
      message: trans.__('The server part of the workshop does not answer.'),
      hint: trans.__(
        'Restart the Jupyter server, or ask who installed it to run: jupyter server extension list'
      )
    },
    'server-unreachable': {
      message: trans.__('The Jupyter server cannot be reached.'),
      hint: trans.__(
        'Check your network. Nothing is lost: what runs goes on, and this panel tries again by itself.'
      )
    },
    'signed-out': {
      message: trans.__('The Jupyter server wants you to sign in again.'),
      hint: trans.__('Reload this page.')
    },
    'unexpected-answer': {
      message: trans.__('Something unexpected happened.'),
      hint: trans.__('Try again. If it stays, copy the details and ask.')
    },
    'notebook-not-opened': {
      message: trans.__('The notebook could not be opened with its kernel.'),
      hint: trans.__('Get everything ready again, then open it once more.')
    },
    'notebook-elsewhere': {
      message: trans.__('The notebook was opened in a tab of its own.'),
      hint: trans.__('Go on there: the panel is in it, too.')
    },
    'notebook-not-saved': {
      message: trans.__('A notebook could not be saved, so nothing was done.'),
      hint: trans.__('Save it yourself, then try again.')
    },
    'cells-not-found': {
      message: trans.__('The cells of this step are not in the notebook.'),
      hint: trans.__(
        'They may have been moved or deleted. Undo that in the notebook, or run the cells by hand.'
      )
    },
    'change-not-saved': {
      message: trans.__(
        'The change is in the notebook, which could not be saved.'
      ),
      hint: trans.__('Save it yourself.')
    },
    'exercise-open': {
      message: trans.__('This cell is an exercise: it still holds ???.'),
      hint: trans.__(
        'Write what is missing in its place, then go on. Nothing went wrong.'
      )
    },
    'kernel-unheard': {
      message: trans.__('This page no longer hears the kernel.'),
      hint: trans.__(
        'What runs goes on. Reload this page; what the cell printed meanwhile comes back.'
      )
    },
    'notebook-changing': {
      message: trans.__(
        'Somebody is writing in these cells, so nothing was changed.'
      ),
      hint: trans.__('Try again in a moment.')
    },
    'step-blocked': {
      message: trans.__('The next step cannot be run yet.'),
      hint: ''
    }
  };
  const known = words[failure.code as ClientCode] as
    Pick<Failure, 'message' | 'hint'> | undefined;
  const { message, hint } = known ?? words['unexpected-answer'];
  return { ...failure, message, hint: failure.hint || hint };
}
