/**
 * Whether the order endpoint is there and knows the secret. No order is made: what is sent is signed, and
 * empty, so that it is refused for what it lacks (422) by whoever takes the signature.
 */
import type { ServerEnv } from '../env.js';
import { SHOPIFY_SIGNATURE, SHOPIFY_TOPIC } from '../platforms/shopify.js';
import { WOOCOMMERCE_SIGNATURE, WOOCOMMERCE_TOPIC } from '../platforms/woocommerce.js';
import type { Answer, Ask } from './ask.js';
import { type Check, type Finding, failed, passed, skipped } from './check.js';
import { judgeClock } from './clock-skew.js';
import { judgeHealth, judgeReady, LOG, noAnswer } from './judge-endpoint.js';
import type { DoctorSettings } from './settings.js';
import { signPlatform, signStandard } from './sign-request.js';

const IGNORED_TOPIC = 'klaviyo-storefront/doctor';

export function orderChecks(settings: DoctorSettings, env: ServerEnv, ask: Ask): Check[] {
  const { ordersUrl, signingSecrets, shopifySecret, woocommerceSecret } = settings;
  let unsigned: Promise<Answer> | undefined;

  const post = (path: string, body: string, own: Record<string, string>, signal: AbortSignal) =>
    ask(`${ordersUrl}${path}`, {
      ...{ method: 'POST', body, signal },
      headers: { 'content-type': 'application/json', ...own },
    });

  async function isThere(signal: AbortSignal): Promise<Finding> {
    unsigned ??= post('/orders', '{}', {}, signal);
    const answer = await unsigned;
    const { status } = answer;
    if (status === 0) return noAnswer(answer);
    if (status >= 300 && status < 400)
      return failed(`it leads elsewhere (${status}): set ORDER_ENDPOINT_URL to where.`);
    if (status === 401)
      return passed('it answers, and refuses orders that nobody has signed (401).');
    if (status === 404)
      return failed(
        'there is no /orders (404). Is ORDER_ENDPOINT_URL right, its base path included?',
      );
    if (status === 422 || status === 400 || status === 202) {
      return failed(
        `it takes what nobody has signed (${status}): anybody can make orders. That is not this package’s endpoint; what is between?`,
      );
    }
    return failed(`/orders answers ${status} to what is not signed, and should answer 401. ${LOG}`);
  }

  async function takesSecret(signal: AbortSignal): Promise<Finding> {
    for (const [index, secret] of signingSecrets.entries()) {
      const at = { id: `doctor-${env.uuid()}`, at: env.now() };
      const answer = await post('/orders', '{}', signStandard(secret, '{}', at), signal);
      const which =
        signingSecrets.length === 1 ? '' : ` number ${index + 1} of ${signingSecrets.length}`;
      if (answer.status === 0) return noAnswer(answer);
      if (answer.status === 401) {
        return failed(
          `it refuses ORDER_SIGNING_SECRET${which} (401). Give the endpoint and its senders the same one, and let both clocks be right.`,
        );
      }
      if (answer.status !== 422) {
        return failed(
          `/orders answers ${answer.status} to an empty order that is signed, and should answer 422. ${LOG}`,
        );
      }
    }
    return passed('an empty order is refused for what it lacks (422); none was made.');
  }

  const platform = (
    name: 'shopify' | 'woocommerce',
    [variable, secret]: readonly [string, string],
    [signature, topic]: readonly [string, string],
  ): Check => ({
    ...{ id: `order-${name}`, group: 'orders', title: `/webhooks/${name}` },
    needs: ['order-endpoint'],
    async run(signal) {
      if (secret === '')
        return skipped(`${variable} is not set. Set it where ${name} sends its webhooks.`);
      const own = { [signature]: signPlatform(secret, '{}'), [topic]: IGNORED_TOPIC };
      const answer = await post(`/webhooks/${name}`, '{}', own, signal);
      const { status } = answer;
      if (status === 0) return noAnswer(answer);
      if (status === 200) return passed('a signed webhook of no known topic is taken and ignored.');
      if (status === 401)
        return failed(`it refuses ${variable} (401). Is it the same there, and in ${name}?`);
      if (status === 404)
        return failed(
          `the endpoint has no such route (404). Set ${variable} there, and start it again.`,
        );
      return failed(`it answers ${status}, and should answer 200. ${LOG}`);
    },
  });

  const needs = ['order-endpoint'];
  const checks: Check[] = [
    { ...{ id: 'order-endpoint', group: 'orders', title: 'order endpoint' }, run: isThere },
    {
      ...{ id: 'order-health', group: 'orders', title: '/healthz', needs },
      run: async (signal) => judgeHealth(await ask(`${ordersUrl}/healthz`, { signal })),
    },
    {
      ...{ id: 'order-ready', group: 'orders', title: '/readyz', needs },
      run: async (signal) => judgeReady(await ask(`${ordersUrl}/readyz`, { signal })),
    },
    {
      ...{ id: 'order-clock', group: 'orders', title: 'clock of the endpoint', needs },
      async run(signal) {
        unsigned ??= post('/orders', '{}', {}, signal);
        return judgeClock(await unsigned, 'the endpoint’s');
      },
    },
    {
      ...{ id: 'order-signature', group: 'orders', title: 'order signature accepted' },
      needs: ['signing-secret', 'order-endpoint'],
      run: takesSecret,
    },
    platform(
      'shopify',
      ['SHOPIFY_WEBHOOK_SECRET', shopifySecret],
      [SHOPIFY_SIGNATURE, SHOPIFY_TOPIC],
    ),
    platform(
      'woocommerce',
      ['WOOCOMMERCE_WEBHOOK_SECRET', woocommerceSecret],
      [WOOCOMMERCE_SIGNATURE, WOOCOMMERCE_TOPIC],
    ),
  ];
  if (ordersUrl !== undefined) return checks;
  const why =
    'ORDER_ENDPOINT_URL is not set. Set it to where `serve` is, such as https://orders.your.shop.';
  return checks.map(({ needs: _needs, ...check }) => ({ ...check, run: () => skipped(why) }));
}
