import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import type {
  Catalogue,
  EditRequest,
  Edits,
  Failure,
  JobDetails,
  ModuleOutputs,
  Patches,
  PlanAnswer,
  PipOffer,
  RequestKind,
  Snapshot
} from './core/snapshot';

/** The id of the panel's node and of its place in the left area. */
export const PANEL_ID = 'jp-monai-workshop';

/** The translation domain of all strings. */
export const DOMAIN = 'jupyter_monai_workshop';

/** The commands that the extension adds. */
export namespace CommandIDs {
  /** Show the panel. */
  export const open = 'monai-workshop:open';
  /** Do what the primary button offers. */
  export const next = 'monai-workshop:next';
  /** Trust the workshop shown, as it is shown. */
  export const trust = 'monai-workshop:trust';
  /** Get everything ready: materials, environment, patches. */
  export const prepare = 'monai-workshop:prepare';
  /** Stop a job; argument `job`, else all running ones. */
  export const cancel = 'monai-workshop:cancel';
  /**
   * Open a module's notebook with the workshop's kernel; arguments `module` and, to show
   * a cell of it, `cell`: its index as text.
   */
  export const openNotebook = 'monai-workshop:open-notebook';
  /** Run a step's cells in its notebook; arguments `module` and `step`. */
  export const runStep = 'monai-workshop:run-step';
  /** Switch to another workshop; argument `workshop`. */
  export const select = 'monai-workshop:select';
  /** Look at the machine again: GPU, memory, disk. */
  export const preflight = 'monai-workshop:preflight';
  /** Find out what would be installed; installs nothing. */
  export const plan = 'monai-workshop:plan';
  /**
   * Update the materials to the version that the workshop has now; argument
   * `restoreDeleted`, whether to bring back files that the attendee deleted.
   */
  export const update = 'monai-workshop:update';
  /** Take the last update back. */
  export const undoUpdate = 'monai-workshop:undo-update';
  /**
   * Begin a module anew with a fresh notebook, the attendee's kept beside it; argument
   * `module`.
   */
  export const startAgain = 'monai-workshop:start-again';
  /**
   * Install the workshop's packages into the kernel that runs for a module's notebook,
   * where no kernel of its own can be made; argument `module`. Asks before.
   */
  export const installInKernel = 'monai-workshop:install-in-kernel';
  /** Restart that kernel after it; argument `module`. Asks before. */
  export const restartInstalled = 'monai-workshop:restart-installed';
  /** Open a file of the materials; argument `path`, relative to them. */
  export const openFile = 'monai-workshop:open-file';
  /** Run the steps of a module that are not done; argument `module`. */
  export const runModule = 'monai-workshop:run-module';
  /** Stop what runs in a module's notebook; argument `module`. */
  export const stopStep = 'monai-workshop:stop-step';
  /** Start a module's kernel again and clear its outputs; argument `module`. */
  export const restartKernel = 'monai-workshop:restart';
  /** Set values in a module's notebook; arguments `module` and `values`, as JSON text. */
  export const setParameters = 'monai-workshop:set-parameters';
  /** Choose a profile; argument `profile`, empty to take every profile back. */
  export const setProfile = 'monai-workshop:profile';
  /** Do the exercises of a step; arguments `module` and `step`. */
  export const showSolution = 'monai-workshop:solution';
  /** Write the report of the workshop; argument `source`, whether it shows the cells. */
  export const writeReport = 'monai-workshop:report';
}

/** Something that was asked for and that the snapshot does not show yet. */
export interface IPending {
  /** What was asked for. */
  readonly action:
    | 'prepare'
    | 'trust'
    | 'open-notebook'
    | 'open-file'
    | 'run-step'
    | 'select'
    | 'update'
    | 'undo'
    | 'start-again'
    | 'run-module'
    | 'restart'
    | 'set-parameters'
    | 'profile'
    | 'solution'
    | 'report';
  /** The module meant, if any. */
  readonly module?: string;
  /** The step meant, if any. */
  readonly step?: string;
}

/** What can be tried again with an access token. */
export type Retry =
  | { readonly kind: 'prepare' }
  | { readonly kind: 'update'; readonly restoreDeleted: boolean };

/** All that the panel is a function of. It is replaced, never changed. */
export interface IWorkshopState {
  /** The workshops on offer; `null` until they were read. */
  readonly catalogue: Catalogue | null;
  /** The workshop shown; `null` until it was read. */
  readonly snapshot: Snapshot | null;
  /** When the snapshot was read, in milliseconds of `performance.now()`. */
  readonly readAt: number;
  /** Why nothing could be read; goes away by itself when reading works again. */
  readonly problem: Failure | null;
  /** Why the last action did not work; stays until the next action or until dismissed. */
  readonly notice: Failure | null;
  /** What was asked for and has not reached the snapshot yet. */
  readonly pending: IPending | null;
}

/**
 * The workshop shown, followed live.
 */
export interface IWorkshop extends IDisposable {
  /** What is known now. */
  readonly state: IWorkshopState;
  /** Emitted whenever {@link IWorkshop.state} was replaced. */
  readonly changed: ISignal<IWorkshop, IWorkshopState>;
  /** Read catalogue and snapshot and follow them from now on. May be called again. */
  start(): Promise<void>;
  /** Read the snapshot again and return it; `null` when that did not work. */
  refresh(): Promise<Snapshot | null>;
  /** Show another workshop and remember the choice. */
  select(workshop: string): Promise<void>;
  /** Let the workshop shown do what it would; `digest` is what the snapshot calls it. */
  trust(digest: string): Promise<void>;
  /** Start a job of the workshop shown. */
  startJob(kind: RequestKind, details?: JobDetails): Promise<void>;
  /** Ask a running job to stop. */
  cancelJob(job: string): Promise<void>;
  /** What the workshop's patches would change, or have changed. */
  readPatches(): Promise<Patches>;
  /** What would be installed into its environment, where that is known. */
  readPlan(): Promise<PlanAnswer>;
  /** What an edit would change in a notebook that is open. */
  readEdits(asked: EditRequest): Promise<Edits>;
  /** What the cells of any workshop's notebook have printed and shown. */
  readOutputs(workshop: string, module: string): Promise<ModuleOutputs>;
  /** Show why something did not work. */
  tell(reason: unknown): void;
  /** What would install the packages into the kernel of a module's notebook. */
  readPip(module: string): Promise<PipOffer>;
  /** Forget the last action's failure. */
  dismiss(): void;
  /**
   * Do something that the panel shows as pending meanwhile; a failure becomes the notice.
   * While something is pending nothing else starts.
   */
  act(pending: IPending, action: () => Promise<void>): Promise<void>;
}

/** The token with which other extensions can follow the workshop. */
export const IWorkshop = new Token<IWorkshop>(
  'jupyter-monai-workshop:IWorkshop',
  'The MONAI workshop that is shown, followed live.'
);
