// All of them, in the order of the list.
import { offline } from './offline.js';

export const scenarios = [...offline];
