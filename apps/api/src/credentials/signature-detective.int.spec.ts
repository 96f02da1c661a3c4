import { createHmac } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { useApi, type TestUser } from '../../test/api.fixture.js';

const test = useApi();
let user: TestUser;
beforeAll(async () => {
  user = await test.signedIn();
});

const secret = 'shpss_4711';
const body = '{"id":1,  "total":"9.90"}';
const signature = createHmac('sha256', secret).update(body).digest('base64');
const question = {
  secret,
  method: 'POST',
  url: 'https://hooks.example.com/hook/1',
  headers: { 'X-Shopify-Hmac-Sha256': signature },
  rawBodyBase64: Buffer.from(body).toString('base64'),
};

const ask = (change: object = {}) =>
  test
    .as(user)
    .post('/v1/credentials/detect-signature')
    .send({ ...question, ...change });

describe('the signature detective', () => {
  it('names the scheme that fits', async () => {
    const { body: answer } = await ask().expect(200);
    expect(answer).toMatchObject({ complete: true, findings: [{ verdict: 'fits', scheme: 'shopify' }] });
    expect(JSON.stringify(answer)).not.toContain(secret);
  });

  it('names what is in the way: a body that was serialised anew', async () => {
    const changed = JSON.stringify(JSON.parse(body));
    const resigned = createHmac('sha256', secret).update(changed).digest('base64');
    const { body: answer } = await ask({ headers: { 'X-Shopify-Hmac-Sha256': resigned } }).expect(200);
    expect(answer).toMatchObject({ findings: [{ verdict: 'nearMiss', problem: 'body_reserialised' }] });
  });

  it('refuses a question that is not whole with its places', async () => {
    const { body: answer } = await ask({ rawBodyBase64: '***', url: 'nowhere' }).expect(422);
    expect(JSON.stringify(answer)).toMatch(/\/rawBodyBase64.*|.*\/url/);
    expect(JSON.stringify(answer)).not.toContain(secret);
  });

  it('answers signed-in users only', async () => {
    await test.anonymous().post('/v1/credentials/detect-signature').send(question).expect(401);
  });
});
