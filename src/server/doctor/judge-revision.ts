/** Whether a revision is still supported, by what Klaviyo says and by what it has announced for all of them. */
import { REVISION_LIFE_YEARS, REVISION_STABLE_YEARS } from '../limits.js';
import type { Answer } from './ask.js';
import { type Finding, failed, passed } from './check.js';
import { isAbout } from './klaviyo-probe.js';

const UPDATE = 'Update klaviyo-storefront, or take out the revision you have set.';

function yearsAfter(revision: string, years: number): number {
  const date = new Date(`${revision.slice(0, 10)}T00:00:00Z`);
  return date.setUTCFullYear(date.getUTCFullYear() + years);
}

const day = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** The moment that `Sunset` (RFC 8594) names, epoch ms. */
function sunsetIn({ headers }: Answer): number | undefined {
  const at = Date.parse(headers.get('sunset') ?? '');
  return Number.isNaN(at) ? undefined : at;
}

export function judgeRevision(revision: string, answer: Answer, now: number): Finding {
  if (answer.status === 410) {
    return failed(`Klaviyo has retired revision ${revision} (410). ${UPDATE}`);
  }
  if (answer.status === 400 && isAbout(answer, 'revision')) {
    return failed(`Klaviyo does not know revision ${revision} (400). ${UPDATE}`);
  }
  const endsAt = sunsetIn(answer) ?? yearsAfter(revision, REVISION_LIFE_YEARS);
  if (Number.isNaN(endsAt)) return failed(`${revision} is no date. ${UPDATE}`);
  if (endsAt <= now)
    return failed(`revision ${revision} was supported until ${day(endsAt)}. ${UPDATE}`);
  const isOld =
    // RFC 9745; a draft of it had the word true.
    answer.headers.has('deprecation') || yearsAfter(revision, REVISION_STABLE_YEARS) <= now;
  const until = `${revision} is supported until ${day(endsAt)}`;
  return passed(isOld ? `${until}, and deprecated: update before that day.` : `${until}.`);
}
