// All that is known of a document, for its own page.
import { useTranslation } from 'react-i18next';
import type { BotDocument } from '@/api/types';
import { useFormat } from '@/components/ui/useFormat';
import { classes } from '@/lib/classes';
import { useLanguageName } from './useDocumentFacts';

export function DocumentFacts({ document }: { document: BotDocument }) {
  const { t } = useTranslation('training');
  const format = useFormat();
  const nameLanguage = useLanguageName();
  const facts = [
    // A phone has room for the first three.
    [t('document.size'), format.bytes(document.size_bytes)],
    [t('document.characters'), format.number(document.characters)],
    [t('document.chunks'), document.searchable ? format.number(document.chunks) : null],
    [t('document.language'), document.language && nameLanguage(document.language)],
    [t('document.encoding'), document.encoding.toUpperCase()],
    [t('document.added'), format.dateTime(document.created_at)],
  ] as const;
  return (
    <dl className="flex flex-wrap gap-x-6 gap-y-1 text-sm">
      {facts.map(
        ([name, value], i) =>
          value && (
            <div key={name} className={classes('flex gap-1.5', i > 2 && 'max-sm:hidden')}>
              <dt className="text-muted">{name}</dt>
              <dd className="tabular-nums">{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
