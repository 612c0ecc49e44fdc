// A provider: whether it can answer, with whose key, and what can be done about it.
import { CircleCheck, KeyRound, TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Provider } from '@/api/types';
import { Badge } from '@/components/ui/Badge';
import { Button } from '@/components/ui/Button';
import { Card } from '@/components/ui/Card';
import { useFormat } from '@/components/ui/useFormat';
import type { Vendor } from './KeyDialog';
import { ProviderMark } from './ProviderMark';

interface ProviderCardProps {
  provider: Provider;
  isCompact: boolean;
  onSaveKey: (provider: Vendor) => void;
  onRemoveKey: (provider: Vendor) => void;
}

export function ProviderCard({ provider, isCompact, onSaveKey, onRemoveKey }: ProviderCardProps) {
  const { t } = useTranslation('toolbox');
  const name = provider.provider;
  return (
    <Card className="flex min-w-0 flex-col gap-4 p-4 sm:p-5">
      <div className="flex flex-wrap items-center gap-3">
        <ProviderMark provider={name} />
        <h3 className="flex-1 text-base font-semibold">{t(`provider.${name}`)}</h3>
        <StandingBadge provider={provider} />
      </div>
      <div className="flex-1 space-y-1 text-sm text-muted">
        {name === 'local' ? (
          <LocalText provider={provider} isCompact={isCompact} />
        ) : (
          <KeyText provider={provider} />
        )}
      </div>
      {name !== 'local' && (
        <div className="flex flex-wrap gap-2">
          <Button
            variant={provider.configured ? 'secondary' : 'primary'}
            size="sm"
            icon={KeyRound}
            aria-label={
              provider.key_last4
                ? t('keys.replaceOf', { provider: t(`provider.${name}`) })
                : t('keys.addOf', { provider: t(`provider.${name}`) })
            }
            onClick={() => onSaveKey(name)}
          >
            {provider.key_last4 ? t('keys.replace') : t('keys.add')}
          </Button>
          {provider.key_last4 && (
            <Button
              variant="ghost"
              size="sm"
              aria-label={t('keys.removeOf', { provider: t(`provider.${name}`) })}
              onClick={() => onRemoveKey(name)}
            >
              {t('keys.remove')}
            </Button>
          )}
        </div>
      )}
    </Card>
  );
}

function StandingBadge({ provider }: { provider: Provider }) {
  const { t } = useTranslation('toolbox');
  if (provider.key_problem) {
    return (
      <Badge tone="danger" icon={TriangleAlert}>
        {t('keys.unreadable')}
      </Badge>
    );
  }
  return provider.configured ? (
    <Badge tone="ok" icon={CircleCheck}>
      {t('keys.ready')}
    </Badge>
  ) : (
    <Badge tone="warn" icon={KeyRound}>
      {t('keys.missing')}
    </Badge>
  );
}

function KeyText({ provider }: { provider: Provider }) {
  const { t } = useTranslation('toolbox');
  const format = useFormat();
  const last4 = provider.key_last4 ?? '';
  if (provider.key_problem) {
    return (
      <p>{provider.configured ? t('keys.unreadableServer', { last4 }) : t('keys.unreadableAlone', { last4 })}</p>
    );
  }
  if (provider.source === 'own') {
    const when = provider.checked_at && t('keys.checked', { when: format.relative(provider.checked_at) });
    return (
      <>
        <p className="text-[15px] text-ink">{t('keys.source.own', { last4 })}</p>
        <p>{when || t('keys.unchecked')}</p>
      </>
    );
  }
  if (provider.source === 'server') return <p className="text-[15px] text-ink">{t('keys.source.server')}</p>;
  return <p>{provider.configured ? t('keys.source.notNeeded') : t('keys.source.none')}</p>;
}

function LocalText({ provider, isCompact }: { provider: Provider; isCompact: boolean }) {
  const { t } = useTranslation('toolbox');
  const hasServer = provider.source === 'server';
  return (
    <>
      {hasServer && <p className="text-[15px] text-ink">{t('keys.source.localServer')}</p>}
      <p>{t('keys.local')}</p>
      {!isCompact && <p>{hasServer ? t('keys.localServer') : t('keys.localNone')}</p>}
    </>
  );
}
