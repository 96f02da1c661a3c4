import type { Pet } from './pets.js';

/** The page that lists the newest pets. It loads nothing else and fetches itself anew every two seconds. */
export function petsPage(pets: readonly Pet[], count: number): string {
  const rows = pets
    .map(({ id, name, status }) => `<tr><td>${id}</td><td>${escapeHtml(name)}</td><td>${escapeHtml(status)}</td></tr>`)
    .join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="refresh" content="2">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Petstore sandbox</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; color: #1c2430; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #dde3ea; overflow-wrap: anywhere; }
p { color: #5a6675; }
</style>
</head>
<body>
<h1>Petstore sandbox</h1>
<p>${count === 1 ? '1 pet' : `${count} pets`}${count > pets.length ? `, the newest ${pets.length} shown` : ''}</p>
<table>
<thead><tr><th>Id</th><th>Name</th><th>Status</th></tr></thead>
<tbody>
${rows}
</tbody>
</table>
</body>
</html>
`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
