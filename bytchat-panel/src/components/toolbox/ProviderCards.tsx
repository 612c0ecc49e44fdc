// The providers side by side, with the dialogs that give them keys.
import { useState } from 'react';
import { QueryState } from '@/components/ui/QueryState';
import { Skeleton } from '@/components/ui/Skeleton';
import { useProviders } from '@/queries/providers';
import { KeyDialog, type Vendor } from './KeyDialog';
import { ProviderCard } from './ProviderCard';
import { RemoveKeyDialog } from './RemoveKeyDialog';

type Asking = { kind: 'nothing' } | { kind: 'key' | 'removal'; provider: Vendor };

const GRID = 'grid gap-4 md:grid-cols-2 xl:grid-cols-3';

export function ProviderCards({ isCompact = false }: { isCompact?: boolean }) {
  const providers = useProviders();
  const [asking, setAsking] = useState<Asking>({ kind: 'nothing' });
  const close = () => setAsking({ kind: 'nothing' });
  return (
    <>
      <QueryState query={providers} loading={<Loading />}>
        {(list) => (
          <div className={GRID}>
            {list.map((provider) => (
              <ProviderCard
                key={provider.provider}
                provider={provider}
                isCompact={isCompact}
                onSaveKey={(vendor) => setAsking({ kind: 'key', provider: vendor })}
                onRemoveKey={(vendor) => setAsking({ kind: 'removal', provider: vendor })}
              />
            ))}
          </div>
        )}
      </QueryState>
      {asking.kind === 'key' && <KeyDialog provider={asking.provider} onClose={close} />}
      {asking.kind === 'removal' && <RemoveKeyDialog provider={asking.provider} onClose={close} />}
    </>
  );
}

function Loading() {
  return (
    <div className={GRID}>
      {['google', 'openai', 'local'].map((name) => (
        <Skeleton key={name} className="h-40 rounded-xl" />
      ))}
    </div>
  );
}
