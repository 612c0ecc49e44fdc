// Goes from part to part of a text that is too long to be scrolled through at once.
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '@/components/ui/IconButton';

interface Props {
  part: number;
  parts: number;
  onGo: (part: number) => void;
}

export function PartBar({ part, parts, onGo }: Props) {
  const { t } = useTranslation('training');
  if (parts === 1) return null;
  return (
    <div className="flex items-center justify-center gap-3 border-line border-t px-5 py-2">
      <IconButton
        icon={ChevronLeft}
        size="sm"
        label={t('viewer.previousPart')}
        disabled={part === 0}
        onClick={() => onGo(part - 1)}
      />
      <span role="status" className="text-muted text-sm tabular-nums">
        {t('viewer.part', { n: part + 1, total: parts })}
      </span>
      <IconButton
        icon={ChevronRight}
        size="sm"
        label={t('viewer.nextPart')}
        disabled={part === parts - 1}
        onClick={() => onGo(part + 1)}
      />
    </div>
  );
}
