import { parseArgs } from 'node:util';
import { isEmail } from '../shared/profile.js';
import { type Command, loadEnvFile, UsageError } from './command.js';
import { GROUPS, type Group } from './doctor/check.js';
import { runDoctor } from './doctor/doctor.js';
import { renderResult, renderSum, reportOf } from './doctor/render-report.js';
import type { CheckResult } from './doctor/run-checks.js';
import { EnvironmentError, words } from './environment.js';

const help = `Usage: klaviyo-storefront doctor [options]

Checks that everything is set up, one line each: ✔ right, ✘ wrong and what to do, – skipped and
why. Makes no order, and without --live writes nothing into the Klaviyo account.

  --live EMAIL                also send a test profile and test events, and look whether they arrive;
                              with an address of your own. The events start no flow
  --only GROUPS               only some of ${GROUPS.join(', ')},
                              with commas between, and what these need
  --revision DATE             of Klaviyo's API; default: the one that this version uses
  --json                      print one JSON object: { ok, passed, failed, skipped, checks: [{ id,
                              group, title, status, message, durationMs }] }
  --help                      show this

It reads the environment, and .env in this folder. As for serve:

  KLAVIYO_PUBLIC_KEY          the company id
  KLAVIYO_PRIVATE_KEY         private API key
  KLAVIYO_API_HOST            default: Klaviyo; the sandbox's address for a try
  ORDER_SIGNING_SECRET        what orders are signed with
  SHOPIFY_WEBHOOK_SECRET, WOOCOMMERCE_WEBHOOK_SECRET

And for itself; without one, what needs it is skipped:

  KLAVIYO_SCOPES              what the private key has to be allowed, with blanks between; 'all' for
                              everything that createKlaviyo can do (default: events:write)
  ORDER_ENDPOINT_URL          where serve is, such as https://orders.your.shop
  KLAVIYO_WEBHOOK_SECRET      what your webhook at Klaviyo was made with
  KLAVIYO_WEBHOOK_URL         where your shop takes Klaviyo's webhooks
  SHOP_URL                    a page of your shop that has the script tag
  SCRIPT_URL                  the script, where the page's HTML has no tag of it

Exit code: 0 when nothing has failed, 1 when something has, 2 for a mistake in the call or in an address.
`;

function read(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        live: { type: 'string' },
        only: { type: 'string' },
        revision: { type: 'string' },
        json: { type: 'boolean' },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function readGroups(only: string | undefined): Group[] | undefined {
  if (only === undefined) return undefined;
  const names = words(only);
  const groups = GROUPS.filter((group) => names.includes(group));
  if (groups.length > 0 && groups.length === new Set(names).size) return groups;
  throw new UsageError(`--only takes some of ${GROUPS.join(', ')}, with commas between.`);
}

function checkLive(live: string | undefined): void {
  if (live === undefined) return;
  if (!isEmail(live)) throw new UsageError('--live takes an email address of your own.');
  if (/@(example|test)\.com$/i.test(live)) {
    throw new UsageError('--live needs another address: Klaviyo drops example.com and test.com.');
  }
}

async function doctor(args: string[]): Promise<void> {
  const { live, only, revision, json: isJson = false } = read(args);
  const groups = readGroups(only);
  checkLive(live);
  loadEnvFile();
  let before: CheckResult | undefined;
  const onResult = (result: CheckResult): void => {
    if (!isJson) console.log(renderResult(result, before));
    before = result;
  };
  const options = { environment: process.env, live, groups, revision, onResult };
  const report = reportOf(
    await runDoctor(options).catch((error: unknown) => {
      throw error instanceof EnvironmentError ? new UsageError(error.message) : error;
    }),
  );
  console.log(isJson ? JSON.stringify(report, null, 2) : renderSum(report));
  if (!report.ok) process.exitCode = 1;
}

export const doctorCommand: Command = { summary: 'check that all is set up', help, run: doctor };
