import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createMetrics } from '@millrace/observability';
import type { FairSlots } from './fair-slots.js';
import type { RunningSteps } from './running-steps.js';

export type StepFate = 'succeeded' | 'failed' | 'waiting' | 'collecting' | 'timeout' | 'interrupted' | 'aside';

export interface ComponentMetrics {
  /** A step came to its end here, or was put aside. */
  count(fate: StepFate, tookMs?: number): void;
  /** For `GET /metrics`. */
  text(): string;
  close(): void;
}

const bounds = [0.005, 0.025, 0.1, 0.25, 1, 2.5, 10, 30, 120, 600];
const lagEveryMs = 100;
const nanoseconds = 1e9;

/** What is counted of one component process. */
export function componentMetrics(component: string, steps: RunningSteps, slots: FairSlots): ComponentMetrics {
  const metrics = createMetrics({ component });
  const ended = metrics.counter('millrace_component_steps_total', 'Steps by what became of them in this process.');
  const took = metrics.histogram('millrace_component_step_seconds', 'How long operations took.', bounds);
  metrics.gauge('millrace_component_steps_in_flight', 'Steps whose operation runs.', () => steps.inFlight);
  metrics.gauge('millrace_component_steps_waiting', 'Steps taken that wait for a slot.', () => slots.waiting);
  metrics.gauge(
    'millrace_component_orphans',
    'Operations that run on though their step was answered.',
    () => steps.orphans,
  );
  const lag = monitorEventLoopDelay({ resolution: lagEveryMs });
  lag.enable();
  metrics.gauge('nodejs_eventloop_lag_max_seconds', 'Longest delay of the event loop since the last look.', () => {
    const longest = Math.max(0, lag.max / nanoseconds - lagEveryMs / 1000);
    lag.reset();
    return longest;
  });
  metrics.gauge('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss());
  metrics.gauge('nodejs_heap_size_used_bytes', 'Heap that is used.', () => process.memoryUsage().heapUsed);
  metrics.total('process_cpu_seconds_total', 'User and system time.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  metrics.gauge('process_start_time_seconds', 'When the process began, since the epoch.', () =>
    Math.round(Date.now() / 1000 - process.uptime()),
  );
  return {
    count(fate, tookMs) {
      ended.add({ outcome: fate });
      if (tookMs !== undefined) took.observe(tookMs / 1000);
    },
    text: () => metrics.text(),
    close: () => void lag.disable(),
  };
}
