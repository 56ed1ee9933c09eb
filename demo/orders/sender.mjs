// Tells the order endpoint what is in the book, until it has answered with a receipt. What the README asks of
// a sender: signed by Standard Webhooks, the same webhook-id each time, again after a 503 or no answer.
import { Webhook } from 'standardwebhooks';

const ANSWER_MAX_MS = 5000;
const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 5000;

/**
 * @param {{ book: ReturnType<typeof import('./book.mjs').openBook>, secret: string,
 *   url: () => string | undefined, log: (text: string) => void }} parts
 *   `url` is the endpoint's address, undefined while it is not there
 */
export function createSender({ book, secret, url, log }) {
  const webhook = new Webhook(secret);
  let timer;
  let isSending = false;
  let isAgain = false;
  let isClosed = false;
  let failures = 0;

  async function post({ id, path, body }) {
    const origin = url();
    if (!origin) return { status: 0 };
    const at = new Date();
    try {
      const response = await fetch(`${origin}${path}`, {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/json',
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
          'webhook-signature': webhook.sign(id, at, body),
        },
        signal: AbortSignal.timeout(ANSWER_MAX_MS),
      });
      const retryAfterMs = 1000 * Number(response.headers.get('retry-after') ?? 0);
      return { status: response.status, retryAfterMs, answer: await response.json() };
    } catch {
      return { status: 0 }; // It may have got the order all the same: the next answer says so.
    }
  }

  /** False when it has to be sent again. */
  function settle(entry, message, { status, answer }) {
    message.attempts += 1;
    message.status = status;
    if (status === 202 || status === 200) {
      Object.assign(message, { state: 'accepted', receipt: answer.receipt });
    } else if (status >= 400 && status < 500 && status !== 408) {
      const fields = answer.errors?.map(({ field, message }) => `${field} ${message}`).join(', ');
      Object.assign(message, { state: 'refused', problem: fields || answer.detail });
    } else return false;
    book.save(entry);
    return true;
  }

  /** One after the other, so that nothing about an order overtakes the order. Answers when to try again. */
  async function sendAll() {
    for (const entry of book.entries()) {
      for (const message of entry.messages.filter(({ state }) => state === 'pending')) {
        const outcome = await post(message);
        if (isClosed) return undefined;
        if (!settle(entry, message, outcome)) {
          failures += 1;
          const backoffMs = RETRY_FIRST_MS * 2 ** Math.min(failures - 1, 10);
          return Math.max(Math.min(RETRY_MAX_MS, backoffMs), outcome.retryAfterMs ?? 0);
        }
        failures = 0;
      }
    }
    return undefined;
  }

  /** Something is new, or the endpoint is there again: send now. */
  async function wake() {
    clearTimeout(timer);
    isAgain = true;
    if (isSending) return;
    isSending = true;
    let nextMs;
    while (isAgain && !isClosed) {
      isAgain = false;
      nextMs = await sendAll().catch((error) => {
        log(`The order book cannot be written: ${error.message}`);
        return RETRY_MAX_MS;
      });
    }
    isSending = false;
    if (nextMs !== undefined && !isClosed) timer = setTimeout(wake, nextMs);
  }

  wake();
  return {
    wake,
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
