import { describe, expect, it } from 'vitest';
import { createAuthenticator } from './authenticator.js';
import type { PresetName } from './presets.js';

interface KnownAnswer {
  preset: PresetName;
  source: string;
  secret: string;
  headers: Record<string, string>;
  body: string;
  method?: string;
  url?: string;
  nowMs?: number;
}

const form = { 'content-type': 'application/x-www-form-urlencoded' };
const twilioUrl = 'https://mycompany.com/myapp.php?foo=1&bar=2';
const twilioTests = 'twilio-php, tests of RequestValidator';
const slackBody =
  'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar' +
  '&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com' +
  '%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN' +
  '&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
const sendgridBody =
  '[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address",' +
  '"sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA",' +
  '"sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0",' +
  '"smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]\r\n';

/** Requests and signatures that the senders themselves have published. */
const knownAnswers: KnownAnswer[] = [
  {
    preset: 'github',
    source: 'docs.github.com, Validating webhook deliveries',
    secret: "It's a Secret to Everybody",
    headers: { 'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17' },
    body: 'Hello, World!',
  },
  {
    preset: 'bitbucket',
    source: 'support.atlassian.com, Manage webhooks',
    secret: "It's a Secret to Everybody",
    headers: { 'x-hub-signature': 'sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9' },
    body: 'Hello World!',
  },
  {
    preset: 'slack',
    source: 'docs.slack.dev, Verifying requests from Slack',
    secret: '8f742231b10e8888abcd99yyyzzz85a5',
    headers: {
      'x-slack-request-timestamp': '1531420618',
      'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
    },
    body: slackBody,
    nowMs: 1_531_420_618_000,
  },
  {
    preset: 'square',
    source: 'developer.squareup.com, Verify and validate an event notification',
    secret: 'asdf1234',
    headers: { 'x-square-hmacsha256-signature': '2kRE5qRU2tR+tBGlDwMEw2avJ7QM4ikPYD/PJ3bd9Og=' },
    url: 'https://example.com/webhook',
    body: '{"hello":"world"}',
  },
  {
    preset: 'twilio',
    source: twilioTests,
    secret: '12345',
    headers: { ...form, 'x-twilio-signature': 'RSOYDt4T1cUTdK1PDd93/VVr8B8=' },
    url: twilioUrl,
    body: 'To=%2B18005551212&Digits=1234&CallSid=CA1234567890ABCDE&From=%2B14158675309&Caller=%2B14158675309',
  },
  {
    preset: 'twilio',
    source: `${twilioTests}, a field that is there three times`,
    secret: '12345',
    headers: { ...form, 'x-twilio-signature': 'IK+Dwps556ElfBT0I3Rgjkr1wJU=' },
    url: twilioUrl,
    body: 'Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234',
  },
  {
    preset: 'twilio',
    source: `${twilioTests}, a JSON body`,
    secret: '12345',
    headers: { 'content-type': 'application/json', 'x-twilio-signature': 'a9nBmqA0ju/hNViExpshrM61xv4=' },
    url: `${twilioUrl}&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620`,
    body: '{"property": "value", "boolean": true}',
  },
  {
    preset: 'sendgrid',
    source: 'sendgrid-python, tests of EventWebhook',
    secret:
      'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==',
    headers: {
      'x-twilio-email-event-webhook-timestamp': '1600112502',
      'x-twilio-email-event-webhook-signature':
        'MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=',
    },
    body: sendgridBody,
    nowMs: 1_600_112_503_000,
  },
  {
    preset: 'hubspot',
    source: 'hubspot-api-python, tests of Signature',
    secret: 'yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy',
    headers: {
      'x-hubspot-request-timestamp': '1693657560000',
      'x-hubspot-signature-v3': 'K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y=',
    },
    url: 'https://www.example.com/webhook_uri',
    body: "{'example_field':'example_value'}",
    nowMs: 1_693_657_561_000,
  },
  {
    preset: 'hubspot',
    source: 'hubspot-api-ruby, spec of Signature',
    secret: 'yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy',
    headers: {
      'x-hubspot-request-timestamp': '1700000300000',
      'x-hubspot-signature-v3': 'RnbPH7+UMKVkbV32P8bz450N4M56aPmcru1+D3kSDtw=',
    },
    url: 'https://www.example.com/webhook_uri',
    body: "{'example_field':'example_value'}",
    nowMs: 1_700_000_300_000,
  },
  ...(['svix', 'webhook'] as const).map((stem) => ({
    preset: 'standard-webhooks' as const,
    source: `docs.svix.com, How to verify manually, as ${stem}-id`,
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    headers: {
      [`${stem}-id`]: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      [`${stem}-timestamp`]: '1614265330',
      [`${stem}-signature`]: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    },
    body: '{"test": 2432232314}',
    nowMs: 1_614_265_331_000,
  })),
];

describe('signatures that the senders have published', () => {
  it.each(knownAnswers)('are accepted: $preset ($source)', (known) => {
    const { preset, secret, headers, body, method = 'POST', url = 'https://hooks.example.com/hook/1' } = known;
    const clock = (): number => known.nowMs ?? 0;
    const authenticate = createAuthenticator({ type: 'hmac', preset, secret }, { clock });
    const request = { method, url, headers, body: Buffer.from(body) };
    expect(authenticate(request)).toEqual({ outcome: 'authentic' });
    expect(authenticate({ ...request, body: Buffer.from(`${body}x`) })).toMatchObject({ outcome: 'refused' });
  });
});

describe('the URL that a sender signs', () => {
  const twilio = createAuthenticator({ type: 'hmac', preset: 'twilio', secret: '12345' }, { clock: () => 0 });

  it('may name the usual port for Twilio or not', () => {
    const body = Buffer.from(
      'CallSid=CA1234567890ABCDE&From=%2B14158675309&Digits=1234&To=%2B18005551212&Caller=%2B14158675309',
    );
    // twilio-python, test_validation_adds_port_for_https
    const headers = { ...form, 'x-twilio-signature': 'kvajT1Ptam85bY51eRf/AJRuM3w=' };
    expect(twilio({ method: 'POST', url: twilioUrl, headers, body }).outcome).toBe('authentic');
    const called = twilioUrl.replace('.com', '.com:443');
    expect(twilio({ method: 'POST', url: called, headers, body }).outcome).toBe('authentic');
  });

  it('stands for nothing when the body is neither a form nor hashed into it', () => {
    const headers = { 'content-type': 'application/json', 'x-twilio-signature': 'a9nBmqA0ju/hNViExpshrM61xv4=' };
    const request = { method: 'POST', url: twilioUrl, headers, body: Buffer.from('{}') };
    expect(twilio(request)).toEqual({ outcome: 'refused', reason: 'body_not_signed' });
  });

  it('is taken with reserved characters decoded for HubSpot', () => {
    const hubspot = createAuthenticator(
      { type: 'hmac', preset: 'hubspot', secret: 'hubspot-test-client-secret' },
      { clock: () => 1_790_000_001_000 },
    );
    const headers = {
      'x-hubspot-request-timestamp': '1790000001000',
      'x-hubspot-signature-v3': 'F9kPDZFBm4eJM7eRHt0ll/ezVrl/FGoYeKSqcP3jfxE=',
    };
    const url = 'https://example.com/api/hubspot/webhooks?src=hs%3Aapp%2Fv3&x=%28a%29&y=%20b';
    expect(hubspot({ method: 'POST', url, headers, body: Buffer.from('[]') }).outcome).toBe('authentic');
  });
});
