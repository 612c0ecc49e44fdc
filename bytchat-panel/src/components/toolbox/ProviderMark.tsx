// A provider's mark, in our own drawing.
import { HardDrive } from 'lucide-react';
import type { ProviderName } from '@/api/types';

export function ProviderMark({ provider }: { provider: ProviderName }) {
  return (
    <span
      aria-hidden="true"
      className="grid size-9 shrink-0 place-items-center rounded-lg border border-line bg-sunken text-[15px] font-semibold text-ink"
    >
      {provider === 'local' ? <HardDrive className="size-4" /> : provider === 'google' ? 'G' : 'O'}
    </span>
  );
}
