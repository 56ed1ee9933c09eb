/**
 * What shops write by hand: one request for each event as it happens, tried twice more where there was no
 * answer, a 429 or a 5xx. With keepalive and a unique_id, which few give it. Nothing is stored, so a page that
 * ends takes its repetitions with it; an event of nobody known is not sent.
 */
import { eventBody, eventData, profileBody } from '../../../../src/shared/payload.js';
import { post } from './request.js';
import { propertiesOf, type Strategy } from './strategy.js';

/** After the first and the second failure. */
const RETRY_MS = [1000, 2000];

const emailKey = 'email';

export const fetchPerEvent: Strategy = {
  name: 'fetch',
  title: 'one fetch per event, retried twice',
  open: ({ env }, _device, teller) => {
    const underWay = new Set<number>();
    const send = async (number: number, body: string, attempt: number): Promise<void> => {
      underWay.add(number);
      const status = await post(env.fetch, 'events', body).then(
        (response) => response.status,
        () => 0,
      );
      const isWorthIt = !status || status === 429 || status >= 500;
      const retryMs = RETRY_MS[attempt];
      if (isWorthIt && retryMs) env.after(retryMs, () => void send(number, body, attempt + 1));
      else {
        underWay.delete(number);
        teller.lose(number);
      }
    };
    env.listen({ pagehide: () => underWay.forEach(teller.lose) });
    return {
      identify: (email) => void env.local.write(emailKey, email),
      track: (metric, number) => {
        const email = env.local.read<string>(emailKey);
        if (!email) return teller.drop(number, 'unknown by then');
        const data = eventData(metric, propertiesOf(number), env.uuid(), env.now());
        void send(number, eventBody(profileBody(undefined, { email }), data), 0);
      },
    };
  },
  stored: () => [],
};
