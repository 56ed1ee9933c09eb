/** What the order endpoint says of itself. */
import { type Answer, originOf } from './ask.js';
import { type Finding, failed, passed, skipped } from './check.js';

const NOT_FROM_HERE = [401, 403, 404];
export const LOG = 'Look into its log.';

export const noAnswer = ({ url, failure }: Answer): Finding =>
  failed(
    `${originOf(url)} does not answer: ${failure}. Is it running, and is ORDER_ENDPOINT_URL right?`,
  );

export function judgeHealth(answer: Answer): Finding {
  const { status, text } = answer;
  if (status === 0) return noAnswer(answer);
  if (status === 200 && text.includes('"ok"')) return passed('it answers.');
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

export function judgeReady(answer: Answer): Finding {
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
