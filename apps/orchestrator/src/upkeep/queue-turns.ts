import type { FlowId } from '@millrace/contracts';

/** A flow whose queue is to be looked at. */
export interface QueueTurn {
  flowId: FlowId;
  /** Also at the keys that failed runs keep. */
  whole: boolean;
  /** Set where its last turn could not do all: the components whose queues must have room for more. */
  bulk: readonly string[] | undefined;
}

type Wish = Omit<QueueTurn, 'flowId'>;

/** The order in which queues are looked at: each flow has one place in it, and goes to the end after its turn. */
export interface QueueTurns {
  add(flowId: FlowId, wish?: Partial<Wish>): void;
  /** The next one; nobody else gets this flow until `end`. */
  take(): QueueTurn | undefined;
  end(flowId: FlowId): void;
  /** Resolves when `take` may have something, or when aborted. */
  some(stopping: AbortSignal): Promise<void>;
}

export function createQueueTurns(): QueueTurns {
  const waiting = new Map<FlowId, Wish>();
  const busy = new Set<FlowId>();
  /** Wished for while they had their turn. */
  const again = new Map<FlowId, Wish>();
  let wakers: (() => void)[] = [];

  function wake(): void {
    for (const waker of wakers.splice(0)) waker();
  }

  function put(into: Map<FlowId, Wish>, flowId: FlowId, { whole = false, bulk }: Partial<Wish>): void {
    const before = into.get(flowId);
    into.set(flowId, { whole: whole || (before?.whole ?? false), bulk: bulk ?? before?.bulk });
  }

  return {
    add(flowId, wish = {}) {
      put(busy.has(flowId) ? again : waiting, flowId, wish);
      wake();
    },
    take() {
      const [first] = waiting;
      if (!first) return undefined;
      const [flowId, wish] = first;
      waiting.delete(flowId);
      busy.add(flowId);
      return { flowId, ...wish };
    },
    end(flowId) {
      busy.delete(flowId);
      const wish = again.get(flowId);
      again.delete(flowId);
      if (!wish) return;
      put(waiting, flowId, wish);
      wake();
    },
    async some(stopping) {
      if (waiting.size > 0 || stopping.aborted) return;
      await new Promise<void>((resolve) => {
        const waker = (): void => {
          stopping.removeEventListener('abort', waker);
          resolve();
        };
        wakers = [...wakers, waker];
        stopping.addEventListener('abort', waker, { once: true });
      });
    },
  };
}
