import type { CodeCell, ICodeCellModel } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { type Kernel, KernelMessage } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { RecordedCell } from '../core/snapshot';
import { writeOutputs } from './writing';

/** How often an idle kernel is met without a run before its request is called lost. */
const LOOKS = 5;

/** What waits for the kernel's answers to one request. */
export interface IWaiting extends IDisposable {
  /** The request. */
  readonly msg: KernelMessage.IMessage;
  /** Takes an answer in; JupyterLab's futures have it, their interface does not. */
  handleMsg?(message: KernelMessage.IMessage): Promise<void>;
}

/** A run of this page during which its connection to the kernel was lost. */
interface IMissed {
  readonly cell: ICodeCellModel;
  readonly waiting: IWaiting;
  looks: number;
}

/**
 * Answers of the kernel that were under way when the connection to it was lost.
 *
 * JupyterLab connects again, and the server says again what the kernel said meanwhile;
 * but what was just being sent is lost, and while another page is connected nothing is
 * said again. A cell without its answer would wait for ever, and so would all that is to
 * run after it. What the kernel said stands in the server's record, so a run that was
 * under way when the connection was lost is looked up there.
 */
export class MissedReplies implements IDisposable {
  /**
   * @param context - The notebook.
   * @param views - Where it is shown now.
   * @param lost - Called when the connection was lost while something ran.
   */
  constructor(
    private readonly context: NotebookPanel['context'],
    private readonly views: () => readonly NotebookPanel[],
    private readonly lost: () => void
  ) {
    context.sessionContext.connectionStatusChanged.connect(
      this.onChanged,
      this
    );
  }

  /** Whether there is nothing more to look up. */
  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Look nothing up any more. */
  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._missed.clear();
      Signal.clearData(this);
    }
  }

  /** Whether there are runs of which something may be missing. */
  get isWaiting(): boolean {
    return this._missed.size > 0;
  }

  /**
   * Give these runs what the page may have missed of them.
   *
   * @param recorded - What the server has recorded.
   * @param busy - Whether the kernel may have requests that it has not begun.
   */
  async settle(
    recorded: readonly RecordedCell[],
    busy: boolean
  ): Promise<void> {
    const records = new Map(recorded.map(each => [each.run, each]));
    for (const [run, missed] of this._missed) {
      const record = records.get(run);
      if (record ? record.running : busy && !missed.waiting.isDisposed) {
        continue;
      }
      missed.looks += 1;
      const { cell, waiting, looks } = missed;
      if (record) {
        // The answer may be under way: it gets the time until the next look.
        if (!waiting.isDisposed && looks === 1) {
          continue;
        }
        const isShown =
          record.execution_count !== null &&
          record.execution_count === cell.executionCount;
        if (!cell.isDisposed && (isShown || !waiting.isDisposed)) {
          writeOutputs(this.context.model, cell, record, null);
        }
        await answer(waiting, record);
      } else if (!waiting.isDisposed && looks < LOOKS) {
        continue;
      } else {
        // The kernel never got the request, or did not run it after another failed.
        waiting.dispose();
      }
      this._missed.delete(run);
    }
  }

  private onChanged(_: unknown, status: Kernel.ConnectionStatus): void {
    if (status === 'connected') {
      return;
    }
    for (const view of this.views()) {
      for (const widget of view.content.widgets) {
        const waiting = waitingOf(widget as CodeCell);
        if (waiting && !waiting.isDisposed) {
          const cell = widget.model as ICodeCellModel;
          this._missed.set(waiting.msg.header.msg_id, {
            cell,
            waiting,
            looks: 0
          });
        }
      }
    }
    if (this.isWaiting) {
      this.lost();
    }
  }

  private _isDisposed = false;
  private readonly _missed = new Map<string, IMissed>();
}

/** What waits for the answers to the last request of a cell, if it is a code cell. */
function waitingOf(cell: CodeCell): IWaiting | undefined {
  return cell.model.type === 'code' ? cell.outputArea.future : undefined;
}

/** Let a request have its answer, in the words of the server's record. */
async function answer(waiting: IWaiting, record: RecordedCell): Promise<void> {
  if (waiting.isDisposed) {
    return;
  }
  const { header } = waiting.msg;
  const { session } = header;
  const parentHeader = header as KernelMessage.IExecuteRequestMsg['header'];
  const count = record.execution_count ?? 0;
  const reply = KernelMessage.createMessage<KernelMessage.IExecuteReplyMsg>({
    msgType: 'execute_reply',
    channel: 'shell',
    session,
    parentHeader,
    content: { ...outcome(record), execution_count: count }
  });
  const idle = KernelMessage.createMessage<KernelMessage.IStatusMsg>({
    msgType: 'status',
    channel: 'iopub',
    session,
    parentHeader,
    content: { execution_state: 'idle' }
  });
  await waiting.handleMsg?.(reply);
  await waiting.handleMsg?.(idle);
  if (!waiting.isDisposed) {
    waiting.dispose();
  }
}

type Outcome =
  | Omit<KernelMessage.IExecuteReply, 'execution_count'>
  | Omit<KernelMessage.IReplyErrorContent, 'execution_count'>;

function outcome({ outputs }: RecordedCell): Outcome {
  const error = outputs.find(each => each.output_type === 'error');
  return error
    ? {
        status: 'error',
        ename: String(error.ename),
        evalue: String(error.evalue),
        traceback: error.traceback as string[]
      }
    : { status: 'ok', user_expressions: {} };
}
