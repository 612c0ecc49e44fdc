// One bot of the list; the whole card leads to its chat.
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Bot } from '@/api/types';
import { Badge } from '@/components/ui/Badge';
import { useFormat } from '@/components/ui/useFormat';
import { BotAvatar } from './BotAvatar';
import { modelNames } from './botCard';

const SHOWN_MODELS = 2;
/** Names up to here are never cut. */
const SHORT = 12;

export function BotCard({ bot }: { bot: Bot }) {
  const { t } = useTranslation('bots');
  const format = useFormat();
  const id = useId();
  return (
    <article
      aria-labelledby={id}
      className="relative flex h-full flex-col gap-4 rounded-xl border border-line bg-surface p-5 transition hover:border-line-strong hover:shadow-raised has-focus-visible:border-accent"
    >
      <div className="flex min-w-0 gap-3.5">
        <BotAvatar name={bot.name} />
        <div className="min-w-0">
          <h2 id={id} className="truncate text-base font-semibold" title={bot.name}>
            <Link to={`/bots/${bot.id}`} className="rounded after:absolute after:inset-0 after:rounded-xl">
              {bot.name}
            </Link>
          </h2>
          <p className="mt-0.5 line-clamp-2 min-h-10 text-sm break-words text-muted">
            {bot.description || t('card.noDescription')}
          </p>
        </div>
      </div>
      <div className="mt-auto flex flex-col items-start gap-3">
        <BotModels bot={bot} />
        <time dateTime={bot.updated_at} className="text-xs text-muted">
          {t('card.changed', { when: format.relative(bot.updated_at) })}
        </time>
      </div>
    </article>
  );
}

function BotModels({ bot }: { bot: Bot }) {
  const { t } = useTranslation('bots');
  const models = modelNames(bot);
  const hidden = models.slice(SHOWN_MODELS);
  if (!models.length) return <Badge tone="warn">{t('card.noModels')}</Badge>;
  return (
    <ul aria-label={t('card.models')} className="flex w-full min-w-0 gap-1.5">
      {models.slice(0, SHOWN_MODELS).map((model) => (
        <li key={model} className={model.length > SHORT ? 'min-w-0' : 'shrink-0'} title={model}>
          <Badge tone="neutral">{model}</Badge>
        </li>
      ))}
      {hidden.length > 0 && (
        <li title={hidden.join(', ')} className="shrink-0">
          <Badge tone="neutral">
            <span aria-hidden="true">+{hidden.length}</span>
            <span className="sr-only">{t('card.moreModels', { count: hidden.length })}</span>
          </Badge>
        </li>
      )}
    </ul>
  );
}
