/*
 * Metrics in the text format of Prometheus (0.0.4), kept small: `prom-client` takes 11 MB of memory with what it loads, an
 * eighth of what an idle component may have.
 */

export type Labels = Readonly<Record<string, string>>;

export interface Counter {
  add(labels?: Labels, by?: number): void;
}

export interface Histogram {
  observe(value: number, labels?: Labels): void;
}

/** What a process counts. Names and their units follow Prometheus: `_total`, `_seconds`, `_bytes`. */
export interface Metrics {
  counter(name: string, help: string): Counter;
  /** `read` is called whenever somebody looks. */
  gauge(name: string, help: string, read: () => number): void;
  /** As a gauge, of what only grows. */
  total(name: string, help: string, read: () => number): void;
  histogram(name: string, help: string, bounds: readonly number[]): Histogram;
  /** All of it, for `GET /metrics`. */
  text(): string;
}

type Kind = 'counter' | 'gauge' | 'histogram';

/** `common` stands on each line. */
export function createMetrics(common: Labels = {}): Metrics {
  const families = new Map<string, () => string[]>();

  function register(name: string, kind: Kind, { help, lines }: { help: string; lines: () => string[] }): void {
    if (families.has(name)) throw new Error(`There is a metric ${name} already`);
    families.set(name, () => [`# HELP ${name} ${help.replaceAll('\n', ' ')}`, `# TYPE ${name} ${kind}`, ...lines()]);
  }
  const line = (name: string, labels: string, value: number): string => `${name}${labels} ${value}`;
  const own = (labels: Labels = {}): string => labelText({ ...common, ...labels });

  function read(kind: Kind): Metrics['gauge'] {
    return (name, help, value) => register(name, kind, { help, lines: () => [line(name, own(), value())] });
  }

  return {
    counter(name, help) {
      const series = new Map<string, { labels: Labels; value: number }>();
      register(name, 'counter', {
        help,
        lines: () => [...series.values()].map(({ labels, value }) => line(name, own(labels), value)),
      });
      return {
        add(labels = {}, by = 1) {
          const key = keyOf(labels);
          const one = series.get(key);
          if (one) one.value += by;
          else series.set(key, { labels, value: by });
        },
      };
    },
    gauge: read('gauge'),
    total: read('counter'),
    histogram(name, help, bounds) {
      const series = new Map<string, { labels: Labels; counts: number[]; sum: number; count: number }>();
      register(name, 'histogram', {
        help,
        lines: () =>
          [...series.values()].flatMap(({ labels, counts, sum, count }) => [
            ...bounds.map((bound, at) =>
              line(`${name}_bucket`, own({ ...labels, le: String(bound) }), counts[at] ?? 0),
            ),
            line(`${name}_bucket`, own({ ...labels, le: '+Inf' }), count),
            line(`${name}_sum`, own(labels), sum),
            line(`${name}_count`, own(labels), count),
          ]),
      });
      return {
        observe(value, labels = {}) {
          const key = keyOf(labels);
          const one = series.get(key) ?? { labels, counts: bounds.map(() => 0), sum: 0, count: 0 };
          series.set(key, one);
          one.sum += value;
          one.count += 1;
          // Buckets hold what is below them, too.
          for (let at = bounds.length - 1; at >= 0 && value <= (bounds[at] ?? 0); at -= 1) {
            one.counts[at] = (one.counts[at] ?? 0) + 1;
          }
        },
      };
    },
    text: () => [...families.values()].flatMap((lines) => lines()).join('\n') + '\n',
  };
}

/** Tells series apart; their text is only made when somebody reads it, and not for each step. */
function keyOf(labels: Labels): string {
  let key = '';
  for (const name in labels) key += `${name}\0${labels[name]}\0`;
  return key;
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`);
}
