/** The tracker itself, as `createClient` starts it, with its defaults. */
import { createClientOn } from '../../../../src/browser/client.js';
import { readOptions } from '../../../../src/browser/options.js';
import type { QueuedEvent } from '../../../../src/browser/queued-event.js';
import type { Device } from '../device.js';
import { COMPANY } from '../klaviyo.js';
import { propertiesOf, type Strategy } from './strategy.js';

const settings = readOptions({ companyId: COMPANY });

/** Unique ids of a device's events, which reports name them by. */
const numbersOf = new WeakMap<Device, Map<string, number>>();

export const ours: Strategy = {
  name: 'ours',
  title: 'klaviyo-storefront',
  open: (page, device, teller) => {
    const numbers = numbersOf.get(device) ?? new Map<string, number>();
    numbersOf.set(device, numbers);
    const client = createClientOn(page.env, { ...settings }, () => undefined);
    client.on('dropped', ({ uniqueId, reason }) => {
      const number = numbers.get(uniqueId);
      if (number !== undefined) teller.drop(number, reason);
    });
    client.on('delivered', ({ uniqueId }) => void numbers.delete(uniqueId));
    return {
      identify: (email) => void client.identify({ email }),
      track: (metric, number) => {
        void client.track(metric, propertiesOf(number)).then((uniqueId) => {
          if (uniqueId) numbers.set(uniqueId, number);
        });
      },
    };
  },
  stored: ({ records, local }) => {
    const spilled = [...local]
      .filter(([key]) => key.includes(':event:'))
      .map(([, value]) => JSON.parse(value) as Partial<QueuedEvent>);
    // Some are in both.
    const data = [...records.values(), ...spilled].map((record) => (record as QueuedEvent).data);
    const numbers = data
      .filter((text) => text?.startsWith('"properties"'))
      .map((text) => JSON.parse(`{${text}}`).properties.n as number);
    return [...new Set(numbers)];
  },
};
