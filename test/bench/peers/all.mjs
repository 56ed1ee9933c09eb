// Who is compared. A variant is a way to set one of them up; it is what a column shows.
import { adapter as amplitude } from './adapters/amplitude.mjs';
import { adapter as fetchPerEvent } from './adapters/fetch.mjs';
import { adapter as jitsu } from './adapters/jitsu.mjs';
import { adapter as mixpanel } from './adapters/mixpanel.mjs';
import { adapter as ours } from './adapters/ours.mjs';
import { adapter as posthog } from './adapters/posthog.mjs';
import { adapter as rudderstack } from './adapters/rudderstack.mjs';
import { adapter as segment } from './adapters/segment.mjs';
import { adapter as snowplow } from './adapters/snowplow.mjs';

const files = {
  ...{ ours, segment, posthog, rudderstack, snowplow, amplitude, mixpanel, jitsu },
  fetch: fetchPerEvent,
};

/** @type {{ id: string; name: string; file: string; adapter: object; settings: string; options: object }[]} */
export const variants = Object.entries(files).flatMap(([file, adapter]) =>
  adapter.variants.map(({ name, settings, options = {} }, index) => ({
    ...{ id: `${file}${index || ''}`, name, file, adapter, settings, options },
  })),
);
