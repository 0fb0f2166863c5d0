import type { Page } from '@playwright/test';
import {
  curve,
  job,
  module,
  parameter,
  parts,
  snapshot,
  step,
  training,
  update,
  withModule,
  withStep
} from '../../src/__tests__/fixtures';
import type {
  Failure,
  Patches,
  PlanAnswer,
  Snapshot
} from '../../src/core/snapshot';

/** A failure as the server tells one. */
const failure: Failure = {
  code: 'out_of_memory',
  message: 'The GPU has no memory left for this training.',
  hint: 'Use a smaller batch, then restart the kernel and run the step again.',
  details: 'torch.OutOfMemoryError: CUDA out of memory. '.repeat(6)
};
const locked: Failure = {
  code: 'authentication_needed',
  message: 'The repository is private.',
  hint: 'Give an access token that may read it.',
  details: 'fatal: Authentication failed for https://git.example/private.git'
};

const ready = snapshot();
const data = { name: 'data', message: '1.2 of 4.0 GiB are there.' } as const;
const trained = training({
  step: 1234,
  steps: 5000,
  epoch: 3,
  epochs: 4,
  pace: 12.5,
  left: 95,
  metrics: [{ name: 'lr', title: 'Learning rate', value: 0.001, digits: 3 }],
  curves: [
    curve([1.7, 1.2, 0.9, 0.7, 0.62, 0.55, 0.512]),
    curve([0.71, 0.88, 0.98], {
      name: 'dice',
      title: 'Mean Dice',
      better: 'higher',
      by: 'epoch',
      digits: 2
    }),
    curve([0.6, 0.8, null], {
      name: 'auc',
      title: 'Area under the curve',
      better: 'higher',
      by: 'epoch',
      digits: 4
    })
  ]
});
const running = withModule(
  withStep(
    ready,
    'train',
    {
      state: 'running',
      elapsed: 125,
      training: trained,
      cells_done: 1,
      cells: [
        { index: 3, id: 'a' },
        { index: 4, id: 'b' }
      ]
    },
    {
      kernel: { ...ready.kernel, state: 'busy' },
      next: { action: 'wait', module: '', step: '' },
      awake: { until: '2026-11-01T16:30:00Z' } as Snapshot['awake'],
      usage: {
        processor: 'gpu',
        name: 'NVIDIA A10G',
        busy: 0.93,
        memory_used: 21.7 * 1024 ** 3,
        memory_total: 22.5 * 1024 ** 3
      }
    }
  ),
  'classify',
  { session: true, kernel: 'busy', cells: 20, cell: 12, state: 'running' }
);
const failedStep = withStep(
  ready,
  'train',
  {
    state: 'failed',
    elapsed: 42,
    failure,
    failed_cell: { index: 3, id: 'abc' },
    cells: [
      { index: 2, id: 'aaa' },
      { index: 3, id: 'abc' }
    ],
    parameters: [parameter({ value: 2 })],
    remedies: [
      { action: 'restart', profile: '', values: {} },
      { action: 'profile', profile: 'small', values: {} },
      { action: 'parameters', profile: '', values: { epochs: 4 } },
      { action: 'run', profile: '', values: {} },
      { action: 'prepare', profile: '', values: {} }
    ],
    found: [
      { text: 'The loss is a number', holds: false, found: 'nan' },
      { text: 'A model was saved', holds: true, found: '' }
    ]
  },
  {
    next: { action: 'stuck', module: '', step: '' },
    profiles: [
      {
        id: 'small',
        title: 'A small GPU',
        text: 'Smaller batches and fewer epochs.',
        state: 'off',
        recommended: false
      }
    ]
  }
);

/** What the panel can look like, by name. */
export const STATES: Readonly<Record<string, Snapshot>> = {
  'not-prepared': snapshot({
    preparation: parts('ready'),
    preflight: null,
    kernel: { ...ready.kernel, state: 'missing' },
    next: { action: 'prepare', module: '', step: '' }
  }),
  untrusted: snapshot({
    preparation: parts('ready'),
    preflight: null,
    kernel: { ...ready.kernel, state: 'missing' },
    trust: {
      digest: '0'.repeat(64),
      folder: '/home/somebody/workshops/radiology',
      hosts: ['git.example.org', 'data.example.org'],
      packages: ['monai==1.5.2', 'nibabel', 'pytorch-ignite==0.4.11'],
      notebooks: 2,
      cells: 31,
      patches: 2,
      expressions: 14
    },
    disabled: ['parameters', 'private_sources'],
    next: { action: 'trust', module: '', step: '' }
  }),
  preparing: withStep(
    snapshot({
      kernel: { ...ready.kernel, state: 'missing' },
      preparation: [
        { ...parts('done')[0]! },
        { ...parts('running')[0]!, ...data, fraction: 0.3 },
        { ...parts('running')[2]! }
      ],
      jobs: [
        job(),
        job({ id: 'job-2', kind: 'data', fraction: 0.3, phase: 'downloading' }),
        job({ id: 'job-3', kind: 'environment', fraction: null })
      ],
      next: { action: 'wait', module: '', step: '' }
    }),
    'data',
    {
      state: 'blocked',
      reason: 'The data are not there yet.',
      waits_for: [
        {
          part: 'data',
          data: 'MedNIST',
          message: 'MedNIST is on its way.',
          fraction: 0.3
        }
      ]
    }
  ),
  'preparing-failed': snapshot({
    preparation: [
      { ...parts('failed')[0]!, failure: locked },
      { ...parts('blocked')[1]! },
      {
        ...parts('failed')[2]!,
        failure: { ...failure, message: 'No kernel can be made here.' },
        remedy: 'install_in_kernel'
      }
    ],
    next: { action: 'stuck', module: '', step: '' }
  }),
  ready,
  running,
  interrupting: withModule(running, 'classify', { kernel: 'interrupting' }),
  'kernel-dead': withModule(
    snapshot({ kernel: { ...ready.kernel, state: 'dead' } }),
    'classify',
    { kernel: 'dead' }
  ),
  'failed-step': failedStep,
  exercise: withStep(ready, 'data', {
    exercises: [
      {
        cell: { index: 3, id: 'abc' },
        hint: 'A network for images of two dimensions.',
        open: true,
        solved: true
      }
    ],
    parameters: [
      parameter({ value: 2 }),
      parameter({ id: 'batch', title: 'Batch size', value: 96 }),
      parameter({
        id: 'rate',
        title: 'Learning rate',
        value: null,
        problem: 'The cell does not assign it any more.'
      })
    ],
    found: [{ text: 'The shapes agree', holds: true, found: '' }]
  }),
  finished: {
    ...withStep(ready, 'train', {
      state: 'done',
      elapsed: 125,
      training: training({
        metrics: [
          { name: 'accuracy', title: 'Accuracy', value: 0.98334, digits: 4 },
          { name: 'dice', title: 'Mean Dice', value: 0.9, digits: 2 }
        ]
      })
    }),
    report: {
      path: 'first light/report.html',
      when: '2026-11-01T10:00:00Z'
    } as Snapshot['report'],
    next: { action: 'finished', module: '', step: '' }
  },
  'update-offered': snapshot({ materials: { outdated: true, update: null } }),
  updated: snapshot({
    materials: {
      outdated: false,
      update: update({
        followed: 12,
        merged: ['First light/A notebook with a long name.ipynb'],
        beside: ['First light/helpers-of-the-workshop.new.py'],
        deleted: ['First light/gone.txt']
      })
    }
  }),
  'update-failed': snapshot({
    materials: { outdated: true, update: null },
    jobs: [job({ kind: 'update', state: 'failed', failure: locked })]
  }),
  profiles: snapshot({
    profiles: [
      {
        id: 'small',
        title: 'A small GPU',
        text: 'Smaller batches and fewer epochs.',
        state: 'off',
        recommended: true
      },
      {
        id: 'quick',
        title: 'Quick',
        text: 'Everything is shorter, and less accurate.',
        state: 'part',
        recommended: false
      }
    ]
  }),
  machine: snapshot({
    preparation: parts('ready'),
    preflight: {
      gpu: true,
      checked: '2026-11-01T10:00:00Z',
      checks: (
        [
          ['gpu', 'fail', '', '16 GiB'],
          ['driver', 'unknown', '', ''],
          ['memory', 'pass', '16 GiB', '2 GiB'],
          ['shared_memory', 'warn', '64 MiB', '168 MiB'],
          ['processors', 'warn', '2', '4'],
          ['disk', 'pass', '50 GiB', '1 GiB'],
          ['network', 'warn', '', ''],
          ['studio', 'pass', 'ml.g5.xlarge', '']
        ] as const
      ).map(([name, level, found, wanted]) => ({
        name,
        level,
        found,
        wanted,
        message: 'What was found is told in a sentence.',
        remedy: level === 'pass' ? '' : 'What to do about it is told too.',
        details: level === 'pass' ? '' : 'nvidia-smi: command not found'
      }))
    },
    next: { action: 'prepare', module: '', step: '' }
  }),
  absent: withModule(
    snapshot({ next: { action: 'stuck', module: '', step: '' } }),
    'classify',
    { absent: true }
  ),
  'long-words': {
    ...snapshot({
      title:
        'Segmentation-of-hepatocellular-carcinoma with an uncommonly long name'
    }),
    modules: [
      module('classify', 'Echokardiographie-Bildklassifikationsverfahren', [
        step('data', 'Kernspintomographie-Segmentierungsaufgabe vorbereiten', {
          text: 'See `/an/uncommonly/long/path/to/a/file/of/the/workshop.nii.gz`.'
        })
      ])
    ]
  }
};

const PATCHES: Patches = {
  patches: [
    {
      id: 'devices',
      module: 'classify',
      why: 'So that it runs without a GPU too.',
      state: 'pending',
      message: ''
    },
    {
      id: 'gone',
      module: 'classify',
      why: 'So that the plot is shown.',
      state: 'conflict',
      message: 'No cell holds the text.'
    }
  ] as unknown as Patches['patches'],
  notebooks: [
    {
      module: 'classify',
      notebook: 'first light/classify.ipynb',
      failure: null,
      diff: '@@ cell 3 @@\n-device = torch.device("cuda:0")\n+device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")\n'
    }
  ] as unknown as Patches['notebooks']
};

const PLAN: PlanAnswer = {
  plan: {
    inherited: {},
    python: '3.11.7',
    torch: '2.13.0',
    packages: [
      {
        name: 'monai',
        version: '1.5.2',
        size: 2_700_000,
        source: 'wheels.example.org'
      },
      {
        name: 'pytorch-ignite',
        version: '0.5.3',
        size: null,
        source: 'packages.example.org'
      }
    ]
  }
};

/** How the stand-in for the REST interface behaves. */
export interface IAnswers {
  /** What comes of reading the catalogue: nothing yet, nobody at home, an answer. */
  catalogue: 'silent' | 'unreachable' | 'there';
}

/**
 * Answer the extension's REST calls of a page from {@link STATES}, each a workshop.
 *
 * @returns What can be changed while the page is open.
 */
export async function answer(page: Page): Promise<IAnswers> {
  const answers: IAnswers = { catalogue: 'there' };
  const entries = Object.entries(STATES).map(([id, each], index) => ({
    id,
    title: each.title,
    summary: each.summary,
    modules: each.modules.length,
    kernel: each.kernel.name,
    notebooks: [],
    expected: 5400,
    selected: index === 0
  }));
  await page.route('**/monai-workshop/**', async route => {
    const request = route.request();
    const path = new URL(request.url()).pathname.replace(
      /^.*\/monai-workshop\//,
      ''
    );
    const [, id = '', more] = path.split('/');
    if (request.method() === 'PUT') {
      const { workshop } = request.postDataJSON() as { workshop: string };
      await (workshop in STATES
        ? route.fulfill({ json: { workshop } })
        : route.fulfill({ status: 409, json: failure }));
    } else if (path === 'workshops') {
      if (answers.catalogue === 'silent') {
        return;
      }
      await (answers.catalogue === 'unreachable'
        ? route.abort()
        : route.fulfill({ json: { workshops: entries, problems: [] } }));
    } else if (more === 'patches') {
      await route.fulfill({ json: PATCHES });
    } else if (more === 'plan') {
      await route.fulfill({ json: PLAN });
    } else if (id in STATES && more === undefined) {
      await route.fulfill({ json: { ...STATES[id]!, id } });
    } else {
      await route.fulfill({ status: 404, json: failure });
    }
  });
  return answers;
}
