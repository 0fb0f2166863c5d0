import type { NotebookPanel } from '@jupyterlab/notebook';
import type { ServiceManager } from '@jupyterlab/services';
import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import type { Catalogue } from '../core/snapshot';

/** A notebook's model and its place. */
type Context = NotebookPanel['context'];

/** The name of the kernelspec of each workshop notebook, by the notebook's path. */
type Kernels = ReadonlyMap<string, string>;

/**
 * Gives a workshop's notebook the workshop's kernel where it names one that this server
 * does not have, such as that of its author's machine.
 *
 * JupyterLab reads the name when it has loaded the notebook, and would ask the attendee to
 * select a kernel. So it is changed in the model, in the moment in which it is loaded; the
 * file stays as it is until it is saved. A kernel that the server has is left alone.
 */
export class KernelspecMapping {
  /**
   * @param services - Kernelspecs and contents.
   * @param catalogue - What the server offers; may reject.
   */
  constructor(
    private readonly services: ServiceManager.IManager,
    catalogue: Promise<Catalogue>
  ) {
    this._known = catalogue.then(
      offered => {
        this._kernels = kernelsOf(offered);
      },
      () => undefined // without the server's part there are no workshops
    );
  }

  /** Watch a notebook while it is loaded; JupyterLab calls this for each that is opened. */
  createNew(_: NotebookPanel, context: Context): IDisposable {
    const { kernelspecs } = this.services;
    const map = () => this.map(context);
    const stop = new DisposableDelegate(() => {
      context.model.metadataChanged.disconnect(map);
    });
    const mapUnlessLate = () => {
      if (!stop.isDisposed) {
        map();
      }
    };
    if (context.isReady) {
      return stop;
    }
    context.model.metadataChanged.connect(map);
    const dispose = () => stop.dispose();
    context.ready.then(dispose, dispose);
    void Promise.all([this._known, kernelspecs.ready])
      .then(async () => {
        mapUnlessLate();
        const kernel = this.kernelOf(context);
        if (kernel && !kernelspecs.specs?.kernelspecs[kernel]) {
          await kernelspecs.refreshSpecs(); // it may have been made just now
          mapUnlessLate();
        }
      })
      .catch(console.warn);
    return stop;
  }

  private map(context: Context): void {
    const named = context.model.defaultKernelName;
    const specs = this.services.kernelspecs.specs?.kernelspecs;
    const spec = specs?.[this.kernelOf(context) ?? ''];
    if (specs && spec && named && !specs[named]) {
      context.model.setMetadata('kernelspec', {
        name: spec.name,
        display_name: spec.display_name,
        language: spec.language
      });
    }
  }

  private kernelOf(context: Context): string | undefined {
    const path = this.services.contents.localPath(context.path);
    return this._kernels.get(path);
  }

  private _kernels: Kernels = new Map();
  private readonly _known: Promise<void>;
}

function kernelsOf(catalogue: Catalogue): Kernels {
  return new Map(
    catalogue.workshops.flatMap(workshop =>
      workshop.notebooks.map(({ path }) => [path, workshop.kernel])
    )
  );
}
