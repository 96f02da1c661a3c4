import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { detectSignature, type SignatureDetection } from '@millrace/signatures';
import { z } from 'zod';
import { Answers, Refuses } from '../http/answers.js';
import { Requires } from '../http/roles.js';

const signatureQuestion = z
  .strictObject({
    secret: z
      .string()
      .min(1)
      .max(10_000)
      .describe('the secret that the sender signs with; it is neither kept nor shown'),
    method: z.string().min(1).max(20).describe('as it was called, such as POST'),
    url: z.url().max(8_000).describe('the full address that the sender called'),
    headers: z
      .record(z.string(), z.union([z.string(), z.array(z.string())]))
      .describe('the headers as they arrived, by name'),
    rawBodyBase64: z.base64().describe('the bytes of the body as they arrived, as base64'),
  })
  .meta({ id: 'SignatureQuestion' });

const signatureFinding = z
  .object({
    verdict: z
      .enum(['fits', 'nearMiss', 'noFit'])
      .describe('`nearMiss`: signed with this secret, but the problem is in the way; `noFit`: signed, but not with it'),
    scheme: z.string().describe('a preset, or the type of credential'),
    problem: z.string().optional().describe('what is in the way'),
    text: z.string().describe('what was found, for a person'),
    fields: z
      .record(z.string(), z.union([z.string(), z.number()]))
      .optional()
      .describe('the fields of a webhook credential to use, without its secret'),
  })
  .meta({ id: 'SignatureFinding' });

const signatureDetection = z
  .object({
    findings: z.array(signatureFinding).describe('likely ones first; empty when nothing looks like a signature'),
    complete: z.boolean().describe('false when the body was too large to try everything'),
  })
  .meta({ id: 'SignatureDetection' });

@ApiTags('Credentials')
@Controller('v1/credentials')
export class SignatureDetectiveController {
  @Post('detect-signature')
  @HttpCode(200)
  @Requires('member')
  @ApiOperation({
    summary: 'Find out how a call was signed',
    description: 'Names the scheme that fits the secret, or what is in the way. Nothing is stored.',
  })
  @Answers(200, 'What was found', signatureDetection)
  @Refuses('validation_failed')
  detectSignature(@Body({ schema: signatureQuestion }) body: z.output<typeof signatureQuestion>): SignatureDetection {
    const { secret, method, url, headers, rawBodyBase64 } = body;
    return detectSignature({
      secret,
      method,
      url,
      headers,
      rawBody: Buffer.from(rawBodyBase64, 'base64'),
      clock: Date.now,
    });
  }
}
