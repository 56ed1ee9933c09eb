import { variants as all } from './all.mjs';
import { launch, userAgentOf } from './browsers.mjs';
import { scriptOf } from './bundles.mjs';
import { measureCost, measureSizes } from './cost.mjs';
import { startShop } from './shop.mjs';

const [who] = process.argv.slice(2);
const variants = all.filter(({ id }) => !who || who === 'all' || who.split(',').includes(id));
const files = new Map();
for (const v of variants) files.set(`/scripts/${v.id}.js`, await scriptOf(v));
const shop = await startShop(files);
const browser = await launch();
const t = Date.now();
const parts = { shop, files, browser, userAgent: userAgentOf(browser) };
for (const variant of variants) {
  console.log(
    ((Date.now() - t) / 1000).toFixed(0),
    variant.name,
    JSON.stringify(await measureSizes({ ...parts, variant })),
  );
  console.log(
    ((Date.now() - t) / 1000).toFixed(0),
    variant.name,
    JSON.stringify(await measureCost({ ...parts, variant, withBacklog: true })),
  );
}
await browser.close();
await shop.close();
