const leastLength = 10;

/** What is wrong with a message that whoever owns the flow reads when a step has failed; nothing for one that can be acted on. */
export function textFaults(text: string, secrets: readonly string[]): string[] {
  const faults: string[] = [];
  const say = (wrong: boolean, fault: string): void => {
    if (wrong) faults.push(`${fault}: “${secrets.reduce((shown, secret) => shown.replaceAll(secret, '•••'), text)}”`);
  };
  say(text.trim().length < leastLength, 'the message says next to nothing');
  say(/\bundefined\b|\[object \w+\]|\bNaN\b/.test(text), 'the message shows a value that was not there');
  say(/\n\s+at |\bat \S+ \(\S+:\d+:\d+\)|node_modules|file:\/\//.test(text), 'the message shows a stack');
  say(/^(?:\w*Error|Uncaught)\b:?/.test(text), 'the message begins with the name of an error class');
  say(/Cannot read propert|is not (?:a function|iterable|defined)/.test(text), 'the message is of a bug in the code');
  say(
    secrets.some((secret) => text.includes(secret)),
    'the message shows a secret',
  );
  return faults;
}

/** A message has to say of whom or of what it speaks. */
export function nameFaults(text: string, names: readonly string[]): string[] {
  const lower = text.toLowerCase();
  if (names.some((name) => name !== '' && lower.includes(name.toLowerCase()))) return [];
  return [`the message names none of ${names.join(', ')}: “${text}”`];
}
