// Sign-in and sign-out in the header: who is here, under the shop's own key.
import { say } from './cart.js';

const KEY = 'saltmarsh.account';

const signedIn = () => localStorage.getItem(KEY);

/** @param {{ identify(email: string): void, reset(): void }} tracker */
export function connectAccount(tracker) {
  const button = document.querySelector('[data-account]');
  const dialog = document.querySelector('#sign-in');
  const form = dialog.querySelector('form');

  const show = () => {
    const email = signedIn();
    button.textContent = email ? 'Sign out' : 'Sign in';
    button.title = email ? `Signed in as ${email}` : '';
    button.setAttribute('aria-haspopup', email ? 'false' : 'dialog');
  };

  const forget = () => {
    localStorage.removeItem(KEY);
    show();
  };

  button.addEventListener('click', () => {
    if (!signedIn()) return dialog.showModal();
    forget();
    tracker.reset();
    say('Signed out');
  });
  // The inspector's button has reset the tracker already.
  addEventListener('saltmarsh:reset', forget);

  form.addEventListener('submit', (event) => {
    if (event.submitter?.value === 'cancel') return;
    const email = form.elements.email.value.trim();
    localStorage.setItem(KEY, email);
    tracker.identify(email);
    show();
    say(`Signed in as ${email}`);
  });

  show();
  // Themes identify a signed-in customer on every page; the tracker sends nothing when nothing changed.
  const email = signedIn();
  if (email) tracker.identify(email);
}
