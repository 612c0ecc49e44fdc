// Between the question and the first word.
import { useTranslation } from 'react-i18next';

export function Thinking() {
  const { t } = useTranslation('chat');
  return (
    <p className="flex h-7 items-center gap-2.5 text-[15px] text-muted">
      <span aria-hidden className="size-2 animate-pulse rounded-full bg-accent" />
      {t('answer.thinking')}
    </p>
  );
}
