// `node libs/mapping-sandbox/dist/throughput.cli.js [seconds]`: evaluations a second of a mapping with one expression
// and with six, each over a context of 1 KB.
import { compileMapping } from '@millrace/mapping';
import { createMappingPool } from './index.js';

const seconds = Number(process.argv[2] ?? 5);
const concurrency = 256;

const lines = Array.from({ length: 9 }, (_, at) => ({
  sku: `sku-${at}`,
  title: `Article number ${at}`,
  price: 9.5 + at,
  count: at,
}));
const output = {
  id: 4711,
  customer: { first: 'Ada', last: 'Lovelace', mail: 'ada@example.org' },
  lines,
  note: 'x'.repeat(250),
};
const context = { output, steps: {}, request: undefined, run: {}, seed: 'run:step_2:0', now: 1_767_225_600_000 };

const mappings = {
  'one expression': { name: 'customer.first & " " & customer.last', id: 'id' },
  'six expressions': {
    name: 'customer.first & " " & customer.last',
    total: '$sum(lines.(price * count))',
    skus: '$join(lines.sku, ",")',
    dear: 'lines[price > 15].title',
    placed: '$now("[D01].[M01].[Y0001]")',
    items: 'lines.{ "sku": sku, "amount": price * count }',
  },
};

const pool = createMappingPool({ maxProcesses: 2 });
process.stdout.write(`context of ${JSON.stringify(output).length} bytes, ${concurrency} in flight, 2 processes\n`);
for (const [name, mapping] of Object.entries(mappings)) {
  const { compiled } = compileMapping(mapping);
  await pool.evaluate(compiled, context);
  const end = performance.now() + seconds * 1000;
  let done = 0;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (performance.now() < end) {
        const outcome = await pool.evaluate(compiled, context);
        if (!outcome.ok) throw new Error(outcome.errors[0]?.message);
        done += 1;
      }
    }),
  );
  process.stdout.write(`${name}: ${Math.round(done / seconds)} evaluations/s\n`);
}
await pool.close();
