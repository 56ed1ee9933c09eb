// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are texts of source files
// Mutants of the delivery core: a rule, and the one place in src that it is broken in.
// Each text must be there exactly once; a mutant that no longer fits fails the run.

const client = 'browser/client.ts';
const deliver = 'browser/deliver.ts';
const flush = 'browser/flush.ts';
const journal = 'browser/journal.ts';
const throttle = 'browser/throttle.ts';

/** @type {{ breaks: string, file: string, find: string, put: string }[]} */
export const mutants = [
  {
    breaks: 'an event is removed only after its answer',
    file: deliver,
    find: 'const content = attempt(() => compose(records));',
    put: 'const content = attempt(() => compose(records)); await journal.remove(records);',
  },
  {
    breaks: 'a network failure keeps the event',
    file: deliver,
    find: "if (kind === 'delivered') {",
    put: "if (kind === 'delivered' || kind === 'network') {",
  },
  {
    breaks: 'a 5xx keeps the event',
    file: deliver,
    find: "if (kind === 'rejected' || kind === 'tooLarge') {",
    put: "if (kind === 'rejected' || kind === 'tooLarge' || kind === 'server') {",
  },
  {
    breaks: 'a refused event is given up',
    file: deliver,
    find: "return finish(records, 'dropped', { reason: 'rejected', detail });",
    put: 'return;',
  },
  {
    breaks: 'a refused event is reported as rejected',
    file: deliver,
    find: "return finish(records, 'dropped', { reason: 'rejected', detail });",
    put: 'return finish(records, "delivered", {});',
  },
  {
    breaks: 'a refused bulk request is taken apart',
    file: deliver,
    find: "const size = kind === 'tooLarge' ? Math.ceil(records.length / 2) : 1;",
    put: 'const size = records.length;',
  },
  {
    breaks: 'a bulk request that is too large is halved',
    file: deliver,
    find: "const size = kind === 'tooLarge' ? Math.ceil(records.length / 2) : 1;",
    put: 'const size = 1;',
  },
  {
    breaks: 'a batch is marked before its first attempt',
    file: deliver,
    find: '      record.batch = batch;\n',
    put: '',
  },
  {
    breaks: 'what was sent on its own is marked',
    file: deliver,
    find: ': SINGLE;\n    for (const record of records) {\n      record.batch = batch;',
    put: ': undefined;\n    for (const record of records) {\n      record.batch = batch;',
  },
  {
    breaks: 'an event goes out as whoever it was tracked with',
    file: deliver,
    find: 'const found = attempts ? who : identity.resolve(anonymousId, who);',
    put: 'const found = identity.resolve(identity.current().anonymousId, identity.current().who);',
  },
  {
    breaks: 'an old event is a backfill',
    file: deliver,
    find: 'record.createdAt < staleAt ? asBackfill(record.data) : record.data',
    put: 'record.data',
  },
  {
    breaks: 'a failure makes a pause',
    file: deliver,
    find: 'const pause = throttle.fail(kind, retryAfterMs);',
    put: 'const pause = { untilAt: env.now() + 1000, reason: kind, failures: 1 };',
  },
  {
    breaks: 'Retry-After is obeyed',
    file: deliver,
    find: 'const pause = throttle.fail(kind, retryAfterMs);',
    put: 'const pause = throttle.fail(kind, 0);',
  },
  {
    breaks: 'a pause is stored',
    file: throttle,
    find: 'env.local.write(storageKey, memory);',
    put: '',
  },
  {
    breaks: 'coming online does not end what Klaviyo asked for',
    file: throttle,
    find: "if (read()?.reason === 'network') clear();",
    put: 'clear();',
  },
  {
    breaks: 'a delivery that was under way does not end a pause',
    file: throttle,
    find: 'if (!pause()) clear();',
    put: 'clear();',
  },
  {
    breaks: 'failures in a row wait longer',
    file: throttle,
    find: 'const failures = (memory?.failures ?? 0) + (current ? 0 : 1);',
    put: 'const failures = 1;',
  },
  {
    breaks: 'events of a paused page wait, a hidden one too',
    file: flush,
    find: 'let left = isOpen() ? transport.keepaliveLeft() : 0;',
    put: 'let left = transport.keepaliveLeft();',
  },
  {
    breaks: 'one page flushes at a time',
    file: flush,
    find: 'await parts.lock.run(async () => {',
    put: 'await (async (task: () => Promise<void>) => task())(async () => {',
  },
  {
    breaks: 'an attempt is stored before it is made',
    file: flush,
    find: 'if (!(await journal.persist(requests.flat()))) return parts.schedule(STORE_TIMEOUT_MS);',
    put: '',
  },
  {
    breaks: 'an expired event is reported',
    file: flush,
    find: "await finish(expired.reverse(), 'dropped', { reason: 'expired' });",
    put: 'await journal.remove(expired);',
  },
  {
    breaks: 'an evicted event is reported',
    file: flush,
    find: "await finish(evicted.reverse(), 'dropped', { reason: 'evicted' });",
    put: 'await journal.remove(evicted);',
  },
  {
    breaks: 'the oldest is evicted, not the newest',
    file: flush,
    find: 'for (const record of records.reverse()) {',
    put: 'for (const record of records) {',
  },
  {
    breaks: 'a flush stops when consent is withdrawn',
    file: flush,
    find: '          if (!isGranted()) return;\n          // The page was hidden',
    put: '          // The page was hidden',
  },
  {
    breaks: 'a page that is left sends',
    file: flush,
    find: '        void send(request);\n',
    put: '',
  },
  {
    breaks: 'keepalive has a budget',
    file: 'browser/transport.ts',
    find: 'if (keepalive) keepaliveLeft -= size;',
    put: '',
  },
  {
    breaks: 'what is not committed is spilled',
    file: journal,
    find: 'const isKept = spill.write([...new Set([...changed, ...uncommitted])]);',
    put: 'const isKept = spill.write([...new Set(changed)]);',
  },
  {
    breaks: 'an attempt of a page that is left is spilled',
    file: journal,
    find: 'const isKept = spill.write([...new Set([...changed, ...uncommitted])]);',
    put: 'const isKept = spill.write(uncommitted);',
  },
  {
    breaks: 'the spill is reclaimed',
    file: journal,
    find: '        .filter(isQueuedEvent)\n',
    put: '        .filter((record): record is QueuedEvent => !record)\n',
  },
  {
    breaks: 'the spill is kept until the database has it',
    file: journal,
    find: 'if (reclaimed[0] && (await queue.put(reclaimed))) spill.remove(reclaimed);',
    put: 'if (reclaimed[0]) { spill.remove(reclaimed); await queue.put(reclaimed); }',
  },
  {
    breaks: 'the spilled copy knows better than the stored one',
    file: journal,
    find: 'const all = merge([...stored, ...gone], reclaimed);',
    put: 'const all = merge([...reclaimed], [...stored, ...gone] as never);',
  },
  {
    breaks: 'a page owns what it tracks',
    file: journal,
    find: '        release = lock.own(owner);\n',
    put: '',
  },
  {
    breaks: 'a page that is left lets go of its events',
    file: journal,
    find: '    release?.();\n',
    put: '',
  },
  {
    breaks: 'removing forgets the spilled copy too',
    file: journal,
    find: '!queue.mayHold()) {\n      spill.remove(records);\n',
    put: '!queue.mayHold()) {\n',
  },
  {
    breaks: 'what a hanging database may still hold is known to be over',
    file: journal,
    find: ' else spill.write(records.map(({ key }) => ({ key, over: 1 })));',
    put: ' else spill.remove(records);',
  },
  {
    breaks: 'a fresh event never joins an attempted batch',
    file: 'browser/batch.ts',
    find: 'const members = records.filter((record) => record.batch === batch);',
    put: 'const members = records.filter((record) => record.batch === batch || !record.batch);',
  },
  {
    breaks: 'a batch that is not whole goes one by one',
    file: 'browser/batch.ts',
    find: "const isWhole = members.length === +batch.split(':')[1]!;",
    put: 'const isWhole = true;',
  },
  {
    breaks: 'what was sent on its own never joins a bulk request',
    file: 'browser/batch.ts',
    find: '(record) => !record.batch && whoOf(record) === who',
    put: '(record) => whoOf(record) === who',
  },
  {
    breaks: 'a bulk request is of one visitor',
    file: 'browser/batch.ts',
    find: '(record) => !record.batch && whoOf(record) === who',
    put: '(record) => !record.batch',
  },
  {
    breaks: 'every event has an id of its own',
    file: 'browser/compose-event.ts',
    find: 'const uniqueId = `${rest.uniqueId ?? env.uuid()}`;',
    put: "const uniqueId = `${rest.uniqueId ?? '1'}`;",
  },
  {
    breaks: "an id of the shop's own is never in a bulk request",
    file: 'browser/compose-event.ts',
    find: 'const batch = rest.uniqueId == null ? undefined : SINGLE;',
    put: 'const batch = undefined;',
  },
  {
    breaks: 'while consent is pending nothing is stored',
    file: 'browser/consent.ts',
    find: "if (state !== 'pending') decide();",
    put: "if (state !== 'pending') decide(); else if (call()) resolve(undefined);",
  },
  {
    breaks: 'a refusal is told to the other tabs',
    file: client,
    find: '        env.local.write(refusalKey, 1);\n',
    put: '',
  },
  {
    breaks: 'a tab that hears of a refusal stops',
    file: client,
    find: "if (key === refusalKey && !identity.isReplaced()) void setConsent('denied', true);",
    put: '',
  },
  {
    breaks: 'a refusal wipes the spill',
    file: client,
    find: 'for (const key of env.local.keys(prefix)) env.local.remove(key);',
    put: "for (const key of env.local.keys(prefix)) if (!key.includes(':event:')) env.local.remove(key);",
  },
  {
    breaks: 'a refusal wipes the database',
    file: client,
    find: 'const wiped = journal.clear();',
    put: 'const wiped = Promise.resolve();',
  },
  {
    breaks: 'what a refusal wipes is reported',
    file: client,
    find: "for (const event of await left) report('dropped', { ...nameOf(event), reason: 'consent' });",
    put: 'await left;',
  },
  {
    breaks: 'a write under way when everything is wiped stores nothing',
    file: 'browser/queue.ts',
    find: 'if (wipes !== before) return true;',
    put: '',
  },
  {
    breaks: 'track answers when the event is stored, not before',
    file: client,
    find: '    await stored;\n    // Refused',
    put: '    // Refused',
  },
  {
    breaks: 'a lost connection is opened again',
    file: 'browser/queue.ts',
    find: 'if (isOver || isAgain) throw error;',
    put: 'throw error;',
  },
  {
    breaks: 'a lease holds back other pages',
    file: 'browser/lock.ts',
    find: 'if (isHeld ? found![0] === me : !renew()) break;',
    put: 'if (!isHeld || found![0] === me || !renew()) break;',
  },
  {
    breaks: 'a page that is left gives up its turn',
    file: 'browser/lock.ts',
    find: 'left.onabort = () => resolve();',
    put: '',
  },
  {
    breaks: 'a page that is left does not wait for a turn',
    file: 'browser/lock.ts',
    find: 'locks.request(name, { signal: left }, turn)',
    put: 'locks.request(name, turn)',
  },
  {
    breaks: 'what another tab spills before it hears of a refusal is not stored',
    file: 'browser/queue.ts',
    find: '      if (!mayStore()) return true;\n',
    put: '',
  },
  {
    breaks: 'a record that its key cannot remove is given up',
    file: journal,
    find: 'isQueuedEvent(record) && record.key === keys[index]',
    put: 'isQueuedEvent(record)',
  },
];
