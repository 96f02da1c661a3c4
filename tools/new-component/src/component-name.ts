/** A name in the spellings that files need. */
export interface ComponentName {
  /** `my-shop`: folder, queue, image. */
  kebab: string;
  /** `myShop`: what the component is exported as. */
  camel: string;
  /** `MY_SHOP`: environment variables. */
  constant: string;
  /** `My shop`: what people read. */
  title: string;
}

const maxLength = 40;

/** Packages and processes are called so, or would be when `component-` is put before it. */
const taken = ['runtime', 'sdk', 'conformance', 'probe'];

/** What the generated file imports or declares, and words of the language: no constant can have these names. */
const words =
  'action credential item secret settings trigger z arguments await break case catch class const continue debugger default delete do ' +
  'else enum eval export extends false finally for function if implements import in instanceof interface let new null package ' +
  'private protected public return static super switch this throw true try typeof undefined var void while with yield';

/** Reads a name. Throws, in words that say what to do, when no component can be called so. */
export function componentName(text: string | undefined): ComponentName {
  if (text === undefined || text === '')
    throw new Error('Say how the component is called: npm run new-component my-shop');
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(text)) {
    throw new Error(`"${text}" cannot be a component's name: small letters, digits and single dashes, such as my-shop`);
  }
  if (text.length > maxLength) {
    throw new Error(`"${text}" has ${text.length} characters, and a component's name has at most ${maxLength}`);
  }
  const parts = text.split('-');
  const camel = parts.map((part, index) => (index === 0 ? part : capital(part))).join('');
  if (taken.includes(text) || words.split(' ').includes(camel)) {
    throw new Error(`"${text}" is reserved: take a longer name, such as ${text}-api`);
  }
  return { kebab: text, camel, constant: text.replaceAll('-', '_').toUpperCase(), title: capital(parts.join(' ')) };
}

/** A template with the spellings in place of NAME_KEBAB and its like. */
export function filledIn(template: string, name: ComponentName): string {
  return template
    .replaceAll('NAME_KEBAB', name.kebab)
    .replaceAll('NAME_CAMEL', name.camel)
    .replaceAll('NAME_CONSTANT', name.constant)
    .replaceAll('NAME_TITLE', name.title);
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
