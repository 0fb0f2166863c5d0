import type { Cell, ICodeCellModel } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Contents, KernelMessage } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import {
  gifts,
  goesOn,
  type IGift,
  type IGiven,
  type IGivenModule
} from '../core/giveback';
import type { ModuleOutputs } from '../core/snapshot';
import { saveIfAsOnDisk } from './disk';
import { heldCells } from './held';
import { MissedReplies } from './missed';
import { NotebookRoom } from './room';
import { writeOutputs } from './writing';

/** How often a run that goes on is read, in milliseconds, while its outputs are wanted. */
const PACE = 500;
/** The same while others take its outputs. */
const PACE_WATCHING = 2000;
/** Reading takes at most one part in so many of the time. */
const SHARE = 4;
/** How long a page waits in a shared notebook until it has heard of the others there. */
const HELLO = 1000;
/** The longest time between two tries when the server does not answer. */
const PATIENCE = 10_000;

/** What one open notebook needs to get its outputs back. */
export interface IGiverOptions {
  /** The notebook. */
  readonly context: NotebookPanel['context'];
  /** Where it is shown now. */
  readonly views: () => readonly NotebookPanel[];
  /** The module whose notebook it is; `null` if it is none, or that is not known yet. */
  readonly module: () => IGivenModule | null;
  /** Reads what the cells of a module have printed. */
  readonly read: (module: IGivenModule) => Promise<ModuleOutputs>;
  /** How many connections the notebook's kernel has. */
  readonly connections: () => Promise<number>;
  /** Where its file is. */
  readonly contents: Contents.IManager;
  /** Emitted when a page begins to run a cell. */
  readonly scheduled: ISignal<unknown, IScheduled>;
}

/** A cell that a page begins to run. */
export interface IScheduled {
  /** The notebook's widget. */
  readonly notebook: {
    /** What the widget shows. */
    readonly model: unknown;
  };
  /** The cell's widget. */
  readonly cell: Cell;
}

/**
 * Gives one open notebook its outputs back: looks when there may be something, and goes
 * on looking while somebody else's run goes on.
 */
export class Giver implements IDisposable {
  /**
   * @param options - What it needs.
   */
  constructor(private readonly options: IGiverOptions) {
    const { sessionContext } = options.context;
    this._room = new NotebookRoom(options.context);
    this._replies = new MissedReplies(options.context, options.views, () =>
      this.look()
    );
    sessionContext.iopubMessage.connect(this.onMessage, this);
    sessionContext.kernelChanged.connect(this.onKernel, this);
    options.scheduled.connect(this.onScheduled, this);
    this.onKernel();
  }

  /** Whether it gives nothing back any more. */
  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Give nothing back any more. */
  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._room.dispose();
      this._replies.dispose();
      this._wake();
      Signal.clearData(this);
    }
  }

  /** See soon whether there is something to give back. */
  look(): void {
    this._again = true;
    if (!this._looking && !this._isDisposed) {
      this._looking = true;
      void this.follow().finally(() => {
        this._looking = false;
        if (this._again) {
          this.look();
        }
      });
    } else {
      this._wake();
    }
  }

  /** The workshop was read: this may be its notebook now, or its kernel may be busy. */
  onSnapshot(server: string): void {
    const module = this.options.module();
    const known = module ? `${server} ${module.workshop} ${module.id}` : '';
    const busy = module?.busy ?? false;
    const isNews = known !== this._known || (busy && !this._busy);
    this._known = known;
    this._busy = busy;
    if (module && (isNews || this._missed)) {
      this.look();
    }
  }

  private async follow(): Promise<void> {
    const wasClean = !this.options.context.model.dirty;
    let wrote = false;
    let failures = 0;
    if (this._room.isShared) {
      await this.pause(HELLO);
    }
    while (!this._isDisposed) {
      this._again = false;
      const module = this.options.module();
      if (!module) {
        break;
      }
      const began = performance.now();
      this._missed = false;
      this._touched.clear();
      let pause = PACE;
      try {
        // Else the one connection that there is may be somebody else's.
        const hears = this.hears;
        const [{ cells }, connections] = await Promise.all([
          this.options.read(module),
          this.options.connections()
        ]);
        failures = 0;
        if (this._isDisposed) {
          break;
        }
        this.onKernel();
        const due = this.due(cells);
        const isAlone = hears && connections === 1;
        const own = due.filter(each => this.isOurs(each, isAlone));
        wrote = own.length > 0 || wrote;
        this.give(own, connections);
        this.release(cells);
        await this.settle(cells);
        const waits =
          own.length < due.length ||
          this._replies.isWaiting ||
          goesOn(cells, this.client);
        if (!waits && !this._again) {
          break;
        }
        pause = this.isGiving ? PACE : PACE_WATCHING;
      } catch (reason) {
        console.warn(
          `${this.options.context.path}: outputs were not given back`,
          reason
        );
        this._missed = true;
        if (!this.isGiving && !this._replies.isWaiting) {
          break;
        }
        failures += 1;
        pause = Math.min(PACE * 2 ** failures, PATIENCE);
      }
      const took = performance.now() - began;
      await this.pause(Math.max(pause, SHARE * took));
    }
    if (wrote && wasClean && !this._isDisposed) {
      await this.keep();
    }
  }

  /**
   * Save what was given back, so that the file has it too.
   *
   * Where another page hears the kernel as well, that one may have all of it and more to
   * save: then this page has nothing to save. A shared notebook is saved by the server.
   */
  private async keep(): Promise<void> {
    const { connections, context, contents } = this.options;
    if (!this._room.isShared && (await connections()) <= 1) {
      await saveIfAsOnDisk(context, contents);
    }
  }

  /** Make up for answers of the kernel that were lost with the connection. */
  private async settle(cells: ModuleOutputs['cells']): Promise<void> {
    if (this._replies.isWaiting) {
      const { model } = this.options.context;
      const wasClean = !model.dirty;
      const busy = cells.some(each => each.running) || this._busy;
      await this._replies.settle(cells, busy);
      if (wasClean && model.dirty) {
        await this.keep();
      }
    }
  }

  /** What the notebook lacks. */
  private due(cells: ModuleOutputs['cells']): readonly IGift[] {
    return gifts(cells, {
      held: heldCells(this.options.context.model, this.options.views()),
      asInFile: !this.options.context.model.dirty && !this._room.isShared,
      client: this.client,
      given: this._given,
      touched: this._touched
    });
  }

  /** Whether it is this page that writes, of all that share the notebook. */
  private isOurs({ record }: IGift, isAlone: boolean): boolean {
    // Who left may seem to be in the room for a while, but does not hear the kernel.
    return isAlone || this._room.writes(record.requester);
  }

  private give(due: readonly IGift[], connections: number): void {
    const { model } = this.options.context;
    const wasClean = !model.dirty;
    for (const { at, record } of due) {
      const cell = model.cells.get(at) as ICodeCellModel;
      const written = this._given.get(cell.id)?.outputs ?? null;
      writeOutputs(model, cell, record, written);
      this._given.set(cell.id, {
        run: record.run,
        version: record.version,
        outputs: record.outputs,
        ended: !record.running
      });
    }
    if (wasClean && !this._room.isShared && connections > 1) {
      model.dirty = false;
    }
  }

  /** Let go of cells whose run the server no longer knows. */
  private release(cells: ModuleOutputs['cells']): void {
    const known = new Set(cells.map(each => each.run));
    const { model } = this.options.context;
    for (const [id, given] of this._given) {
      if (!given.ended && !known.has(given.run)) {
        this._given.delete(id);
        const cell = Array.from(model.cells).find(each => each.id === id);
        if (cell?.type === 'code') {
          (cell as ICodeCellModel).executionState = 'idle';
        }
      }
    }
  }

  /** Whether a cell was begun to be given back and its run goes on. */
  private get isGiving(): boolean {
    return [...this._given.values()].some(each => !each.ended);
  }

  private get client(): string | null {
    const { session } = this.options.context.sessionContext;
    return session?.kernel?.clientId ?? null;
  }

  /** Whether this page is connected to the kernel. */
  private get hears(): boolean {
    const { session } = this.options.context.sessionContext;
    return session?.kernel?.connectionStatus === 'connected';
  }

  private onKernel(): void {
    this._room.present(this.client);
  }

  /** Something runs that this page did not ask for. */
  private onMessage(_: unknown, message: KernelMessage.IMessage): void {
    const { header, parent_header: parent } = message;
    const requester = 'session' in parent ? parent.session : '';
    if (header.msg_type === 'execute_input' && requester !== this.client) {
      this.look();
    }
  }

  /** A cell runs again in this page: from now on it is the page's. */
  private onScheduled(_: unknown, { notebook, cell }: IScheduled): void {
    if (notebook.model === this.options.context.model) {
      this._touched.add(cell.model.id);
      this._given.delete(cell.model.id);
    }
  }

  private pause(duration: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, duration);
      this._wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private _isDisposed = false;
  private _looking = false;
  private _again = false;
  private _missed = false;
  private _known = '';
  private _busy = false;
  private _wake: () => void = () => undefined;
  private readonly _room: NotebookRoom;
  private readonly _replies: MissedReplies;
  private readonly _given = new Map<string, IGiven>();
  private readonly _touched = new Set<string>();
}
