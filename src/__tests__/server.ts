import { ServerConnection } from '@jupyterlab/services';
import type { CatalogueEntry, Snapshot } from '../core/snapshot';

/** A request as it reached the server. */
export interface IAsked {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** What the stand-in answers: a status and a body, or nobody at home. */
export type Answer = { status: number; body: unknown } | 'unreachable';

/** A stand-in for the server: the REST interface over a table of answers. */
export class Server {
  readonly asked: IAsked[] = [];
  readonly answers = new Map<string, Answer>();

  constructor(...snapshots: Snapshot[]) {
    const workshops: CatalogueEntry[] = snapshots.map((each, index) => ({
      id: each.id,
      title: each.title,
      summary: each.summary,
      modules: each.modules.length,
      kernel: each.kernel.name,
      notebooks: each.modules.map(({ id, notebook }) => ({
        module: id,
        path: notebook
      })),
      expected: 120,
      selected: index === 0
    }));
    this.answer('GET workshops', { workshops, problems: [], message: '' });
    snapshots.forEach(each => this.show(each));
  }

  /** The connection settings of a page that talks to this server. */
  get settings(): ServerConnection.ISettings {
    return ServerConnection.makeSettings({
      baseUrl: 'http://lab.test/base/',
      fetch: request => this.fetch(request as Request)
    });
  }

  /** Answer a request, named as "GET workshops". */
  answer(request: string, body: unknown, status = 200): void {
    this.answers.set(request, { status, body });
  }

  /** Show a snapshot of a workshop from now on. */
  show(snapshot: Snapshot): void {
    this.answer(`GET workshops/${snapshot.id}`, snapshot);
  }

  /** The requests of a method, as paths. */
  paths(method: string): string[] {
    return this.asked
      .filter(each => each.method === method)
      .map(each => each.path);
  }

  private async fetch(request: Request): Promise<Response> {
    const { method, url } = request;
    const path = url
      .replace('http://lab.test/base/monai-workshop/', '')
      .replace(/\?.*/, '');
    const text = await request.text();
    this.asked.push({ method, path, body: text ? JSON.parse(text) : null });
    const answer = this.answers.get(`${method} ${path}`);
    if (answer === 'unreachable') {
      throw new TypeError('Failed to fetch');
    }
    return answer
      ? Response.json(answer.body, { status: answer.status })
      : new Response('<html>Not found</html>', { status: 404 });
  }
}
