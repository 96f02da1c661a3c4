/** Of an API token `t` and the membership `m` of its user: the lesser of their roles. */
export const apiTokenRole = `case m.role when 'administrator' then t.role else m.role end`;

/** Of the same: whether the token lets anybody in. */
export const apiTokenIsGood = 'm.disabled_at is null and (t.expires_at is null or t.expires_at > now())';
