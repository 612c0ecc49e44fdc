// What Bytchat does, beside the door: an answer that shows where it comes from.
import { FileText, Quote } from 'lucide-react';
import { Trans, useTranslation } from 'react-i18next';

export function ProductStatement() {
  const { t } = useTranslation('auth');
  return (
    <aside className="hidden min-h-dvh flex-col justify-center gap-10 border-line border-l bg-sunken px-12 py-16 lg:flex xl:px-20">
      <div className="max-w-lg">
        <p className="text-balance font-semibold text-3xl leading-tight tracking-tight">{t('statement.title')}</p>
        <p className="mt-4 text-pretty text-lg text-muted leading-7">{t('statement.text')}</p>
      </div>
      <Example />
    </aside>
  );
}

function Example() {
  const { t } = useTranslation('auth');
  return (
    <figure className="flex max-w-lg flex-col gap-3">
      <figcaption className="sr-only">{t('statement.example')}</figcaption>
      <p className="self-end rounded-2xl rounded-br-md bg-accent px-4 py-2.5 text-[15px] text-on-accent leading-6">
        {t('statement.question')}
      </p>
      <div className="rounded-2xl rounded-bl-md border border-line bg-surface p-5 shadow-raised">
        <p className="text-[15px] leading-7">
          <Trans
            ns="auth"
            i18nKey="statement.answer"
            components={{ b: <strong />, one: <Chip n={1} />, two: <Chip n={2} /> }}
          />
        </p>
        <div className="mt-4 border-line border-t pt-4">
          <p className="flex items-center gap-2 font-medium text-muted text-sm">
            <FileText aria-hidden className="size-4" />
            {t('statement.source')}
          </p>
          <p className="mt-2 flex gap-2 text-sm leading-6">
            <Quote aria-hidden className="mt-1 size-3.5 shrink-0 text-muted" />
            <span className="text-muted">
              <Trans
                ns="auth"
                i18nKey="statement.passage"
                components={{ m: <mark className="rounded-sm bg-mark px-0.5 text-ink" /> }}
              />
            </span>
          </p>
        </div>
      </div>
    </figure>
  );
}

function Chip({ n }: { n: number }) {
  return (
    <span className="mx-0.5 inline-flex h-5 min-w-5 items-center justify-center rounded-md bg-accent-soft px-1 align-text-bottom font-semibold text-accent text-xs">
      {n}
    </span>
  );
}
