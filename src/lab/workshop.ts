import type { Event } from '@jupyterlab/services';
import { UUID } from '@lumino/coreutils';
import { type ISignal, Signal } from '@lumino/signaling';
import { asFailure } from '../core/failure';
import { asPush, isNews, newer } from '../core/merge';
import type {
  EditRequest,
  Edits,
  JobDetails,
  ModuleOutputs,
  Patches,
  PlanAnswer,
  PipOffer,
  RequestKind,
  Snapshot
} from '../core/snapshot';
import { findStep, isBusy } from '../core/steps';
import type { IPending, IWorkshop, IWorkshopState } from '../tokens';
import type { WorkshopClient } from './client';
import { Follower } from './follower';

/** The schema of the events that say that a snapshot has changed. */
const PUSH_SCHEMA =
  'https://events.jupyter.org/jupyter_monai_workshop/snapshot/v1';

/**
 * The workshop shown: reads it, follows it, acts on it.
 */
export class Workshop implements IWorkshop {
  /**
   * @param client - The REST interface.
   * @param events - The stream of the server's events.
   */
  constructor(
    private readonly client: WorkshopClient,
    events: Event.Stream
  ) {
    events.connect(this.onEvent, this);
  }

  /** What is known now. */
  get state(): IWorkshopState {
    return this._state;
  }

  /** Emitted whenever the state was replaced. */
  get changed(): ISignal<this, IWorkshopState> {
    return this._changed;
  }

  /** Whether the workshop is no longer followed. */
  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Read catalogue and snapshot and follow them from now on. */
  start(): Promise<void> {
    this._follower ??= new Follower(
      () => this.read(),
      () => this.isRestless()
    );
    this._started ??= this.read().finally(() => {
      this._started = null;
    });
    return this._started;
  }

  /** Read the snapshot again and return it; `null` when that did not work. */
  async refresh(): Promise<Snapshot | null> {
    await this.read();
    return this._state.problem === null ? this._state.snapshot : null;
  }

  /** Show another workshop and remember the choice. */
  async select(workshop: string): Promise<void> {
    if (workshop === this._shown) {
      return;
    }
    await this.act({ action: 'select' }, async () => {
      await this.client.select(workshop);
      this._shown = workshop;
      await this.read();
    });
  }

  /** Let the workshop shown do what it would. */
  async trust(digest: string): Promise<void> {
    this.apply(await this.client.trust(this.shown(), digest));
  }

  /** Start a job of the workshop shown. */
  async startJob(kind: RequestKind, details: JobDetails = {}): Promise<void> {
    await this.client.startJob(this.shown(), kind, UUID.uuid4(), details);
    await this.read();
  }

  /** Ask a running job to stop. */
  async cancelJob(job: string): Promise<void> {
    try {
      await this.client.cancelJob(this.shown(), job);
    } catch (reason) {
      this.tell(reason);
    }
    this._follower?.want();
  }

  /** What the workshop's patches would change, or have changed. */
  readPatches(): Promise<Patches> {
    return this.client.patches(this.shown());
  }

  /** What an edit would change in a notebook that is open. */
  readEdits(asked: EditRequest): Promise<Edits> {
    return this.client.edits(this.shown(), asked);
  }

  /** What would be installed into its environment, where that is known. */
  readPlan(): Promise<PlanAnswer> {
    return this.client.plan(this.shown());
  }

  /** What the cells of any workshop's notebook have printed and shown. */
  readOutputs(workshop: string, module: string): Promise<ModuleOutputs> {
    return this.client.outputs(workshop, module);
  }

  /** Show why something did not work. */
  tell(reason: unknown): void {
    this.update({ notice: asFailure(reason) });
  }

  /** What would install the packages into the kernel of a module's notebook. */
  readPip(module: string): Promise<PipOffer> {
    return this.client.pip(this.shown(), module);
  }

  /** Forget the last action's failure. */
  dismiss(): void {
    this.update({ notice: null });
  }

  /** Do something that the panel shows as pending; a failure becomes the notice. */
  async act(pending: IPending, action: () => Promise<void>): Promise<void> {
    if (this._state.pending !== null) {
      return;
    }
    this.update({ pending, notice: null });
    try {
      await action();
    } catch (reason) {
      this.tell(reason);
    } finally {
      if (this._state.pending === pending) {
        this.update({ pending: null });
      }
    }
  }

  /** Stop following. */
  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._follower?.dispose();
      Signal.clearData(this);
    }
  }

  private onEvent(_: unknown, event: Event.Emission): void {
    if (event.schema_id !== PUSH_SCHEMA) {
      return;
    }
    const push = asPush(event);
    if (push && isNews(this._state.snapshot, push)) {
      this._follower?.want();
    }
  }

  private async read(): Promise<void> {
    try {
      if (this._state.catalogue === null) {
        const catalogue = await this.client.catalogue();
        const first =
          catalogue.workshops.find(each => each.selected) ??
          catalogue.workshops[0];
        this._shown ||= first?.id ?? '';
        this.update({ catalogue });
      }
      if (this._shown) {
        this.apply(await this.client.snapshot(this._shown));
      }
      this.update({ problem: null });
    } catch (reason) {
      this.update({ problem: asFailure(reason) });
    }
  }

  private apply(read: Snapshot): void {
    if (read.id !== this._shown) {
      return;
    }
    const snapshot = newer(this._state.snapshot, read);
    const pending = settled(this._state.pending, snapshot)
      ? null
      : this._state.pending;
    const readAt = snapshot === read ? performance.now() : this._state.readAt;
    this.update({ snapshot, pending, readAt });
  }

  private update(change: Partial<IWorkshopState>): void {
    const keys = Object.keys(change) as (keyof IWorkshopState)[];
    if (keys.some(key => this._state[key] !== change[key])) {
      this._state = { ...this._state, ...change };
      this._changed.emit(this._state);
    }
  }

  /** Whether news should come soon, or contact was lost. */
  private isRestless(): boolean {
    const { problem, snapshot } = this._state;
    return problem !== null || (snapshot !== null && isBusy(snapshot));
  }

  private shown(): string {
    return this._shown;
  }

  private _state: IWorkshopState = {
    catalogue: null,
    snapshot: null,
    readAt: 0,
    problem: null,
    notice: null,
    pending: null
  };
  private _shown = '';
  private _isDisposed = false;
  private _started: Promise<void> | null = null;
  private _follower: Follower | null = null;
  private readonly _changed = new Signal<this, IWorkshopState>(this);
}

/** Whether the snapshot now says itself what was pending. */
function settled(pending: IPending | null, snapshot: Snapshot): boolean {
  const { action, module = '', step = '' } = pending ?? {};
  switch (action) {
    case 'run-step':
      return findStep(snapshot, module, step)?.step.state === 'running';
    case 'run-module':
      return snapshot.modules.some(
        each => each.id === module && each.state === 'running'
      );
    default:
      return false;
  }
}
