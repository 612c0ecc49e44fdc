// What all text controls look like. 16 px on phones, where smaller letters make the browser zoom.
export const CONTROL =
  'w-full min-w-0 rounded-lg border border-line-strong bg-surface px-3 text-base text-ink sm:text-[15px] ' +
  'placeholder:text-muted transition-colors hover:border-muted ' +
  'focus-visible:border-accent focus-visible:outline-offset-0 ' +
  'aria-invalid:border-danger aria-invalid:focus-visible:outline-danger ' +
  'disabled:cursor-not-allowed disabled:border-line disabled:bg-sunken disabled:text-muted';
