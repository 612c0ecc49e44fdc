// How much of a field's room is used.
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/components/ui/useFormat';
import { classes } from '@/lib/classes';

export function Counter({ used, limit }: { used: number; limit: number }) {
  const { t } = useTranslation('bots');
  const format = useFormat();
  return (
    <p
      className={classes(
        'relative mt-1.5 text-right text-xs tabular-nums',
        used > limit ? 'text-danger' : 'text-muted',
      )}
    >
      <span aria-hidden="true">
        {format.number(used)}/{format.number(limit)}
      </span>
      <span className="sr-only">
        {t('form.characters', { used: format.number(used), limit: format.number(limit) })}
      </span>
    </p>
  );
}
