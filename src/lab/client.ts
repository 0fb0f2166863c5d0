import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { clientFailure, failureOf, WorkshopFailure } from '../core/failure';
import type {
  Catalogue,
  EditRequest,
  Edits,
  JobDetails,
  JobStatus,
  ModuleOutputs,
  Patches,
  PlanAnswer,
  PipOffer,
  RequestKind,
  Snapshot
} from '../core/snapshot';
import { asItComes, type Reword } from './serverWords';

/**
 * The server's REST interface, one method an operation.
 *
 * Every method rejects with {@link WorkshopFailure} and with nothing else.
 */
export class WorkshopClient {
  /**
   * @param settings - The connection of the service manager.
   * @param words - Brings what puts answers into the language of the page.
   */
  constructor(
    private readonly settings: ServerConnection.ISettings,
    private readonly words = () => Promise.resolve(asItComes)
  ) {}

  /** The workshops that the server offers. */
  catalogue(): Promise<Catalogue> {
    return this.request('GET', ['workshops']);
  }

  /** Where a workshop stands. */
  snapshot(workshop: string): Promise<Snapshot> {
    return this.request('GET', ['workshops', workshop]);
  }

  /** A workshop's patches and what they would change. */
  patches(workshop: string): Promise<Patches> {
    return this.request('GET', ['workshops', workshop, 'patches']);
  }

  /** What would be installed into the workshop's environment, where that is known. */
  plan(workshop: string): Promise<PlanAnswer> {
    return this.request('GET', ['workshops', workshop, 'plan']);
  }

  /** What an edit would change in a notebook that is open; changes nothing. */
  edits(workshop: string, asked: EditRequest): Promise<Edits> {
    return this.request('POST', ['workshops', workshop, 'edits'], asked);
  }

  /** What the cells of a module's notebook have printed and shown. */
  outputs(workshop: string, module: string): Promise<ModuleOutputs> {
    return this.ask('GET', ['workshops', workshop, 'outputs', module]);
  }

  /** What would install the packages into the kernel of a module's notebook. */
  pip(workshop: string, module: string): Promise<PipOffer> {
    const query = URLExt.objectToQueryString({ module });
    return this.request(
      'GET',
      ['workshops', workshop, 'pip'],
      undefined,
      query
    );
  }

  /**
   * Start a job.
   *
   * @param key - The same key starts nothing twice.
   * @param details - What this kind of job needs to be told.
   */
  startJob(
    workshop: string,
    kind: RequestKind,
    key: string,
    details: JobDetails = {}
  ): Promise<JobStatus> {
    const asked = { ...details, kind, key };
    return this.request('POST', ['workshops', workshop, 'jobs'], asked);
  }

  /** Trust a workshop, as it was shown. */
  trust(workshop: string, digest: string): Promise<Snapshot> {
    return this.request('POST', ['workshops', workshop, 'trust'], { digest });
  }

  /** Ask a job to stop. */
  cancelJob(workshop: string, job: string): Promise<JobStatus> {
    return this.request('DELETE', ['workshops', workshop, 'jobs', job]);
  }

  /** Remember the workshop to open first. */
  select(workshop: string): Promise<{ readonly workshop: string }> {
    return this.request('PUT', ['selection'], { workshop });
  }

  private async request<T>(
    ...asked: [
      method: string,
      path: readonly string[],
      body?: object,
      query?: string
    ]
  ): Promise<T> {
    const [answer, reword] = await Promise.all([
      this.ask<T>(...asked),
      this.reword()
    ]);
    return reword(answer);
  }

  private async ask<T>(
    method: string,
    path: readonly string[],
    body?: object,
    query = ''
  ): Promise<T> {
    const url =
      URLExt.join(
        this.settings.baseUrl,
        'monai-workshop',
        ...path.map(encodeURIComponent)
      ) + query;
    const init: RequestInit = body
      ? { method, body: JSON.stringify(body) }
      : { method, cache: 'no-store' };
    const response = await this.send(url, init);
    const answer = await parsed(response);
    if (!response.ok) {
      const reword = await this.reword();
      throw new WorkshopFailure(reword(failureOf(response.status, answer)));
    }
    if (answer === undefined) {
      throw new WorkshopFailure(clientFailure('unexpected-answer'));
    }
    return answer as T;
  }

  private reword(): Promise<Reword> {
    this._words ??= this.words();
    return this._words;
  }

  private async send(url: string, init: RequestInit): Promise<Response> {
    try {
      return await ServerConnection.makeRequest(url, init, this.settings);
    } catch (reason) {
      const details = reason instanceof Error ? reason.message : '';
      throw new WorkshopFailure(clientFailure('server-unreachable', details));
    }
  }

  private _words: Promise<Reword> | null = null;
}

/** The body as JSON, or `undefined` when it is something else. */
async function parsed(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}
