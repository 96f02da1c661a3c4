import type { Preset } from '../scheme.js';

/**
 * https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
 * Not said is whether a retry is signed anew; SendGrid retries for 24 hours, so a timestamp may be that old.
 */
export const sendgrid: Preset = {
  title: 'SendGrid',
  docs: 'https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features',
  secret: 'the verification key (public key) of the event webhook, base64',
  marks: ['x-twilio-email-event-webhook-signature'],
  coversBody: true,
  schemes: [
    {
      algorithm: 'ecdsa-p256-sha256',
      encoding: 'base64',
      key: 'p256',
      signature: { header: 'x-twilio-email-event-webhook-signature' },
      timestamp: {
        at: { header: 'x-twilio-email-event-webhook-timestamp' },
        unit: 'seconds',
        toleranceSeconds: 90_000,
      },
      signedContent: '{timestamp}{body}',
    },
  ],
};
