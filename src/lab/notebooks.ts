import { PathExt } from '@jupyterlab/coreutils';
import type {
  ISessionContext,
  ISessionContextDialogs
} from '@jupyterlab/apputils';
import {
  type INotebookTracker,
  type Notebook,
  NotebookActions,
  type NotebookPanel
} from '@jupyterlab/notebook';
import type { ServiceManager, Session } from '@jupyterlab/services';
import type { ITranslator } from '@jupyterlab/translation';
import type { Cell } from '@jupyterlab/cells';
import type { CommandRegistry } from '@lumino/commands';
import {
  clientFailure,
  clientFailureOf,
  WorkshopFailure
} from '../core/failure';
import type { CellRef } from '../core/snapshot';
import { saveNow, takeFromDisk } from './disk';
import { whileHeard } from './hearing';
import { interrupt, restart } from './kernels';

/**
 * The workshop's notebooks in the main area: opens, runs, saves and re-reads them.
 *
 * Paths are those of the contents API, without a drive.
 */
export class Notebooks {
  /**
   * @param options - What of JupyterLab is needed.
   */
  constructor(private readonly options: Notebooks.IOptions) {}

  /**
   * Open a notebook with a kernel of the given kernelspec, and wait for both.
   *
   * The session is started before the notebook is opened: JupyterLab then attaches to
   * it. Opened the other way round, a notebook that names an unknown kernelspec asks
   * the attendee to select a kernel.
   *
   * Rejects when the notebook was opened in another tab of the browser.
   */
  async open(path: string, kernel: string): Promise<NotebookPanel> {
    await this.knowKernelspec(kernel);
    const before = this.find(path);
    let started: Session.ISessionConnection | null = null;
    if (before) {
      await before.context.ready;
      await giveKernel(before.sessionContext, kernel);
    } else {
      started = await this.startSession(path, kernel);
    }
    const panel = await this.reveal(path);
    await panel.context.ready;
    await panel.sessionContext.ready;
    await giveKernel(panel.sessionContext, kernel);
    await panel.sessionContext.session?.kernel?.info;
    started?.dispose();
    return panel;
  }

  /**
   * Run cells of an open notebook as if the attendee had, and save the notebook after.
   *
   * @returns Whether all ran without an error; what came of it is for the server to say.
   */
  async run(panel: NotebookPanel, cells: readonly CellRef[]): Promise<boolean> {
    const notebook = panel.content;
    const found = findCells(notebook, cells);
    this.show(panel, cells[0]!);
    const ran = await whileHeard(
      panel.sessionContext,
      NotebookActions.runCells(
        notebook,
        found,
        panel.sessionContext,
        this.options.sessionDialogs ?? undefined,
        this.options.translator
      )
    );
    // Whoever took the kernel away meanwhile saves for himself.
    if (panel.sessionContext.session?.kernel?.isDisposed === false) {
      await this.save([panel.context.localPath]);
    }
    return ran ?? false;
  }

  /** Select a cell of an open notebook and scroll to it. */
  show(panel: NotebookPanel, cell: CellRef): void {
    const notebook = panel.content;
    const [found] = findCells(notebook, [cell]);
    notebook.activeCellIndex = notebook.widgets.indexOf(found!);
    notebook.deselectAll();
    // Scrolling is a courtesy: it rejects when the notebook is hidden meanwhile.
    notebook
      .scrollToItem(notebook.activeCellIndex, 'smart')
      .catch(() => undefined);
  }

  /** What cells of an open notebook hold now, saved or not. */
  sources(panel: NotebookPanel, cells: readonly CellRef[]): readonly string[] {
    return findCells(panel.content, cells).map(cell =>
      cell.model.sharedModel.getSource()
    );
  }

  /** Interrupt what runs in a notebook, which need not be open. */
  async interrupt(path: string): Promise<void> {
    const { services } = this.options;
    await interrupt(services, path, this.find(path)?.sessionContext);
  }

  /**
   * Start a notebook's kernel again and clear its outputs, after JupyterLab has asked.
   *
   * @param kernel - The kernelspec to start where no kernel runs.
   * @returns Whether it was meant.
   */
  async restart(path: string, kernel: string): Promise<boolean> {
    const { sessionDialogs, translator } = this.options;
    const panel = this.find(path) ?? (await this.open(path, kernel));
    const restarted = await restart(panel, sessionDialogs, translator);
    if (restarted) {
      await this.save([path]);
    }
    return restarted;
  }

  /** The notebooks that are open and lie in a folder or below it. */
  below(folder: string): readonly string[] {
    const contents = this.options.services.contents;
    const start = folder === '' ? '' : `${folder}/`;
    return this.options.tracker
      .filter(panel => contents.localPath(panel.context.path).startsWith(start))
      .map(panel => contents.localPath(panel.context.path));
  }

  /**
   * Save those of these notebooks that are open and have unsaved changes.
   *
   * Rejects when one could not be saved.
   */
  async save(paths: readonly string[]): Promise<void> {
    for (const { context } of this.opened(paths)) {
      if (context.model.dirty && !context.model.readOnly) {
        try {
          await saveNow(context);
        } catch (reason) {
          throw clientFailureOf('notebook-not-saved', reason);
        }
      }
    }
  }

  /** Save a notebook and end its kernel, so that nothing of it runs on. */
  async rest(path: string): Promise<void> {
    await this.save([path]);
    const sessions = this.options.services.sessions;
    const context = this.find(path)?.sessionContext;
    if (context?.session) {
      await context.shutdown();
    } else {
      await sessions.ready;
      await sessions.refreshRunning();
      const model = await sessions.findByPath(path);
      if (model) {
        await sessions.shutdown(model.id);
      }
    }
    // What a running cell printed until now belongs to the copy that is kept.
    await this.save([path]);
  }

  /** Open a file that is no notebook, in whatever JupyterLab opens it with. */
  async openFile(path: string): Promise<void> {
    await this.options.commands.execute('docmanager:open', { path });
  }

  /**
   * Show what lies on disk in those of these notebooks that are open, where it changed.
   *
   * A notebook with unsaved changes keeps them. With collaboration on, the server
   * brings the change by itself.
   */
  async takeFromDisk(paths: readonly string[]): Promise<void> {
    for (const panel of this.opened(paths)) {
      try {
        await takeFromDisk(panel, this.options.services.contents);
      } catch (reason) {
        console.warn(`${panel.context.path} was not read again`, reason);
      }
    }
  }

  /** Ask the server for its kernelspecs again. */
  refreshKernelspecs(): Promise<void> {
    return this.options.services.kernelspecs.refreshSpecs();
  }

  /** The open notebook at a path, if any. */
  find(path: string): NotebookPanel | undefined {
    return this.opened([path])[0];
  }

  private opened(paths: readonly string[]): NotebookPanel[] {
    const contents = this.options.services.contents;
    return this.options.tracker.filter(panel =>
      paths.includes(contents.localPath(panel.context.path))
    );
  }

  private async knowKernelspec(name: string): Promise<void> {
    const kernelspecs = this.options.services.kernelspecs;
    await kernelspecs.ready;
    if (!kernelspecs.specs?.kernelspecs[name]) {
      await kernelspecs.refreshSpecs();
    }
  }

  private async startSession(
    path: string,
    kernel: string
  ): Promise<Session.ISessionConnection | null> {
    const sessions = this.options.services.sessions;
    await sessions.ready;
    await sessions.refreshRunning();
    const model = await sessions.findByPath(path);
    try {
      if (!model) {
        return await sessions.startNew({
          path,
          name: PathExt.basename(path),
          type: 'notebook',
          kernel: { name: kernel }
        });
      }
      if (model.kernel?.name !== kernel) {
        const session = sessions.connectTo({ model });
        await session.changeKernel({ name: kernel });
        return session;
      }
      return null;
    } catch (reason) {
      throw notOpened(reason);
    }
  }

  private async reveal(path: string): Promise<NotebookPanel> {
    const open = this.find(path);
    if (open && this.options.ownTabs) {
      return open; // asked again, Notebook 7 would open another tab
    }
    try {
      await this.options.commands.execute('docmanager:open', {
        path: open?.context.path ?? path,
        factory: 'Notebook'
      });
    } catch (reason) {
      throw notOpened(reason);
    }
    const panel = this.find(path);
    if (!panel) {
      throw this.options.ownTabs
        ? new WorkshopFailure(clientFailure('notebook-elsewhere'))
        : notOpened(undefined);
    }
    return panel;
  }
}

/** The namespace of {@link Notebooks}. */
export namespace Notebooks {
  /** What of JupyterLab is needed. */
  export interface IOptions {
    /** Opens documents. */
    readonly commands: CommandRegistry;
    /** Sessions, kernelspecs and contents. */
    readonly services: ServiceManager.IManager;
    /** The notebooks that are open. */
    readonly tracker: INotebookTracker;
    /** Whether each document opens in a tab of the browser, as in Notebook 7. */
    readonly ownTabs: boolean;
    /** What JupyterLab asks when a kernel is gone. */
    readonly sessionDialogs: ISessionContextDialogs | null;
    /** The language of JupyterLab. */
    readonly translator: ITranslator;
  }
}

/**
 * The code cells meant, each by its id where it has one, else by its place in the file.
 *
 * Throws when one is not there.
 */
function findCells(notebook: Notebook, refs: readonly CellRef[]): Cell[] {
  const found = refs.map(
    ref =>
      notebook.widgets.find(each => ref.id && each.model.id === ref.id) ??
      notebook.widgets[ref.index]
  );
  if (found.some(cell => cell?.model.type !== 'code')) {
    throw new WorkshopFailure(clientFailure('cells-not-found'));
  }
  return found as Cell[];
}

/** Make sure that a notebook's session has a living kernel of this kernelspec. */
async function giveKernel(
  session: ISessionContext,
  name: string
): Promise<void> {
  const kernel = session.session?.kernel;
  if (kernel?.name !== name) {
    await session.changeKernel({ name });
  } else if (kernel.status === 'dead') {
    await session.restartKernel();
  }
}

function notOpened(reason: unknown): WorkshopFailure {
  return clientFailureOf('notebook-not-opened', reason);
}
