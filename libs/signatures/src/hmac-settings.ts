import type { HmacAlgorithm, Scheme } from './scheme.js';
import { mentions, parseTemplate } from './template.js';

/** The settings of an HMAC that is not one of the presets. */
export interface HmacSettings {
  secretEncoding?: 'text' | 'hex' | 'base64' | undefined;
  header?: string | undefined;
  algorithm?: 'sha256' | 'sha1' | 'sha512' | undefined;
  encoding?: 'hex' | 'base64' | undefined;
  prefix?: string | undefined;
  timestampHeader?: string | undefined;
  toleranceSeconds?: number | undefined;
  idHeader?: string | undefined;
  signedContent?: string | undefined;
}

const settingNames = [
  'secretEncoding',
  'header',
  'algorithm',
  'encoding',
  'prefix',
  'timestampHeader',
  'toleranceSeconds',
  'idHeader',
  'signedContent',
] as const satisfies readonly (keyof HmacSettings)[];

/** What does not go together in the settings, by field. */
export function hmacFieldFaults(
  fields: HmacSettings & { preset?: string | undefined },
): { field: keyof HmacSettings; message: string }[] {
  if (fields.preset !== undefined) {
    return settingNames
      .filter((field) => fields[field] !== undefined)
      .map((field) => ({ field, message: 'the preset settles this: leave it out' }));
  }
  const faults: { field: keyof HmacSettings; message: string }[] = [];
  const add = (field: keyof HmacSettings, message: string): unknown => faults.push({ field, message });
  const template = parseTemplate(contentOf(fields));
  if ('fault' in template) {
    add('signedContent', template.fault);
    return faults;
  }
  const has = (value: Parameters<typeof mentions>[1]): boolean => mentions(template.parts, value);
  if (has('form')) add('signedContent', '{form} belongs to the preset twilio');
  if (!has('body')) add('signedContent', 'without {body} anything could be sent under a signature');
  if (has('timestamp') && fields.timestampHeader === undefined) add('timestampHeader', '{timestamp} needs it');
  if (!has('timestamp') && fields.timestampHeader !== undefined) {
    add('signedContent', 'without {timestamp} the time of sending could be changed');
  }
  if (has('id') !== (fields.idHeader !== undefined)) add('idHeader', 'it goes with {id} in what is signed');
  if (fields.toleranceSeconds !== undefined && fields.timestampHeader === undefined) {
    add('toleranceSeconds', 'it needs timestampHeader');
  }
  return faults;
}

/** The scheme that the settings describe. */
export function schemeOf(settings: HmacSettings): Scheme {
  const { timestampHeader, idHeader, prefix } = settings;
  const algorithm: HmacAlgorithm = `hmac-${settings.algorithm ?? 'sha256'}`;
  return {
    algorithm,
    encoding: settings.encoding ?? 'hex',
    key: settings.secretEncoding ?? 'text',
    signature: {
      header: (settings.header ?? 'x-millrace-signature').toLowerCase(),
      ...(prefix !== undefined && { prefix }),
    },
    ...(timestampHeader !== undefined && {
      timestamp: {
        at: { header: timestampHeader.toLowerCase() },
        unit: 'either',
        toleranceSeconds: settings.toleranceSeconds ?? 300,
      },
    }),
    ...(idHeader !== undefined && { id: { header: idHeader.toLowerCase() } }),
    signedContent: contentOf(settings),
  };
}

function contentOf({ signedContent, timestampHeader }: HmacSettings): string {
  return signedContent ?? (timestampHeader === undefined ? '{body}' : '{timestamp}.{body}');
}
