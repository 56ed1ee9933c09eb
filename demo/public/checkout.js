// Posts the order to the shop's own backend, from both checkouts, and leaves for the confirmation.
import { emptyCart, readCart, renewCart } from './cart.js';

const NO_ANSWER =
  'The shop did not answer. Press again: the same cart is never ordered twice by that.';

async function post(body) {
  try {
    const response = await fetch('/orders', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return await response.json();
  } catch {
    return { message: NO_ANSWER };
  }
}

/**
 * @param {HTMLFormElement} form with the fields email, firstName, lastName, address, zip and city
 * @param {{ identify(fields: Record<string, string>): void, visitor(): unknown }} tracker
 */
export function connectCheckout(form, tracker) {
  const button = form.querySelector('.primary');
  const problem = form.querySelector('[data-problem]');
  const show = (message = '') => {
    problem.textContent = message;
    problem.hidden = !message;
    button.disabled = !message;
  };

  // Come back to after the order, by the back button: the cart is another one by now.
  addEventListener('pageshow', ({ persisted }) => persisted && location.reload());

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    show();
    const fields = Object.fromEntries(
      [...new FormData(form)].map(([name, value]) => [name, String(value).trim()]),
    );
    tracker.identify(fields);
    // After that, so that it is the buyer whom the order joins.
    const visitor = await tracker.visitor();
    const { id, items, total } = readCart();
    const { email, firstName, lastName, address, zip, city } = fields;
    const answer = await post({
      ...{ cartId: id, total, visitor },
      items: items.map(({ id, quantity }) => ({ id, quantity })),
      customer: { email, firstName, lastName },
      address: { address1: address, zip, city },
    });
    if (answer.url) {
      emptyCart();
      location.assign(answer.url);
      return;
    }
    if (answer.cartIsOrdered) renewCart();
    show(answer.message ?? NO_ANSWER);
  });
}
