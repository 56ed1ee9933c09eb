import { CLOCK_SKEW_MAX_MS, SIGNATURE_TOLERANCE_MS } from '../limits.js';
import type { Answer } from './ask.js';
import { type Finding, failed, passed, skipped } from './check.js';

/**
 * How far this clock is ahead of the other one, at least, in ms; undefined when the answer has no date. An
 * answer's date is some moment between request and answer, and has whole seconds only.
 */
function skewMs({ headers, sentAt, receivedAt }: Answer): number | undefined {
  const earliest = Date.parse(headers.get('date') ?? '');
  if (Number.isNaN(earliest)) return undefined;
  const latest = earliest + 1000;
  if (sentAt > latest) return sentAt - latest;
  return receivedAt < earliest ? receivedAt - earliest : 0;
}

/** @param whose the other clock, such as `Klaviyo’s` */
export function judgeClock(answer: Answer, whose: string): Finding {
  const skew = skewMs(answer);
  if (skew === undefined) return skipped(`the answer has no Date header to compare with.`);
  const seconds = Math.round(Math.abs(skew) / 1000);
  const words = `${seconds} s ${skew > 0 ? 'ahead of' : 'behind'} ${whose}`;
  if (Math.abs(skew) <= CLOCK_SKEW_MAX_MS) {
    return passed(seconds === 0 ? `as ${whose}.` : `${words}, which is little enough.`);
  }
  return failed(
    `this machine’s clock is ${words}. Set it by NTP: signatures are good for ${SIGNATURE_TOLERANCE_MS / 1000} s, and events carry its time.`,
  );
}
