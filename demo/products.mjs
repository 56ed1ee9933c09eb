/** The eight pieces the demo sells. Prices are in euros. */
const pieces = [
  [
    'tide-mug',
    'Tide mug',
    34,
    'Cups',
    'Blue over bare sand',
    '9 cm tall, 320 ml',
    'Thrown thick at the foot and thin at the lip, then dipped once, upside down, for as long as it takes to say its name.',
  ],
  [
    'pebble-cups',
    'Pebble cups',
    42,
    'Cups',
    'Salt white, celadon and slate',
    'A pair, 180 ml each',
    'Two small cups that stack. No handles: if the tea is too hot to hold, it is too hot to drink.',
  ],
  [
    'estuary-teapot',
    'Estuary teapot',
    118,
    'Pouring',
    'Slate over tidal blue',
    '900 ml',
    'A round-bellied pot with a spout cut low, so that it pours to the last drop and stops without dripping.',
  ],
  [
    'samphire-jug',
    'Samphire jug',
    64,
    'Pouring',
    'Moss over oat',
    '22 cm tall, 1.1 litres',
    'For water on the table, milk for a crowd, or the first branches of the year.',
  ],
  [
    'reed-bowl',
    'Reed bowl',
    58,
    'Tableware',
    'Celadon over oat',
    '24 cm across',
    'Deep enough for soup, wide enough for a salad for two. The glaze pools where it was lifted from the bucket.',
  ],
  [
    'dune-plate',
    'Dune plate',
    46,
    'Tableware',
    'Rust on oat',
    '26 cm across',
    'A dinner plate with a raised edge and one pour of iron glaze. No two pours fall alike.',
  ],
  [
    'heron-vase',
    'Heron vase',
    96,
    'Keeping',
    'Slate under fog grey',
    '28 cm tall',
    'A narrow neck that holds a single stem upright, and a heavy belly that keeps it from falling over.',
    112,
  ],
  [
    'storm-jar',
    'Storm jar',
    72,
    'Keeping',
    'Rust over fog grey',
    '24 cm tall, with lid',
    'Flour, coffee or ginger biscuits. The lid is ground to its own jar and fits no other.',
  ],
];

export const currency = 'EUR';

export const products = pieces.map(
  ([slug, name, price, category, glaze, size, text, compareAtPrice], index) => ({
    id: `SM-${101 + index}`,
    sku: `SM-${101 + index}-${slug.split('-')[0].toUpperCase()}`,
    slug,
    name,
    price,
    ...(compareAtPrice === undefined ? {} : { compareAtPrice }),
    currency,
    brand: 'Saltmarsh',
    categories: [category],
    glaze,
    size,
    text,
    url: `/products/${slug}`,
    imageUrl: `/assets/images/${slug}.svg`,
  }),
);

const format = new Intl.NumberFormat('en-IE', {
  style: 'currency',
  currency,
  minimumFractionDigits: 0,
});
export const money = (amount) => format.format(amount);
