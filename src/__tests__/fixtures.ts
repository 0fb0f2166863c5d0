import type {
  Curve,
  JobStatus,
  ModuleView,
  ParameterView,
  PreparationPart,
  Snapshot,
  StepView,
  TrainingView,
  UpdateView
} from '../core/snapshot';

/** A step that is ready, with whatever is to be different. */
export function step(
  id: string,
  title: string,
  different: Partial<StepView> = {}
): StepView {
  return {
    id,
    title,
    text: `What **${title}** does.`,
    state: 'ready',
    expected: 30,
    elapsed: null,
    reason: '',
    failure: null,
    cells: [{ index: 3, id: 'abc' }],
    cells_done: 0,
    current_kernel: false,
    waits_for: [],
    training: null,
    found: [],
    failed_cell: null,
    remedies: [],
    parameters: [],
    exercises: [],
    ...different
  };
}

/** How far a training is, with whatever is to be different. */
export function training(different: Partial<TrainingView> = {}): TrainingView {
  return {
    step: null,
    steps: null,
    epoch: null,
    epochs: null,
    metrics: [],
    pace: null,
    left: null,
    curves: [],
    ...different
  };
}

/** The values of a metric, from x = 1 on, with whatever is to be different. */
export function curve(
  y: readonly (number | null)[],
  different: Partial<Curve> = {}
): Curve {
  return {
    name: 'loss',
    title: 'Loss',
    better: 'lower',
    digits: 3,
    by: 'step',
    x: y.map((_, index) => index + 1),
    y,
    ...different
  };
}

/** A number of epochs that can be chosen, with whatever is to be different. */
export function parameter(
  different: Partial<ParameterView> = {}
): ParameterView {
  return {
    id: 'epochs',
    title: 'Epochs',
    variable: 'max_epochs',
    value: 4,
    original: 4,
    choices: [
      { value: 4, effect: '10 minutes' },
      { value: 2, effect: '5 minutes, less accurate' }
    ],
    problem: '',
    ...different
  };
}

/** A job that runs, with whatever is to be different. */
export function job(different: Partial<JobStatus> = {}): JobStatus {
  return {
    id: 'job-1',
    kind: 'prepare',
    workshop: 'first-light',
    subject: '',
    state: 'running',
    phase: 'installing',
    fraction: 0.42,
    message: 'monai 1.5.2',
    started: '2026-11-01T10:00:00Z',
    finished: null,
    failure: null,
    ...different
  };
}

/** What an update did, with whatever is to be different. */
export function update(different: Partial<UpdateView> = {}): UpdateView {
  return {
    when: '2026-11-01T10:00:00Z',
    followed: 0,
    merged: [],
    beside: [],
    deleted: [],
    can_undo: true,
    ...different
  };
}

/** A module with these steps. */
export function module(
  id: string,
  title: string,
  steps: readonly StepView[]
): ModuleView {
  return {
    id,
    title,
    text: 'About it.',
    state: 'ready',
    notebook: `first light/${id}.ipynb`,
    session: false,
    absent: false,
    kernel: 'none',
    cells: steps.length,
    cell: null,
    steps
  };
}

/** The same workshop with one module changed. */
export function withModule(
  before: Snapshot,
  id: string,
  different: Partial<ModuleView>
): Snapshot {
  return {
    ...before,
    number: before.number + 1,
    modules: before.modules.map(each =>
      each.id === id ? { ...each, ...different } : each
    )
  };
}

/** The parts of getting ready, all in one state. */
export function parts(
  state: PreparationPart['state']
): readonly PreparationPart[] {
  return (['materials', 'patches', 'environment'] as const).map(name => ({
    name,
    state,
    message: `${name} looked at.`,
    fraction: null,
    failure: null,
    remedy: ''
  }));
}

/** A workshop that is prepared and waits for its first step. */
export function snapshot(different: Partial<Snapshot> = {}): Snapshot {
  return {
    number: 7,
    server: 'server-a',
    id: 'first-light',
    title: 'First light',
    summary: 'Two small models.',
    text: 'Welcome.',
    folder: 'first light',
    kernel: {
      name: 'mw-first-light',
      display_name: 'First light',
      state: 'ready'
    },
    preflight: {
      gpu: false,
      checked: '2026-11-01T10:00:00Z',
      checks: [
        {
          name: 'gpu',
          level: 'warn',
          found: '',
          wanted: '4 GiB',
          message: 'No GPU was found.',
          remedy: 'The steps take longer.',
          details: ''
        },
        {
          name: 'disk',
          level: 'pass',
          found: '50 GiB',
          wanted: '1 GiB',
          message: '50 GiB are free.',
          remedy: '',
          details: ''
        },
        {
          name: 'memory',
          level: 'pass',
          found: '16 GiB',
          wanted: '2 GiB',
          message: '16 GiB of memory.',
          remedy: '',
          details: ''
        }
      ]
    },
    usage: null,
    materials: { outdated: false, update: null },
    preparation: parts('done'),
    modules: [
      module('classify', 'Classify', [
        step('data', 'Make the data'),
        step('train', 'Train the network', { expected: 60 })
      ]),
      module('segment', 'Segment', [
        step('install', 'Install', { state: 'blocked', reason: 'Later.' })
      ])
    ],
    jobs: [],
    next: { action: 'run', module: 'classify', step: 'data' },
    profiles: [],
    awake: null,
    report: null,
    trust: null,
    disabled: [],
    ...different
  };
}

/** The same workshop with one step changed. */
export function withStep(
  before: Snapshot,
  id: string,
  different: Partial<StepView>,
  more: Partial<Snapshot> = {}
): Snapshot {
  return {
    ...before,
    number: before.number + 1,
    modules: before.modules.map(each => ({
      ...each,
      steps: each.steps.map(one =>
        one.id === id ? { ...one, ...different } : one
      )
    })),
    ...more
  };
}
