// Turns snapshots into the inspector's DOM. Knows nothing of where they come from.
import {
  chip,
  clock,
  duration,
  fill,
  node,
  panel,
  part,
  setText,
  shortId,
} from './inspector-dom.js';

const IDENTITY = {
  none: ['Nobody yet.', 'Events are held until we know who this is.'],
  anonymous: [
    'Anonymous.',
    'Events are held until we know who this is: sign in, or give an email at the checkout.',
  ],
  identified: ['Identified.', 'Klaviyo can tell who this is, so events go out at once.'],
};
const CONSENT_NOTE = {
  pending: ['Waiting for consent.', 'Events stay in memory; nothing is stored, nothing is sent.'],
  denied: ['Refused.', 'Nothing is stored and nothing is sent.'],
};

function showQueue({ queue, consent }, now) {
  const held = queue.filter((entry) => entry.held).length;
  setText(part('queue-count'), String(queue.length));
  setText(
    part('queue-note'),
    held > 0 && consent === 'granted' ? `${held} held until we know who this is.` : '',
  );
  fill(
    part('queue'),
    queue,
    ({ uniqueId, metric, createdAt, attempts, held, batch }) =>
      node(
        'li',
        '',
        node('b', '', metric ?? 'Profile update'),
        shortId(uniqueId),
        node(
          'span',
          'qa-meta',
          chip(held ? 'held' : attempts ? 'retrying' : 'ready', held ? 'is-held' : ''),
          batch ? chip(`batch ${batch.slice(0, 4)}`) : undefined,
          `${duration(now - createdAt)} old, ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`,
        ),
      ),
    'Empty: nothing waits to be delivered.',
  );
}

export function showTracker(inspection, isIdentified, now) {
  const { consent, identity, storage, counters } = inspection;
  const [title, note] = CONSENT_NOTE[consent] ?? IDENTITY[identity];
  setText(part('identity'), title);
  setText(part('identity-note'), note);
  setText(part('is-identified'), String(isIdentified));
  setText(part('storage'), storage === 'memory' ? 'memory only' : storage);
  setText(
    part('counters'),
    `${counters.queued} queued, ${counters.delivered} delivered, ${counters.dropped} dropped`,
  );
  for (const input of part('consent').querySelectorAll('input')) {
    input.checked = input.value === consent;
  }
  showQueue(inspection, now);
}

export function showPause(pause, now) {
  const element = part('pause');
  element.hidden = !pause || pause.untilAt <= now;
  if (element.hidden) return;
  const seconds = ((pause.untilAt - now) / 1000).toFixed(1);
  const failures = `${pause.failures} ${pause.failures === 1 ? 'failure' : 'failures'} in a row`;
  setText(element, `Paused (${pause.reason}): next attempt in ${seconds} s, after ${failures}.`);
}

export function showNetwork(name, note) {
  for (const input of part('network').querySelectorAll('input')) {
    input.checked = input.value === name;
  }
  setText(part('network-note'), note);
  panel.dataset.network = name;
}

/** What came from the order endpoint is told apart from what the browser sent. */
const ENDPOINTS = {
  events: 'single',
  'api/events': 'order',
  'api/event-bulk-create-jobs': 'order, bulk',
};

export function showReceived(events, profiles, requests) {
  const emails = new Map(profiles.map(({ id, email, phoneNumber }) => [id, email ?? phoneNumber]));
  setText(part('received-count'), String(events.length));
  const resent = events.reduce((sum, { duplicates }) => sum + duplicates, 0);
  setText(
    part('received-note'),
    `${requests.length} ${requests.length === 1 ? 'request' : 'requests'}${resent ? `, ${resent} resent copies discarded` : ''}.`,
  );
  fill(
    part('received'),
    events.toReversed(),
    ({ metric, uniqueId, value, receivedAt, profileId, endpoint, backfill, duplicates }) =>
      node(
        'li',
        '',
        node('b', '', metric, value === undefined ? '' : node('i', '', ` ${value}`)),
        shortId(uniqueId),
        node(
          'span',
          'qa-meta',
          chip(ENDPOINTS[endpoint] ?? 'bulk', endpoint.startsWith('api/') ? 'is-server' : ''),
          backfill ? chip('backfill') : undefined,
          duplicates ? chip(`${duplicates} discarded`, 'is-held') : undefined,
          `${clock(receivedAt)}, ${emails.get(profileId) ?? 'anonymous'}`,
        ),
      ),
    'Nothing yet.',
  );
}

const brief = ({ tracked, recorded, waiting, lost, doubled }) =>
  `${tracked} tracked, ${recorded} recorded, ${waiting} waiting${lost ? `, ${lost} lost` : ''}${doubled ? `, ${doubled} doubled` : ''}`;

export function showSum(sum) {
  for (const cell of panel.querySelectorAll('[data-sum]')) {
    setText(cell, String(sum[cell.dataset.sum]));
    cell.classList.toggle(
      'is-bad',
      ['lost', 'doubled'].includes(cell.dataset.sum) && sum[cell.dataset.sum] > 0,
    );
  }
  setText(part('brief'), brief(sum));
  const notes = [
    sum.lost &&
      'Lost: left the queue, yet not recorded. (Klaviyo records nothing for example.com.)',
    sum.elsewhere && `${sum.elsewhere} more recorded that this browser did not track.`,
  ];
  setText(part('sum-note'), notes.filter(Boolean).join(' '));
}

export function showAlert(text) {
  part('alert').hidden = !text;
  setText(part('alert'), text ?? '');
}

/** One line of the log; `count` events of the same kind share a line. */
export function showLog(entries) {
  const list = part('log');
  const known = new Map([...list.children].map((row) => [row.dataset.key, row]));
  for (const { key, at, type, text, count } of entries) {
    const label = count > 1 ? `${count} × ${text}` : text;
    const row = known.get(key);
    if (row) setText(row.querySelector('.qa-what'), label);
    else {
      const added = node(
        'li',
        'qa-line',
        node('time', '', clock(at)),
        chip(type, `is-${type}`),
        node('span', 'qa-what', label),
      );
      added.dataset.key = key;
      list.prepend(added);
    }
  }
  const keys = new Set(entries.map(({ key }) => key));
  for (const [key, row] of known) if (!keys.has(key)) row.remove();
}
