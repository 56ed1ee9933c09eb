// Tells the order endpoint what is in the book, until it has answered with a receipt. What the README asks of
// a sender: signed by Standard Webhooks, the same webhook-id each time, again after a 503 or no answer.
import { Webhook } from 'standardwebhooks';

const ANSWER_MAX_MS = 5000;
const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 5000;
const ORDERS_AT_ONCE = 10;

const isPending = ({ state }) => state === 'pending';

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

  /** What is to be said of one order, in its order. Answers how long to wait where that did not work. */
  async function send(entry) {
    for (const message of entry.messages.filter(isPending)) {
      const outcome = await post(message);
      if (isClosed || !settle(entry, message, outcome)) return outcome.retryAfterMs ?? 0;
    }
    return undefined;
  }

  /** Several orders at a time, the oldest first. Answers when to try again. */
  async function sendAll() {
    for (;;) {
      const open = book.entries().filter(({ messages }) => messages.some(isPending));
      if (open.length === 0) return undefined;
      const waits = await Promise.all(open.slice(0, ORDERS_AT_ONCE).map(send));
      const asked = waits.filter((wait) => wait !== undefined);
      if (asked.length > 0) {
        const backoffMs = RETRY_FIRST_MS * 2 ** Math.min(failures, 10);
        failures += 1;
        return Math.max(...asked, Math.min(RETRY_MAX_MS, backoffMs));
      }
      failures = 0;
    }
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
