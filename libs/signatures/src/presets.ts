import { bitbucket } from './presets/bitbucket.js';
import { discord } from './presets/discord.js';
import { github } from './presets/github.js';
import { gitlabSigned } from './presets/gitlab-signed.js';
import { gitlab } from './presets/gitlab.js';
import { hubspot } from './presets/hubspot.js';
import { intercom } from './presets/intercom.js';
import { linear } from './presets/linear.js';
import { mailgun } from './presets/mailgun.js';
import { paddle } from './presets/paddle.js';
import { sendgrid } from './presets/sendgrid.js';
import { shopify } from './presets/shopify.js';
import { slack } from './presets/slack.js';
import { square } from './presets/square.js';
import { standardWebhooks } from './presets/standard-webhooks.js';
import { stripe } from './presets/stripe.js';
import { svix } from './presets/svix.js';
import { twilio } from './presets/twilio.js';
import { typeform } from './presets/typeform.js';
import { zoom } from './presets/zoom.js';
import type { Preset } from './scheme.js';

/** The senders whose way to sign Millrace knows, by the name that goes into `preset`. */
export const presets = {
  bitbucket,
  discord,
  github,
  gitlab,
  'gitlab-signed': gitlabSigned,
  hubspot,
  intercom,
  linear,
  mailgun,
  paddle,
  sendgrid,
  shopify,
  slack,
  square,
  'standard-webhooks': standardWebhooks,
  stripe,
  svix,
  twilio,
  typeform,
  zoom,
} as const satisfies Record<string, Preset>;

export type PresetName = keyof typeof presets;

export const presetNames = Object.keys(presets) as [PresetName, ...PresetName[]];
