/** JSONata's own functions: https://docs.jsonata.org/string-functions and its neighbours. */
const jsonataFunctions = `
  abs append assert average base64decode base64encode boolean ceil clone contains count decodeUrl decodeUrlComponent
  distinct each encodeUrl encodeUrlComponent error eval exists filter floor formatBase formatInteger formatNumber
  fromMillis join keys length lookup lowercase map match max merge millis min not now number pad parseInteger power
  random reduce replace reverse round shuffle sift single sort split spread sqrt string substring substringAfter
  substringBefore sum toMillis trim type uppercase zip`;

/** Millrace's additions; the README of `@millrace/mapping-sandbox` describes them. */
const additions = 'addTime base64urlDecode base64urlEncode formatDate hash hmac parseDate resumeUrl uuid';

/** All functions that expressions may call, without the `$`. */
export const functionNames: ReadonlySet<string> = new Set(`${jsonataFunctions} ${additions}`.trim().split(/\s+/));
