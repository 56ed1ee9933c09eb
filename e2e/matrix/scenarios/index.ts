// All of them, in the order of the list.
import { accidents } from './accidents.js';
import { hidden } from './hidden.js';
import { leaving } from './leaving.js';
import { offline } from './offline.js';
import { refused } from './refused.js';
import { scriptTag } from './script-tag.js';
import { storage } from './storage.js';
import { tabs } from './tabs.js';
import { throttled } from './throttled.js';
import { unanswered } from './unanswered.js';
import { visitor } from './visitor.js';

export const scenarios = [
  ...offline,
  ...leaving,
  ...hidden,
  ...tabs,
  ...throttled,
  ...unanswered,
  ...refused,
  ...storage,
  ...accidents,
  ...visitor,
  ...scriptTag,
];
