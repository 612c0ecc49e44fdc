// One subject of the account: what it is at the left, what to do at the right.
import { type ReactNode, useId } from 'react';

interface Props {
  title: string;
  text?: ReactNode;
  children: ReactNode;
}

export function Section({ title, text, children }: Props) {
  const id = useId();
  return (
    <section
      aria-labelledby={id}
      className="grid gap-x-10 gap-y-5 border-line border-t py-8 first:border-t-0 first:pt-0 md:grid-cols-[minmax(0,16rem)_1fr]"
    >
      <div>
        <h2 id={id} className="font-semibold text-base">
          {title}
        </h2>
        {text && <p className="mt-1 text-pretty text-muted text-sm leading-6">{text}</p>}
      </div>
      <div className="min-w-0">{children}</div>
    </section>
  );
}
