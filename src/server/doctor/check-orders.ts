/**
 * Whether the order endpoint is there and knows the secret. No order is made: what is sent is signed, and
 * empty, so that it is refused for what it lacks (422) by whoever takes the signature.
 */
import type { ServerEnv } from '../env.js';
import { SHOPIFY_SIGNATURE, SHOPIFY_TOPIC } from '../platforms/shopify.js';
import { WOOCOMMERCE_SIGNATURE, WOOCOMMERCE_TOPIC } from '../platforms/woocommerce.js';
import { type Answer, type Ask, originOf } from './ask.js';
import { type Check, type Finding, failed, passed, skipped } from './check.js';
import { judgeClock } from './clock-skew.js';
import type { DoctorSettings } from './settings.js';
import { signPlatform, signStandard } from './sign-request.js';

const IGNORED_TOPIC = 'klaviyo-storefront/doctor';
const NOT_FROM_HERE = [401, 403, 404];
const LOG = 'Look into its log.';

const noAnswer = ({ url, failure }: Answer): Finding =>
  failed(
    `${originOf(url)} does not answer: ${failure}. Is it running, and is ORDER_ENDPOINT_URL right?`,
  );

function judgeHealth(answer: Answer): Finding {
  const { status, text } = answer;
  if (status === 0) return noAnswer(answer);
  if (status === 200 && text.includes('"ok"')) return passed('/healthz answers.');
  if (NOT_FROM_HERE.includes(status)) {
    return skipped(
      `/healthz answers ${status} from here, as it may on the internet. Ask it from beside the endpoint.`,
    );
  }
  return failed(
    `/healthz answers ${status}, and not as the order endpoint does. Is ORDER_ENDPOINT_URL right, its base path included?`,
  );
}

interface Ready {
  delivery?: unknown;
  store?: unknown;
  waiting?: unknown;
  givenUp?: unknown;
}

function readReady({ text }: Answer): Ready {
  try {
    return { ...(JSON.parse(text) as Ready | null) };
  } catch {
    return {}; // not ours
  }
}

function judgeReady(answer: Answer): Finding {
  const { status } = answer;
  if (status === 0) return noAnswer(answer);
  if (NOT_FROM_HERE.includes(status)) {
    return skipped(
      `/readyz answers ${status} from here, as it may on the internet. Ask it from beside the endpoint.`,
    );
  }
  const { delivery, store, waiting, givenUp } = readReady(answer);
  if (store === 'unreachable') return failed(`its store does not answer: see DATABASE_URL. ${LOG}`);
  if (delivery === 'dead') return failed(`it has stopped delivering: start it again. ${LOG}`);
  if (delivery === 'denied') {
    return failed(
      'Klaviyo refuses its key, and orders wait. Mend its KLAVIYO_PRIVATE_KEY, and start it again.',
    );
  }
  if (status !== 200 || delivery === undefined) {
    return failed(`/readyz answers ${status}, and not as the order endpoint does. ${LOG}`);
  }
  const refused =
    typeof givenUp === 'number' && givenUp > 0
      ? ` Klaviyo has refused ${givenUp} for good: see them with npx klaviyo-storefront outbox list.`
      : '';
  const state = String(delivery).replace(/\W/g, '');
  return passed(`delivery is ${state}, ${Number(waiting)} events wait.${refused}`);
}

export function orderChecks(settings: DoctorSettings, env: ServerEnv, ask: Ask): Check[] {
  const { ordersUrl, signingSecrets, shopifySecret, woocommerceSecret } = settings;
  let unsigned: Promise<Answer> | undefined;

  const post = (path: string, body: string, own: Record<string, string>, signal: AbortSignal) =>
    ask(`${ordersUrl}${path}`, {
      ...{ method: 'POST', body, signal },
      headers: { 'content-type': 'application/json', ...own },
    });

  async function refusesUnsigned(signal: AbortSignal): Promise<Finding> {
    unsigned ??= post('/orders', '{}', {}, signal);
    const answer = await unsigned;
    const { status } = answer;
    if (status === 0) return noAnswer(answer);
    if (status >= 300 && status < 400)
      return failed(`it leads elsewhere (${status}): set ORDER_ENDPOINT_URL to where.`);
    if (status === 401) return passed('401 without a signature.');
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
    needs: ['order-unsigned'],
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

  const checks: Check[] = [
    {
      ...{ id: 'order-health', group: 'orders', title: 'order endpoint' },
      run: async (signal) => judgeHealth(await ask(`${ordersUrl}/healthz`, { signal })),
    },
    {
      ...{
        id: 'order-ready',
        group: 'orders',
        title: 'order endpoint ready',
        needs: ['order-health'],
      },
      run: async (signal) => judgeReady(await ask(`${ordersUrl}/readyz`, { signal })),
    },
    {
      ...{ id: 'order-unsigned', group: 'orders', title: 'unsigned orders refused' },
      run: refusesUnsigned,
    },
    {
      ...{ id: 'order-clock', group: 'orders', title: 'clock of the order endpoint' },
      needs: ['order-unsigned'],
      async run(signal) {
        unsigned ??= post('/orders', '{}', {}, signal);
        return judgeClock(await unsigned, 'the order endpoint’s');
      },
    },
    {
      ...{ id: 'order-signature', group: 'orders', title: 'order signature accepted' },
      needs: ['signing-secret', 'order-unsigned'],
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
