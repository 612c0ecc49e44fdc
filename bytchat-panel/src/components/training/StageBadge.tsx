// Where a document is on its way to being known, in a word, a sign and a colour.
import { CircleAlert, CircleCheck, Clock, LoaderCircle, type LucideIcon, MessageCircle } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Badge, type BadgeTone } from '@/components/ui/Badge';
import type { Stage } from '@/lib/training';

const LOOKS: Record<Stage, { tone: BadgeTone; icon: LucideIcon }> = {
  queued: { tone: 'neutral', icon: Clock },
  reading: { tone: 'accent', icon: LoaderCircle },
  vectors: { tone: 'ok', icon: MessageCircle },
  ready: { tone: 'ok', icon: CircleCheck },
  failed: { tone: 'danger', icon: CircleAlert },
};

export function StageBadge({ stage }: { stage: Stage }) {
  const { t } = useTranslation('training');
  const { tone, icon } = LOOKS[stage];
  return (
    <Badge tone={tone} icon={icon} {...(stage === 'reading' && { className: '[&_svg]:animate-spin' })}>
      {t(`stage.${stage}`)}
    </Badge>
  );
}
