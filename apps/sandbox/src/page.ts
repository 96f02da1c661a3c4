import { escapeHtml } from './html.js';
import type { Pet } from './pets.js';
import type { Tweet } from './x/tweets.js';

/** The page that lists the newest pets and tweets. It loads nothing else and fetches itself anew every two seconds. */
export function sandboxPage(shown: {
  pets: readonly Pet[];
  petCount: number;
  tweets: readonly Tweet[];
  tweetCount: number;
}): string {
  const { pets, petCount, tweets, tweetCount } = shown;
  const rows = pets
    .map(({ id, name, status }) => `<tr><td>${id}</td><td>${escapeHtml(name)}</td><td>${escapeHtml(status)}</td></tr>`)
    .join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="refresh" content="2">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Petstore and X sandbox</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; color: #1c2430; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #dde3ea; overflow-wrap: anywhere; }
p, small { color: #5a6675; }
article { border-bottom: 1px solid #dde3ea; padding: .6rem; overflow-wrap: anywhere; }
article div { white-space: pre-wrap; }
</style>
</head>
<body>
<h1>Petstore sandbox</h1>
<p>${countOf(petCount, 'pet', pets.length)}</p>
<table>
<thead><tr><th>Id</th><th>Name</th><th>Status</th></tr></thead>
<tbody>
${rows}
</tbody>
</table>
<h1>Timeline of the X sandbox</h1>
<p>${countOf(tweetCount, 'tweet', tweets.length)}</p>
${tweets.map(article).join('\n')}
</body>
</html>
`;
}

function article({ author, text, createdAt, inReplyTo, mediaIds }: Tweet): string {
  const more = [
    createdAt,
    ...(inReplyTo === undefined ? [] : [`in reply to ${inReplyTo}`]),
    ...(mediaIds.length === 0 ? [] : [`with ${mediaIds.length} of media`]),
  ];
  return `<article><strong>${escapeHtml(`${author.name} @${author.username}`)}</strong>
<div>${escapeHtml(text)}</div><small>${escapeHtml(more.join(', '))}</small></article>`;
}

function countOf(count: number, noun: string, shown: number): string {
  return `${count === 1 ? `1 ${noun}` : `${count} ${noun}s`}${count > shown ? `, the newest ${shown} shown` : ''}`;
}
