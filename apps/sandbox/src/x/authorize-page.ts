import { escapeHtml } from '../html.js';
import type { XUser } from './users.js';

/** The page that asks a person whether an app may act for one of the sandbox's users. */
export function authorizePage(asked: {
  /** Where the form goes; it carries what the app asked for. */
  action: string;
  client: string;
  scopes: readonly string[];
  users: readonly XUser[];
}): string {
  const options = asked.users
    .map(
      ({ username, name }) =>
        `<option value="${escapeHtml(username)}">${escapeHtml(`${name} (@${username})`)}</option>`,
    )
    .join('');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>X sandbox: allow access</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 32rem; margin: 2rem auto; padding: 0 1rem; color: #1c2430; }
label { display: block; margin: 1rem 0; }
</style>
</head>
<body>
<h1>Allow access?</h1>
<p>The app <strong>${escapeHtml(asked.client)}</strong> asks for ${asked.scopes.map((scope) => `<code>${escapeHtml(scope)}</code>`).join(', ')}.</p>
<form method="post" action="${escapeHtml(asked.action)}">
<label>As <select name="username">${options}</select></label>
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>
</form>
</body>
</html>
`;
}
