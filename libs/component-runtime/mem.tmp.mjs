import v8 from 'node:v8';
import vm from 'node:vm';
const mods = process.argv.slice(2);
for (const m of mods) await import(m);
await new Promise((r) => setTimeout(r, 300));
const f = () => {
  const m = process.memoryUsage();
  return `rss ${(m.rss / 1048576).toFixed(1)} heapTotal ${(m.heapTotal / 1048576).toFixed(1)} used ${(m.heapUsed / 1048576).toFixed(1)} ext ${(m.external / 1048576).toFixed(1)}`;
};
const before = f();
const { Session } = await import('node:inspector');
const s = new Session();
s.connect();
const gc = () => s.post('HeapProfiler.collectGarbage');
gc();
await new Promise((r) => setTimeout(r, 300));
s.disconnect();
await new Promise((r) => setTimeout(r, 1500));
console.log(mods.join(','), '|', before, '|', f());
